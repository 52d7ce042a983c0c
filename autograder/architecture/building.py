"""The walk that builds a model: layers from the tables, then their calls in order."""

from __future__ import annotations

import contextlib
import functools
import graphlib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.architecture.allowed import (
    ACTIVATION_KEYS,
    ACTIVATIONS,
    CORE,
    CORE_OPERATIONS,
    DTYPES,
    INNER_LAYERS,
    LAYERS,
    MODELS,
    OPERATION_MODULES,
)
from autograder.architecture.node import Config, Shape
from autograder.architecture.text import shown
from autograder.errors import ArchitectureError, RebuildRefused

Key = tuple[str, int]  # a layer's name within its model, and which of its calls


@dataclass
class Building:
    """The layers built so far."""

    given: bool  # whether arrays are given: then initial values don't matter
    # those that hold weights, by the student's path
    layers: dict[str, Any] = field(default_factory=dict)
    flags: list[tuple[Any, bool]] = field(default_factory=list)  # outermost first
    # what came out of each call: by the student's path and the call's number
    shapes: dict[Key, list[Shape]] = field(default_factory=dict)

    def model(self, entry: Config, path: str, name: str) -> Any:
        """Build a Functional or Sequential model, its layers first."""
        config, cls = entry.get("config"), entry.get("class_name")
        if cls not in MODELS or not isinstance(config, Mapping) or not _is_keras(entry):
            raise RebuildRefused(
                f"{where_text(path)} is a model of class {shown(cls)}, "
                "not of Keras' own: its call is not known."
            )
        place = len(self.flags)
        build = self.functional if "input_layers" in config else self.sequential
        built = build(entry, config, path, name)
        built.student_path = path
        self.flags.insert(place, (built, config.get("trainable") is not False))
        return built

    def sequential(self, entry: Config, config: Config, path: str, name: str) -> Any:
        """Build a chain of layers."""
        import keras

        entries = _entries(config)
        names = _safe_names(entries)
        built = keras.Sequential(name=name)
        for student, inner in entries.items():
            layer = self.layer(inner, _join(path, student), names[student])
            with _refusals(_join(path, student)):
                built.add(layer)
        known = entry.get("build_config")
        shape = config.get("build_input_shape") or (
            known.get("input_shape") if isinstance(known, Mapping) else None
        )
        if not built.built and shape:
            with _refusals(path):
                built.build(tuple(shape))
        return built

    def functional(self, _entry: Config, config: Config, path: str, name: str) -> Any:
        """Build a graph of calls, each one after all that it is called on."""
        import keras

        entries = _entries(config)
        names = _safe_names(entries)
        built = {
            student: self.layer(inner, _join(path, student), names[student])
            for student, inner in entries.items()
        }
        produced: dict[Key, Sequence[Any]] = {
            (student, 0): [built[student].output]
            for student, inner in entries.items()
            if inner["class_name"] == "InputLayer"
        }
        for student, number, data in _in_order(entries, produced.keys(), path):
            where = _join(path, student)
            args = self.call_value(data.get("args") or [], produced, where)
            kwargs = self.call_value(data.get("kwargs") or {}, produced, where)
            with _refusals(where):
                produced[student, number] = keras.tree.flatten(built[student](*args, **kwargs))
            self.shapes[where, number] = [tuple(one.shape) for one in produced[student, number]]
        with _refusals(path):
            return keras.Model(
                inputs=_ends(config["input_layers"], entries, produced),
                outputs=_ends(config["output_layers"], entries, produced),
                name=name,
            )

    def layer(self, entry: Config, path: str, name: str) -> Any:
        """Build one layer or operation."""
        config = entry.get("config")
        if not isinstance(config, Mapping):
            raise RebuildRefused(f"{where_text(path)} has no configuration that could be rebuilt.")
        if isinstance(config.get("layers"), list) and entry.get("class_name") != "Pipeline":
            return self.model(entry, path, name)
        cls = _class(entry, path)
        arguments = self.arguments(config, path, name)
        with _refusals(path):
            built = cls(**arguments)
        built.student_path = path
        if hasattr(built, "weights"):
            self.layers[path] = built
            self.flags.append((built, config.get("trainable") is not False))
        return built

    def arguments(self, config: Config, path: str, name: str) -> dict[str, Any]:
        """What a layer is built with."""
        arguments = {
            key: self.value(value, key, path)
            for key, value in config.items()
            if key != "name" and not _is_left_out(key)
        }
        if "name" in config:
            arguments["name"] = name
        if self.given:
            arguments |= {key: "zeros" for key in config if key.endswith("initializer")}
        return arguments

    def value(self, value: Any, key: str, path: str) -> Any:
        """A value of a layer's configuration: plain,
        or one of the few objects that are known to be harmless.
        """
        if isinstance(value, str):
            if _is_known_text(value, key):
                return value
            raise RebuildRefused(
                f"{where_text(path)} has {key} = «{shown(value)}», which is not rebuilt."
            )
        if _is_plain(value):
            return value
        if isinstance(value, list | tuple):
            return [self.value(item, key, path) for item in value]
        if not isinstance(value, Mapping):
            raise RebuildRefused(
                f"{where_text(path)} has {shown(key)} = {shown(value)}, which is not rebuilt."
            )
        if "class_name" not in value:
            return {str(inner): self.value(item, key, path) for inner, item in value.items()}
        return self.known_object(value, key, path)

    def known_object(self, value: Config, key: str, path: str) -> Any:
        """A data type, an activation function, an array, or a layer inside a layer."""
        cls, inner = value["class_name"], value.get("config")
        if _is_activation(value, key):
            return self.value(inner, key, path)
        if isinstance(inner, Mapping):
            if cls == "DTypePolicy" and isinstance(inner.get("name"), str):
                return self.value(inner["name"], "dtype", path)
            if cls in {"__numpy__", "__tensor__"}:
                with _refusals(path):
                    return np.array(inner["value"], dtype=self.value(inner["dtype"], "dtype", path))
            if _is_keras(value):
                # not recorded with ours: its arrays count as those of the layer around it
                inside = Building(self.given)
                return inside.layer(value, path, safe_name(inner.get("name")))
        raise RebuildRefused(
            f"{where_text(path)} has {shown(key)} = {shown(cls)}, which is not rebuilt."
        )

    def call_value(  # noqa: PLR0911 — one return for each kind of value
        self, value: Any, produced: Mapping[Key, Sequence[Any]], path: str
    ) -> Any:
        """A call argument: tensors of the graph, slices, and plain values."""
        read = functools.partial(self.call_value, produced=produced, path=path)
        if isinstance(value, list | tuple):
            return list(map(read, value))
        if not isinstance(value, Mapping):
            return self.value(value, "argument", path)
        cls, inner = value.get("class_name"), value.get("config") or {}
        if cls == "__keras_tensor__":
            name, number, tensor = inner["keras_history"]
            return produced[name, number][tensor]
        if cls == "__ellipsis__":
            return ...
        if cls == "__slice__":
            return slice(*map(read, (inner["start"], inner["stop"], inner["step"])))
        if cls is None:
            return {str(key): read(item) for key, item in value.items()}
        return self.value(value, "argument", path)


