"""Read a model's configuration into a graph:
nothing is deserialised, nothing of the model is run.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from autograder.architecture.kinds import is_model, kind_of
from autograder.architecture.node import Architecture, Config, Node, Shape
from autograder.architecture.references import (
    Reference,
    checked,
    feeds_by_input,
    flat_feeds,
    named_feeds,
    rebased,
    references,
    tensors,
)
from autograder.architecture.shapes import infer_shape
from autograder.errors import ArchitectureError
from autograder.showing import quoted, shown

MAX_NODES = 50_000  # a nested model that is called twice on each of n levels would make 2^n
MAX_DEPTH = 32  # models within models
Key = tuple[str, int]  # a layer's name within its model, and which of its calls


def read_config(
    config: Config,
    weights: Mapping[str, Any] | None = None,
    aliases: Mapping[str, str] | None = None,
    shapes: Mapping[Key, Sequence[Shape]] | None = None,
) -> Architecture:
    """The graph of what `model.to_json()` holds; `aliases`:
    for paths of layers, the first path of the same layer.

    The shapes written down are believed, unless there are `shapes` of somebody else's: what comes
    out of a call, by the layer's path and the call's number.
    """
    inner = config.get("config")
    if not isinstance(inner, Mapping) or not is_model(inner):
        cls = config.get("class_name", "no class name")
        raise ArchitectureError(
            f"This configuration ({shown(cls)}) lists no layers: "
            "a model that is a class of its own shows no structure. "
            "Expected a Functional or Sequential model."
        )
    try:
        _refuse_keras_2(config, inner)
        return _Reading(weights or {}, aliases or {}, shapes).top(config, inner)
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise ArchitectureError(
            "This configuration is not one that Keras writes "
            f"({type(error).__name__}: {shown(error, 200)})."
        ) from error


def _refuse_keras_2(config: Config, inner: Config) -> None:
    """Keras 2 says so in JSON; in an archive it is known by the calls of layers, which were lists,
    and by the shape of inputs, which had another name.
    """
    version = str(config.get("keras_version", ""))
    layers = inner["layers"]
    calls = (call for layer in layers for call in layer.get("inbound_nodes", ()))
    old = any(isinstance(call, list) for call in calls) or any(
        "batch_input_shape" in layer["config"] for layer in layers[:1]
    )
    if old or version.startswith(("1.", "2.")):
        raise ArchitectureError(
            f"This model was written by Keras {shown(version or 2)}; "
            "expected is one of Keras 3, which"
            ' reads .h5 files too: keras.models.load_model("….h5").save("….keras").'
        )


@dataclass(frozen=True)
class _Scope:
    """Where in the nesting of models a layer stands."""

    prefix: str = ""  # of paths, with the "/" at its end
    depth: int = 0
    trusted: bool = True  # whether the shapes written down are those of this call

    def inside(self, name: str) -> _Scope:
        if self.depth >= MAX_DEPTH:
            raise ArchitectureError(
                f"Models are nested more than {MAX_DEPTH} deep, at «{shown(self.prefix + name)}»."
            )
        return _Scope(f"{self.prefix}{name}/", self.depth + 1, self.trusted)


@dataclass(frozen=True)
class _Written:
    """What is said of a tensor's shape: what is written down, and what somebody else knows."""

    recorded: Shape | None = None
    known: Shape | None = None


@dataclass
class _Call:
    """One call of one layer that waits until all that it is called on has been read."""

    order: int
    entry: Config
    name: str
    index: int
    data: Config
    references: list[tuple[Reference, Shape | None]]
    missing: int = 0

    @property
    def key(self) -> Key:
        return self.name, self.index


