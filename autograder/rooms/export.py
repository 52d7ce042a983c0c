"""A student's Keras model as data: its configuration, student-made layers opened,
and its arrays by path.

A layer of a class that the student wrote says nothing in a configuration. If it only composes Keras
layers and operations, calling its `call` on symbolic tensors shows what it is made of. The twin
that this gives shares the layers, hence the weights, with the student's model, which afterwards is
as it was. Runs in the student's kernel.
"""

from __future__ import annotations

import collections
import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
from keras.src.layers.layer import Layer
from keras.src.models.functional import Functional
from keras.src.models.sequential import Sequential

from autograder.rooms.values import Refused, numbers


def export(model: Any, *, weights: bool) -> tuple[str, dict[str, np.ndarray]]:
    """The model's configuration as JSON; with `weights` its arrays too:
    "<layer path>:<index>", "optimizer:<i>".

    Raises:
        Refused: it has no shape yet, or can't be written down.
    """
    if isinstance(model, Sequential) and not model.built:
        raise Refused(
            "the Sequential model has no input shape yet: begin it with keras.Input(shape)"
        )
    with _opened(model) as twin:
        data = keras.saving.serialize_keras_object(twin)
        data["config"]["trainable"] = bool(model.trainable)
        data.pop("compile_config", None)
        if compiled := _compile_config(model):
            data["compile_config"] = compiled
        variables = {
            f"{path}:{i}": v for path, layer in _leaves(twin) for i, v in enumerate(layer.weights)
        }
        data["live"] = _live(twin, model, variables)
        arrays = {key: numbers(variable) for key, variable in variables.items()} if weights else {}
    if weights:
        arrays |= _optimizer_arrays(model)
    return json.dumps(data, default=str), arrays


def _optimizer_arrays(model: Any) -> dict[str, np.ndarray]:
    if getattr(model, "optimizer", None) is None or not model.optimizer.built:
        return {}
    return {
        f"optimizer:{i}": numbers(variable) for i, variable in enumerate(model.optimizer.variables)
    }


def _live(twin: Any, model: Any, variables: dict[str, Any]) -> dict[str, Any]:
    """What a configuration does not say: flags as they are now,
    and which weights train and are optimized.
    """
    optimizer = getattr(model, "optimizer", None)
    optimized = getattr(optimizer, "_trainable_variables", None) or ()
    return {
        "trainable": {path: bool(layer.trainable) for path, layer in _walk(twin)},
        "trainable_weights": _keys(variables, model.trainable_weights),
        "optimized_weights": _keys(variables, optimized),
        "parameters": int(
            sum(np.prod(v.shape) for v in {id(v): v for v in model.weights}.values())
        ),
    }


def _keys(variables: dict[str, Any], those: Iterable[Any]) -> list[str]:
    """The keys of the variables that are among those."""
    wanted = {id(variable) for variable in those}
    return [key for key, variable in variables.items() if id(variable) in wanted]


def _compile_config(model: Any) -> Any:
    if not getattr(model, "compiled", False):
        return None
    try:
        return model.get_compile_config()
    except Exception as error:  # losses and metrics of the student's may do anything
        found = {"unreadable": f"{type(error).__name__}: {error}"[:1000]}
        with contextlib.suppress(Exception):  # and so may an optimizer
            found["optimizer"] = keras.saving.serialize_keras_object(model.optimizer)
        return found