def _class(entry: Config, path: str) -> Any:
    """The class of a layer or operation, from the tables."""
    import keras

    cls, module = entry.get("class_name"), entry.get("module")
    if not isinstance(cls, str) or not isinstance(module, str):
        raise RebuildRefused(
            f"{where_text(path)} is of class {shown(cls)}, which is none of Keras' own."
        )
    public = module.startswith(("keras.layers", "keras.src.layers"))
    if public and cls in LAYERS and _is_keras(entry):
        found = getattr(keras.layers, cls, None)
    elif (module, cls) in INNER_LAYERS:
        found = getattr(importlib.import_module(module), cls, None)
    else:
        found = _operation(module, cls)
    if found is None:
        raise RebuildRefused(
            f"{where_text(path)} is {shown(cls)} from {shown(module)}: "
            "not one of the Keras layers that can be rebuilt."
        )
    return found


def _operation(module: str, cls: str) -> Any:
    """An operation of keras.ops or an activation; None where that name is anything else."""
    import keras

    if module not in OPERATION_MODULES or (module == CORE and cls not in CORE_OPERATIONS):
        return None
    found = vars(importlib.import_module(module)).get(cls)
    if not isinstance(found, type) or not issubclass(found, keras.Operation):
        return None
    return found if found.__module__ == module else None


def _is_left_out(key: str) -> bool:
    """Whether an argument has no bearing on what a rebuilt model computes."""
    return key.endswith(("initializer", "regularizer", "constraint"))


def _is_plain(value: Any) -> bool:
    small = isinstance(value, int) and abs(value) < 1 << 40
    return value is None or isinstance(value, bool | float) or small


def _is_known_text(value: str, key: str) -> bool:
    """Whether a text is short, and as an activation or a data type one that Keras has."""
    if len(value) > 2000 or (key in ACTIVATION_KEYS and value not in ACTIVATIONS):
        return False
    return key != "dtype" or DTYPES.fullmatch(value) is not None


def _is_activation(value: Config, key: str) -> bool:
    """Whether a serialised function is an activation by name."""
    named = value["class_name"] == "function" and isinstance(value.get("config"), str)
    return named and key in ACTIVATION_KEYS and _is_keras_or_builtin(value)


