"""design: a functional model of the student's own, within a budget,
with three features that do something in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from labkit import backbone

from autograder.answers.questions import Call, Question, Snippet
from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import doubled_merges, joins_channels, shortcut_kind
from autograder.architecture.facts import heads, preparations, separable_convolutions
from autograder.architecture.kinds import LEARNING
from autograder.architecture.merges import merges
from autograder.architecture.parameters import count_parameters
from autograder.architecture.reach import inputs_reaching
from autograder.judge import Answers, Failure, expect, needs, weight
from autograder.judge.structure import Structure, at, shown, structure

BUDGET = 400_000
WORDS = {
    "residual": "residual connections",
    "separable": "separable convolutions",
    "inception": "inception branches",
    "augmentation": "augmentation",
    "batch_norm": "batch normalisation",
    "frozen_base": "a frozen pretrained base",
}
MADE = """
from keras.src.layers.layer import Layer
made, original = [], Layer.__init__

def watched(layer, *args, **kwargs):
    original(layer, *args, **kwargs)
    made.append([type(layer).__name__, str(layer.name)])

Layer.__init__ = watched
try:
    notebook.build_model((64, 64, 3), 6)
finally:
    Layer.__init__ = original
answer = made[:2000]
"""


class Found(NamedTuple):
    """What a feature rests on, or which known mistake stands in its place."""

    nodes: tuple[Node, ...] = ()
    misconception: str | None = None


def questions(rng: np.random.Generator) -> dict[str, Question]:
    return {
        "default": Call("build_model", ((64, 64, 3), 6), weights=True),
        "other_classes": Call("build_model", ((64, 64, 3), int(rng.integers(7, 13)))),
        "other_size": Call("build_model", ((96, 128, 3), int(rng.integers(2, 5)))),
        "made": Snippet(MADE),
    }


@weight(2)
def test_one_feature(answers: Answers) -> None:
    """At least one of the six features is on the way from the input to the output."""
    _expect_features(answers, 1)


@weight(2)
def test_two_features(answers: Answers) -> None:
    """At least two of them are."""
    _expect_features(answers, 2)


@weight(4)
def test_three_features(answers: Answers) -> None:
    """At least three of them are."""
    _expect_features(answers, 3)


@weight(2)
@needs("test_one_feature")
def test_budget(answers: Answers) -> None:
    """For 64×64×3 pixels and 6 classes, at most 400,000 parameters train."""
    trainable = trainable_parameters(answers)
    expect(
        trainable <= BUDGET,
        f"at most {BUDGET:,} trainable parameters",
        f"{trainable:,}",
        budget_mistake(answers),
    )


@weight(2)
@needs("test_one_feature")
def test_softmax(answers: Answers) -> None:
    """The output is one vector an image: a probability for each class."""
    for name in ("default", "other_classes"):
        classes, architecture = _arguments(answers, name)[1], answers.architecture(name)
        head = heads(architecture)[0]
        expect(len(architecture.outputs) == 1, "one output", f"{len(architecture.outputs)}")
        expect(
            head.rank == 2 and head.units == classes,
            f"{classes} numbers for each image",
            shown(head.node),
            misconception=output_mistake(head.rank, head.units, classes),
            place=at([head.node]),
        )
    pixels = np.random.default_rng(5).integers(0, 256, (6, 64, 64, 3)).astype("float32")
    values = np.asarray(answers.model("default")(pixels, training=False))
    known = {"linear": "softmax_missing", "sigmoid": "sigmoid_for_classes"}
    expect(
        bool(
            np.isfinite(values).all()
            and (values >= 0).all()
            and np.allclose(values.sum(axis=1), 1, atol=1e-4)
        ),
        expected="numbers from 0 up that sum to 1 for each image",
        found=f"«{head.activation}» at the end, and sums such as {values[0].sum():.3g}",
        misconception=known.get(head.activation),
        place=at([head.node]),
    )


@needs("test_one_feature")
def test_functional(answers: Answers) -> None:
    """It is a functional model of one image, not a Sequential one."""
    architecture = answers.architecture("default")
    expect(
        answers.answer("default").config().get("class_name") != "Sequential",
        "a functional model",
        "a Sequential model",
        misconception="sequential_model",
    )
    given = [architecture.node(number).shape or () for number in architecture.inputs]
    fits = len(given) == 1 and len(given[0]) == 4 and all(
        size in {None, wanted} for size, wanted in zip(given[0][1:], (64, 64, 3), strict=True)
    )  # fmt: skip
    expect(
        fits,
        "one input of shape (64, 64, 3)",
        ", ".join(str(shape[1:]) for shape in given) or "none",
    )


@needs("test_one_feature")
def test_other_sizes(answers: Answers) -> None:
    """Another input shape gives a model for it, unless something in it insists on its own."""
    if base_nodes(answers) or answers.refusal("other_size") is not None:
        return  # a pretrained base, or a part that is built once for all calls
    architecture = answers.architecture("other_size")
    shape = architecture.node(architecture.inputs[0]).shape or ()
    fits = all(
        size in {None, wanted} for size, wanted in zip(shape[1:], (96, 128, 3), strict=False)
    )
    expect(
        fits and len(shape) == 4,
        "an input of shape (96, 128, 3)",
        str(shape[1:]),
        "settings_hard_coded",
    )


# --- the six features ----------------------------------------------------------------------------


def features(answers: Answers) -> dict[str, Found]:
    """The six features, each with the nodes of the canonical form that make it,
    without the frozen base's own.
    """

    def look() -> dict[str, Found]:
        architecture = answers.architecture("default")
        found = structure(architecture)
        base, base_mistake = frozen_base(answers)
        on_way = on_the_way(found)
        own = [node for node in on_way if node.id not in {inner.id for inner in base}]
        return {
            "frozen_base": Found(base, base_mistake),
            "residual": _residual(found, own),
            "separable": _separable(found, own),
            "inception": _inception(found, own),
            "augmentation": _augmentation(found, own),
            "batch_norm": Found(tuple(node for node in own if node.kind == "bn")),
        }

    found: dict[str, Found] = answers.once("features", "default", look)
    return found


def on_the_way(found: Structure) -> list[Node]:
    """The nodes on a way from an input to the output."""
    reached = inputs_reaching(found.form)
    needed = {node.id for node in found.before(found.output)} | {found.output.id}
    return [node for node in found.form.nodes if node.id in needed and reached.get(node.id)]


def _residual(found: Structure, own: Iterable[Node]) -> Found:
    ids = {node.id for node in own}
    for merge in merges(found.form):
        if merge.node.kind != "add" or merge.fork is None or merge.node.id not in ids:
            continue
        shortcuts = [nodes for nodes in merge.branches if shortcut_kind(nodes) != "other"]
        bodies = [nodes for nodes in merge.branches if any(node.kind in LEARNING for node in nodes)]
        if any(body is not shortcut for body in bodies for shortcut in shortcuts):
            return Found((merge.node,))
    if any(node.id in ids and node.kind == "add" for node in doubled_merges(found.form)):
        return Found(misconception="adds_tensor_to_itself")
    return Found()


def _separable(found: Structure, own: Iterable[Node]) -> Found:
    ids = {node.id for node in own}
    nodes = tuple(node for node in separable_convolutions(found.form) if node.id in ids)
    alone = any(node.kind == "dwconv" for node in found.form.nodes if node.id in ids)
    return Found(nodes, "depthwise_without_pointwise" if alone and not nodes else None)


def _inception(found: Structure, own: Iterable[Node]) -> Found:
    ids = {node.id for node in own}
    chained = stacked = False
    for merge in merges(found.form):
        if (
            merge.node.kind != "concat"
            or merge.node.id not in ids
            or len(merge.branches) < 3
            or merge.fork is None
        ):
            continue
        learning = [
            nodes for nodes in merge.branches if any(node.kind in LEARNING for node in nodes)
        ]
        parallel = len(_apart(merge.branches)) >= 3
        if (
            parallel
            and len(learning) >= 2
            and joins_channels(merge.node)
            and merge.node.size is not None
        ):
            return Found((merge.node,))
        chained = chained or not parallel
        stacked = stacked or not joins_channels(merge.node)
    return Found(
        misconception=(
            "branches_chained" if chained else "concatenated_over_rows" if stacked else None
        )
    )


def _apart(branches: Iterable[tuple[Node, ...]]) -> list[set[int]]:
    """The branches by their nodes, those that share some taken together."""
    groups: list[set[int]] = []
    for branch in branches:
        ids = {node.id for node in branch}
        touching = [group for group in groups if group & ids]
        groups = [group for group in groups if not group & ids]
        groups.append(ids.union(*touching))
    return groups


def _augmentation(found: Structure, own: Iterable[Node]) -> Found:
    ids = {node.id for node in own}
    early = {one.node.id for one in preparations(found.form) if one.before_convolutions}
    augmenting = [node for node in found.form.nodes if node.id in ids and node.kind == "augment"]
    nodes = tuple(node for node in augmenting if node.id in early)
    return Found(nodes, "augmentation_after_convolution" if augmenting and not nodes else None)


def frozen_base(answers: Answers) -> tuple[tuple[Node, ...], str | None]:
    """The nodes of a frozen pretrained base in the model;
    without one, the known mistake in its place.
    """
    architecture = answers.architecture("default")
    found, arrays = structure(architecture), answers.answer("default").weights()
    learning = [node for node in on_the_way(found) if node.kind in LEARNING]
    released = {layer.name: layer.get_weights() for layer in backbone().layers if layer.weights}
    ours = [node for node in learning if node.name in released]
    frozen = [node for node in learning if not _trains(answers, node)]
    pretrained = [node for node in frozen if _is_pretrained(node, arrays, released)]
    if len(pretrained) >= 2:
        layers = {path for node in pretrained for path in [node.path.rpartition("/")[0]]}
        inside = [
            n
            for n in found.form.nodes
            if n.name in released or (n.path.rpartition("/")[0] in layers - {""})
        ]
        return tuple(inside) or tuple(pretrained), None
    if len(ours) >= 2 and len(frozen) < 2:
        return (), "base_not_frozen"
    return (), "frozen_base_without_weights" if len(frozen) >= 2 else None


def base_nodes(answers: Answers) -> tuple[Node, ...]:
    return features(answers)["frozen_base"].nodes


def _is_pretrained(
    node: Node, arrays: Mapping[str, np.ndarray], released: Mapping[str, list[np.ndarray]]
) -> bool:
    """Whether a layer's arrays are the released backbone's, or at least not as Keras makes them."""
    own = [array for key, array in sorted(arrays.items()) if key.rpartition(":")[0] == node.path]
    if node.name in released and own and np.shape(own[0]) == np.shape(released[node.name][0]):
        return bool(np.array_equal(own[0], released[node.name][0]))
    biases = [array for array in own if array.ndim == 1]
    return any(bool(np.any(bias != 0)) for bias in biases)


def _trains(answers: Answers, node: Node) -> bool:
    live = answers.answer("default").config().get("live", {})
    keys = live.get("trainable_weights", []) if isinstance(live, dict) else []
    return any(str(key).rpartition(":")[0] == node.path for key in keys)


# --- what is said where something is missing -----------------------------------------------------


def _expect_features(answers: Answers, number: int) -> None:
    found = features(answers)
    there = [WORDS[name] for name, feature in found.items() if feature.nodes]
    if len(there) >= number:
        return
    raise Failure(
        expected=f"{number} of: {', '.join(WORDS.values())}",
        found=(
            f"{len(there)}: {', '.join(there)}"
            if there
            else "none of them between input and output"
        ),
        misconception=features_mistake(answers, found),
        place=at(node for feature in found.values() for node in feature.nodes),
    )


def features_mistake(answers: Answers, found: Mapping[str, Found]) -> str | None:
    """A known mistake in the place of a feature: first what stands in the graph,
    then what was made and left out.
    """
    if known := [feature.misconception for feature in found.values() if feature.misconception]:
        return known[0]
    unused = [name for name in not_connected(answers) if not found[name].nodes]
    return f"{unused[0]}_not_connected" if unused else None


def not_connected(answers: Answers) -> list[str]:
    """The features for which `build_model` made layers, whatever became of them."""
    outcome = answers.outcome("made")
    made = outcome.value if outcome.outcome == "value" and isinstance(outcome.value, list) else []
    pairs = [
        (str(item[0]), str(item[1])) for item in made if isinstance(item, list) and len(item) == 2
    ]
    base = any(name == "block1_conv1" for _, name in pairs)
    classes = {cls for cls, name in pairs if not (base and name.startswith("block"))}
    rules: Mapping[str, Callable[[], Any]] = {
        "frozen_base": lambda: base,
        "inception": lambda: "Concatenate" in classes,
        "separable": lambda: classes & {"SeparableConv2D", "DepthwiseConv2D"},
        "residual": lambda: "Add" in classes,
        "augmentation": lambda: any(cls.startswith("Random") for cls in classes),
        "batch_norm": lambda: "BatchNormalization" in classes,
    }
    return [name for name, rule in rules.items() if rule()]


def trainable_parameters(answers: Answers) -> int:
    """What trains, by the flags as they were in the student room."""
    answer = answers.answer("default")
    live = answer.config().get("live", {})
    keys = live.get("trainable_weights") if isinstance(live, dict) else None
    if not isinstance(keys, list):
        return count_parameters(answers.architecture("default")).trainable
    arrays = answer.weights()
    return sum(arrays[key].size for key in dict.fromkeys(map(str, keys)) if key in arrays)


def budget_mistake(answers: Answers) -> str:
    architecture = answers.architecture("default")
    if features(answers)["frozen_base"].misconception == "base_not_frozen":
        return "base_not_frozen"
    return "flatten_before_dense" if _flattened(architecture) else "over_the_budget"


def _flattened(architecture: Architecture) -> bool:
    form = canonical(architecture)
    return any(
        node.kind == "flatten" and any(child.kind == "dense" for child in form.children(node))
        for node in form.nodes
    )


def output_mistake(rank: int | None, units: int | None, classes: int) -> str | None:
    if rank == 4:
        return "dense_on_feature_map"
    return "settings_hard_coded" if units == 6 != classes else None


def _arguments(answers: Answers, name: str) -> tuple[Any, ...]:
    asked = answers.questions[name]
    assert isinstance(asked, Call)
    return asked.args