@dataclass
class _Reading:
    """The graph while it grows."""

    weights: Mapping[str, Any]
    aliases: Mapping[str, str]
    shapes: Mapping[Key, Sequence[Shape]] | None = None
    nodes: list[Node] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)
    trains: bool = True

    def top(self, whole: Config, config: Config) -> Architecture:
        """The architecture of the outermost model."""
        self.trains = config.get("trainable") is not False
        build = whole.get("build_config")
        outputs = self.model(config, None, _Scope(), build if isinstance(build, Mapping) else {})
        inputs = tuple(node.id for node in self.nodes if node.kind == "input")
        return Architecture(
            name=str(config.get("name", "model")),
            nodes=tuple(self.nodes),
            inputs=_in_order(inputs, config, self.nodes),
            outputs=tuple(outputs),
            output_names=_output_names(config, [self.nodes[number] for number in outputs]),
            config=whole,
            weights=self.weights,
            doubts=tuple(self.doubts),
        )

    def model(self, config: Config, feeds: Any, scope: _Scope, build: Config) -> list[int]:
        """Read a model's layers, called on the nodes `feeds` (None: on inputs of its own);
        gives its output nodes.
        """
        if "input_layers" in config:
            return self.functional(config, feeds, scope)
        return self.sequential(config, feeds, scope, build)

    def sequential(self, config: Config, feeds: Any, scope: _Scope, build: Config) -> list[int]:
        """Read a chain of layers."""
        entries = list(config["layers"])
        current = flat_feeds(feeds)[0] if feeds is not None else None
        if entries and entries[0]["class_name"] == "InputLayer":
            entry = entries.pop(0)
            current = (
                self.add(entry, scope, (), _declared(entry["config"]))
                if current is None
                else current
            )
        if current is None:
            shape = build.get("input_shape")
            given = {"name": "input", "batch_shape": shape if isinstance(shape, list) else None}
            current = self.add(
                {"class_name": "InputLayer", "module": "keras.layers", "config": given},
                scope,
                (),
                _declared(given),
            )
        for entry in entries:
            current = self.call(entry, scope, [current], {}, [_Written()])[0]
        return [current]

    def functional(self, config: Config, feeds: Any, scope: _Scope) -> list[int]:
        """Read a graph of calls in an order in which each one comes
        after all that it is called on.
        """
        layers = {_name(entry): entry for entry in config["layers"]}
        fed = feeds_by_input(config["input_layers"], feeds)
        produced = self.inputs(layers, fed, scope)
        if self.are_of_other_shapes(layers, fed):
            scope = dataclasses.replace(scope, trusted=False)
        ends = [rebased(layers, reference) for reference in references(config["output_layers"])]
        calls = _calls(layers)
        self.in_order(calls, produced, _recorded(calls, ends), scope)
        return [_pick(produced, reference) for reference in ends]

    def inputs(
        self, layers: Mapping[str, Config], fed: Mapping[str, int], scope: _Scope
    ) -> dict[Key, list[int]]:
        """The input layers: what they are fed, else nodes of their own."""
        produced: dict[Key, list[int]] = {}
        for name, entry in layers.items():
            if entry["class_name"] == "InputLayer":
                own = name not in fed
                produced[name, 0] = [
                    self.add(entry, scope, (), _declared(entry["config"])) if own else fed[name]
                ]
        return produced

    def are_of_other_shapes(self, layers: Mapping[str, Config], fed: Mapping[str, int]) -> bool:
        """Whether a nested model is called on other shapes than it was built with."""
        return any(
            _differs(self.nodes[number].shape, _shape(layers[name]["config"]))
            for name, number in fed.items()
        )

    def in_order(
        self,
        calls: list[_Call],
        produced: dict[Key, list[int]],
        recorded: Mapping[Key, Mapping[int, Shape | None]],
        scope: _Scope,
    ) -> None:
        """Read the calls, each as soon as its inputs are there,
        otherwise in the order in which they are listed.
        """
        waiting = _waiting(calls, produced.keys())
        ready = [(call.order, call) for call in calls if not call.missing]
        heapq.heapify(ready)
        while ready:
            _, call = heapq.heappop(ready)
            feeds = [_pick(produced, reference) for reference, _ in call.references]
            written = self.written(scope, call, recorded.get(call.key, {}))
            produced[call.key] = self.call(call.entry, scope, feeds, call.data, written)
            for other in waiting.pop(call.key, ()):
                other.missing -= 1
                if other.missing == 0:
                    heapq.heappush(ready, (other.order, other))
        left = {f"«{shown(call.name)}»" for call in calls if call.missing > 0}
        if left:
            raise ArchitectureError(
                "These layers are called on tensors that no layer of the model gives: "
                f"{', '.join(sorted(left)[:5])}."
            )

    def call(
        self,
        entry: Config,
        scope: _Scope,
        feeds: list[int],
        data: Config,
        written: Sequence[_Written],
    ) -> list[int]:
        """Read one call; gives a node for each tensor that comes out of it."""
        config = _config(entry)
        if is_model(config):
            given = named_feeds(data, feeds) if data else feeds
            return self.model(config, given, scope.inside(_name(entry)), {})
        number = self.add(entry, scope, tuple(feeds), written[0], data)
        if len(written) == 1:
            return [number]
        return [self.part(number, tensor, one, scope) for tensor, one in enumerate(written)]

    def written(
        self, scope: _Scope, call: _Call, recorded: Mapping[int, Shape | None]
    ) -> list[_Written]:
        """What is said of the shape of each tensor that comes out of a call."""
        there = (self.shapes or {}).get((scope.prefix + call.name, call.index), ())
        known = dict(enumerate(there)) if scope.trusted else {}
        tensors = range(max(recorded, default=0) + 1)
        return [_Written(recorded.get(tensor), known.get(tensor)) for tensor in tensors]

    def settled(
        self, scope: _Scope, feeds: tuple[int, ...], written: _Written, inferred: Shape | None
    ) -> tuple[Shape | None, bool]:
        """The shape that counts, and whether what is written down is to be doubted."""
        if self.shapes is not None:
            shape = _known(written.known, inferred)
            lost = shape is None and all(self.nodes[number].shape for number in feeds)
            return shape, lost and written.recorded is not None
        both = written.recorded, inferred
        shape = _known(*both) if scope.trusted else _known(*reversed(both))
        return shape, shape is not None and shape != inferred

    def add(
        self,
        entry: Config,
        scope: _Scope,
        feeds: tuple[int, ...],
        written: _Written,
        data: Config | None = None,
    ) -> int:
        """Add a node."""
        config, path, cls = _config(entry), scope.prefix + _name(entry), str(entry["class_name"])
        if not feeds and cls != "InputLayer":
            raise ArchitectureError(f"«{shown(path)}» is called on no tensor.")
        module, build = str(entry.get("module") or ""), entry.get("build_config")
        kind = kind_of(cls, module, config, len(feeds))
        inferred = infer_shape(kind, cls, config, [self.nodes[number].shape for number in feeds])
        shape, doubtful = (
            self.settled(scope, feeds, written, inferred) if feeds else (written.known, False)
        )
        node = Node(
            id=len(self.nodes),
            name=_name(entry),
            path=path,
            kind=kind,
            cls=cls,
            module=module,
            config=config,
            layer=self.aliases.get(path, path),
            inputs=feeds,
            shape=shape,
            trainable=self.trains and config.get("trainable") is not False,
            kwargs=_plain_kwargs(data or {}),
            constants=_plain_args(data or {}),
            # what a layer was built for is written down like a shape
            build=build if isinstance(build, Mapping) and self.shapes is None else {},
        )
        return self.append(node, doubtful)

    def part(self, number: int, tensor: int, written: _Written, scope: _Scope) -> int:
        """Add a node for one of several tensors that come out of a call."""
        whole = self.nodes[number]
        shape, doubtful = self.settled(scope, (number,), written, None)
        node = Node(
            id=len(self.nodes),
            name=whole.name,
            path=whole.path,
            kind="getitem",
            cls="Output",
            module=whole.module,
            config={"index": tensor},
            layer=f"{whole.layer}[{tensor}]",
            inputs=(number,),
            shape=shape,
            trainable=whole.trainable,
        )
        return self.append(node, doubtful)

    def append(self, node: Node, doubtful: bool) -> int:
        """Keep a node; gives its id."""
        if len(self.nodes) >= MAX_NODES:
            raise ArchitectureError(f"The model has more than {MAX_NODES} calls; no more are read.")
        self.nodes.append(node)
        self.doubts += [node.id] * doubtful
        return node.id