def _is_keras(entry: Config) -> bool:
    """Whether an entry claims to be Keras' own, and not a class that somebody registered."""
    module, registered = entry.get("module"), entry.get("registered_name")
    return (
        isinstance(module, str)
        and module.split(".")[0] == "keras"
        and registered in {None, entry.get("class_name")}
    )


def _is_keras_or_builtin(entry: Config) -> bool:
    return (
        entry.get("module") in {None, "builtins"} or str(entry["module"]).split(".")[0] == "keras"
    )


def _entries(config: Config) -> dict[str, Config]:
    """A model's layers by the student's names."""
    entries: dict[str, Config] = {}
    for entry in config["layers"]:
        name = entry.get("name") or entry["config"]["name"]
        if not isinstance(name, str) or name in entries:
            raise ArchitectureError(
                f"The model has two layers named «{shown(name)}», or one without a name."
            )
        entries[name] = entry
    return entries


def _safe_names(students: Iterable[str]) -> dict[str, str]:
    """A name for each layer that every backend takes: the student's where it is one already."""
    names: dict[str, str] = {}
    used = {name for name in students if safe_name(name) == name}
    for number, student in enumerate(students):
        name = safe_name(student)
        while name != student and name in used:
            name = f"layer_{number}_{len(used)}"
        used.add(name)
        names[student] = name
    return names


def safe_name(name: Any) -> str:
    """The name itself where every backend takes it."""
    return (
        name
        if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]{0,79}", name)
        else "layer"
    )


def _in_order(
    entries: Mapping[str, Config], given: Iterable[Key], path: str
) -> Iterator[tuple[str, int, Config]]:
    """The calls of a functional model, sorted so that each comes
    after those whose tensors it takes.
    """
    calls = {
        (name, number): data
        for name, entry in entries.items()
        for number, data in enumerate(entry.get("inbound_nodes") or [])
    }
    graph: dict[Key, set[Key]] = {key: set() for key in given}
    graph |= {key: _needs(data) for key, data in calls.items()}
    _refuse_missing(graph, path)
    try:
        order = tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        raise ArchitectureError(f"{where_text(path)} goes round in a circle.") from error
    return ((*key, calls[key]) for key in order if key in calls)


def _refuse_missing(graph: Mapping[Key, set[Key]], path: str) -> None:
    needed = set().union(*graph.values())
    missing = sorted({f"«{shown(name)}»" for name, _ in needed - graph.keys()})
    if missing:
        raise ArchitectureError(
            f"{where_text(path)} uses tensors that are not there: {', '.join(missing[:5])}."
        )


def _needs(data: Config) -> set[Key]:
    """The calls that a call takes tensors of."""
    return {(history[0], history[1]) for history in _histories(data)}


def _histories(value: Any) -> Iterator[Sequence[Any]]:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]["keras_history"]
        else:
            for item in value.values():
                yield from _histories(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _histories(item)


def _ends(value: Any, entries: Mapping[str, Config], produced: Mapping[Key, Sequence[Any]]) -> Any:
    """The tensors of `input_layers` or `output_layers`, in their structure."""
    if isinstance(value, Mapping):
        return {key: _ends(item, entries, produced) for key, item in value.items()}
    if len(value) == 3 and isinstance(value[0], str):
        name, number, tensor = value
        # Keras counts a nested Functional's calls from 1 here, from 0 in the calls themselves.
        return produced[name, number - ("input_layers" in entries[name]["config"])][tensor]
    return [_ends(item, entries, produced) for item in value]


def count_calls(entry: Config, depth: int = 0) -> int:
    """How many calls of layers a model makes, those inside of nested models each time."""
    config = entry.get("config")
    layers = config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(layers, list):
        return 1
    if depth > 32:
        raise RebuildRefused("Models are nested more than 32 deep.")
    return 1 + sum(
        max(1, len(inner.get("inbound_nodes") or ())) * count_calls(inner, depth + 1)
        for inner in layers
    )


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def where_text(path: str) -> str:
    """How messages name a layer."""
    return f"«{shown(path)}»" if path else "The model"


@contextlib.contextmanager
def _refusals(path: str) -> Iterator[None]:
    """What Keras or its backend says against a layer's configuration,
    as RebuildRefused with the layer's name.
    """
    try:
        yield
    except _keras_errors() as error:
        said = str(error).strip().partition("\n")[0]
        raise RebuildRefused(
            f"{where_text(path)} can't be rebuilt, Keras says: {shown(said, 300)}"
        ) from error


def _keras_errors() -> tuple[type[BaseException], ...]:
    import keras

    known: tuple[type[BaseException], ...] = (
        ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, MemoryError,
        OSError, RuntimeError, TypeError, ValueError,
    )  # fmt: skip
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return (*known, tf.errors.OpError)
    return known