def _walk(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        yield prefix + layer.name, layer
        if isinstance(layer, Functional | Sequential):
            yield from _walk(layer, f"{prefix}{layer.name}/")


def _leaves(model: Any) -> Iterator[tuple[str, Any]]:
    return (
        (path, layer)
        for path, layer in _walk(model)
        if not isinstance(layer, Functional | Sequential)
    )


# --- opening -------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(model: Any) -> Iterator[Any]:
    """The model itself if all its layers are Keras' own, else its opened twin,
    for as long as the context lasts.
    """
    layers = list(model._flatten_layers())  # noqa: SLF001
    if isinstance(model, Functional | Sequential) and not any(_foreign(layer) for layer in layers):
        yield model
        return
    before = [
        (operation, len(operation._inbound_nodes), len(operation._outbound_nodes))  # noqa: SLF001
        for operation in _operations(layers)
    ]
    owners: dict[int, str] = {}
    with contextlib.ExitStack() as undo:
        undo.callback(_forget_nodes, before)
        with _calls_opened(owners):
            inputs, outputs = _traced(model)
        _tell_apart(keras.tree.flatten(outputs), owners, undo)
        twin = keras.Model(inputs, outputs, name=model.name)
        for layer in twin._flatten_layers(include_self=False):  # noqa: SLF001
            _describable(layer, undo)
        yield twin


def _foreign(layer: Any) -> bool:
    """Whether the layer is of the student's making; what it does stands in its `call` alone."""
    return type(layer).__module__.partition(".")[0] != "keras" or isinstance(
        layer, keras.layers.Lambda
    )


def _operations(layers: list[Any]) -> list[Any]:
    graphs = [layer.operations for layer in layers if isinstance(layer, Functional)]
    return list(
        {id(operation): operation for group in [layers, *graphs] for operation in group}.values()
    )


def _forget_nodes(before: list[tuple[Any, int, int]]) -> None:
    for operation, inbound, outbound in before:
        del operation._inbound_nodes[inbound:]  # noqa: SLF001
        del operation._outbound_nodes[outbound:]  # noqa: SLF001


def _traced(model: Any) -> tuple[Any, Any]:
    """Symbolic inputs of the model and the outputs that its graph, or its `call`, makes of them."""
    if isinstance(model, Sequential):
        model = model._functional  # noqa: SLF001
    if isinstance(model, Functional):
        return model._inputs_struct, model._run_through_graph(model.inputs)  # noqa: SLF001
    given = _inputs_as_built(model)
    # A single one goes by position: a `build` of the student's own
    # need not name its argument after `call`'s.
    args, kwargs = (tuple(given.values()), {}) if len(given) == 1 else ((), given)
    try:
        outputs = _inside(model, args, kwargs)
    except Exception as error:  # `call` is the student's and may do anything
        detail = f"{type(error).__name__}: {error}"[:500]
        raise Refused(
            f"the {type(model).__name__} can't be traced on symbolic tensors ({detail})"
        ) from None
    return list(given.values()) if len(given) > 1 else next(iter(given.values())), outputs


def _inputs_as_built(model: Any) -> dict[str, Any]:
    """Symbolic inputs of the shapes that the model was called on, by the arguments' names."""
    shapes = dict(model._build_shapes_dict or {})  # noqa: SLF001
    if not model.built or not shapes:
        raise Refused(
            f"the {type(model).__name__} has not been called on anything yet, "
            "so its shapes are not known"
        )
    return {
        name.removesuffix("_shape"): keras.tree.map_shape_structure(
            lambda shape: keras.Input(shape[1:]), shape
        )
        for name, shape in shapes.items()
        if shape is not None
    }


@contextlib.contextmanager
def _calls_opened(owners: dict[int, str]) -> Iterator[None]:
    """While this lasts, calling a student-made layer
    on symbolic tensors runs its `call` in the open.
    """
    original = Layer.__call__
    stack: list[str] = []

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not any(isinstance(x, keras.KerasTensor) for x in keras.tree.flatten((args, kwargs))):
            return original(layer, *args, **kwargs)
        if _to_open(layer):
            stack.append(layer.name)
            try:
                return _inside(layer, args, kwargs)
            except Exception:  # noqa: S110 — its `call` is the student's and may do anything: it stays a closed box
                pass
            finally:
                stack.pop()
        owners.setdefault(id(layer), ".".join(stack))
        return original(layer, *args, **kwargs)

    Layer.__call__ = call
    try:
        yield
    finally:
        Layer.__call__ = original


def _to_open(layer: Any) -> bool:
    if isinstance(layer, Functional | Sequential):
        return any(_foreign(inner) for inner in layer._flatten_layers())  # noqa: SLF001
    own = [*layer._trainable_variables, *layer._non_trainable_variables]  # noqa: SLF001
    # weights of its own belong to no Keras layer, so they would be lost
    return _foreign(layer) and not own


def _inside(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if isinstance(layer, Functional | Sequential):
        graph = layer._functional if isinstance(layer, Sequential) else layer  # noqa: SLF001
        outputs = graph._run_through_graph(_in_order(graph, args[0] if args else kwargs["inputs"]))  # noqa: SLF001
        return outputs[0] if isinstance(outputs, list | tuple) and len(outputs) == 1 else outputs
    return layer.call(*args, **kwargs)


def _in_order(graph: Any, inputs: Any) -> list[Any]:
    if isinstance(inputs, dict) and not isinstance(graph._inputs_struct, dict):  # noqa: SLF001
        return [inputs[tensor.name] for tensor in graph.inputs]
    return list(keras.tree.flatten(inputs))


def _tell_apart(outputs: list[Any], owners: dict[int, str], undo: contextlib.ExitStack) -> None:
    """Opened layers may hold layers of one name, which no model may:
    they are called "<outer>.<name>" meanwhile.
    """
    operations = _reachable(outputs)
    taken = collections.Counter(operation.name for operation in operations)
    repeated = {name for name, count in taken.items() if count > 1}
    for operation in operations:
        if (name := operation.name) in repeated and owners.get(id(operation)):
            new = candidate = f"{owners[id(operation)]}.{name}"
            number = 1
            while taken[new]:
                number += 1
                new = f"{candidate}_{number}"
            taken[new] += 1
            operation.name = new
            undo.callback(_rename(operation, name))


def _rename(operation: Any, name: str) -> Callable[[], None]:
    def rename() -> None:
        operation.name = name

    return rename


def _reachable(outputs: list[Any]) -> list[Any]:
    found: dict[int, Any] = {}
    seen: set[int] = set()
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        history = getattr(tensor, "_keras_history", None)
        if id(tensor) in seen or history is None or history.operation is None:
            continue
        seen.add(id(tensor))
        found[id(history.operation)] = history.operation
        node = history.operation._inbound_nodes[history.node_index]  # noqa: SLF001
        waiting += node.input_tensors
    return list(found.values())


def _describable(layer: Any, undo: contextlib.ExitStack) -> None:
    """A closed box whose configuration can't be written says its name at least."""
    if not _foreign(layer):
        return
    try:
        json.dumps(keras.saving.serialize_keras_object(layer))
    except Exception:  # `get_config` is the student's, or missing
        config = {"name": layer.name, "trainable": bool(layer.trainable), "dtype": "float32"}
        object.__setattr__(layer, "get_config", lambda: config)
        undo.callback(object.__delattr__, layer, "get_config")