def _calls(layers: Mapping[str, Config]) -> list[_Call]:
    calls: list[_Call] = []
    for name, entry in layers.items():
        if entry["class_name"] == "InputLayer":
            continue
        for index, data in enumerate(entry["inbound_nodes"]):
            given = [data.get("args"), *(data.get("kwargs") or {}).values()]
            found = [
                (checked(r["keras_history"]), _shape_of(r.get("shape")))
                for value in given
                for r in tensors(value)
            ]
            calls.append(_Call(len(calls), entry, name, index, data, found))
    return calls


def _waiting(calls: list[_Call], there: AbstractSet[Key]) -> dict[Key, list[_Call]]:
    """By the call that they miss, the calls that can't be read yet."""
    waiting: dict[Key, list[_Call]] = {}
    for call in calls:
        needed = {(name, index) for (name, index, _), _ in call.references} - there
        call.missing = len(needed)
        for key in needed:
            waiting.setdefault(key, []).append(call)
    return waiting


def _recorded(calls: list[_Call], ends: Sequence[Reference]) -> dict[Key, dict[int, Shape | None]]:
    """The shapes of the tensors that come out of each call, where something refers to them."""
    recorded: dict[Key, dict[int, Shape | None]] = {}
    for name, index, tensor in ends:
        recorded.setdefault((name, index), {})[tensor] = None
    for call in calls:
        for (name, index, tensor), shape in call.references:
            recorded.setdefault((name, index), {})[tensor] = shape
    return recorded


def _known(first: Shape | None, second: Shape | None) -> Shape | None:
    return first if first is not None else second


def _plain_kwargs(data: Config) -> dict[str, Any]:
    kwargs = data.get("kwargs") or {}
    return {key: value for key, value in kwargs.items() if not any(tensors(value))}


def _plain_args(data: Config) -> tuple[Any, ...]:
    return tuple(value for value in data.get("args") or () if not any(tensors(value)))


def _config(entry: Config) -> Config:
    config = entry["config"]
    if not isinstance(config, Mapping):
        raise ArchitectureError(
            f"The configuration of «{shown(entry.get('name'))}» is {type(config).__name__}, "
            "not an object."
        )
    return config


def _name(entry: Config) -> str:
    name = entry.get("name") or _config(entry).get("name")
    if not isinstance(name, str):
        raise ArchitectureError(f"A layer of class {quoted(entry.get('class_name'))} has no name.")
    return name


def _declared(config: Config) -> _Written:
    """The shape of an input, which is as it is declared."""
    return _Written(known=_shape(config))


def _shape(config: Config) -> Shape | None:
    return _shape_of(config.get("batch_shape"))


def _shape_of(value: Any) -> Shape | None:
    if not isinstance(value, list | tuple):
        return None
    return tuple(
        size if isinstance(size, int) and not isinstance(size, bool) else None for size in value
    )


def _differs(given: Shape | None, written: Shape | None) -> bool:
    return given is not None and written is not None and given[1:] != written[1:]


def _pick(produced: Mapping[Key, Sequence[int]], reference: tuple[str, int, int]) -> int:
    name, index, tensor = reference
    return produced[name, index][tensor]


def _in_order(inputs: tuple[int, ...], config: Config, nodes: Sequence[Node]) -> tuple[int, ...]:
    if "input_layers" not in config:
        return inputs
    listed = {name: place for place, (name, _, _) in enumerate(references(config["input_layers"]))}
    return tuple(sorted(inputs, key=lambda number: listed.get(nodes[number].path, len(listed))))


def _output_names(config: Config, nodes: Sequence[Node]) -> tuple[str, ...]:
    """What Keras calls the outputs: the keys of a dictionary, else the layers at the ends."""
    if "output_layers" not in config:
        return tuple(node.name for node in nodes)
    listed = config["output_layers"]
    if isinstance(listed, Mapping):
        keys = [key for key in sorted(listed) for _ in references(listed[key])]
        return tuple(str(key) for key in keys)
    return tuple(name for name, _, _ in references(listed))
