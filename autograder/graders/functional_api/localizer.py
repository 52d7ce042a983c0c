"""localizer: one trunk, two heads, a loss that fits each;
what a step moves is seen in the judge room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import filterfalse, pairwise
from typing import Any

import numpy as np

from autograder.architecture import Node
from autograder.architecture.facts import LAST, Head, trunk
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.witnesses import movement, shaken
from autograder.judge import (
    Call,
    Case,
    Question,
    Random,
    Snippet,
    cases,
    expect,
    needs,
    reported,
    weight,
)
from autograder.judge.structure import activation_at, at, names
from autograder.judge.trained import remark_on_logits

from ._ends import (
    adds_up_to_one,
    head_models,
    is_sigmoid,
    label_and_box,
    probabilities,
    some_inputs,
)
from ._mistakes import (
    coordinates_mistake,
    head_mistake,
    heads_mistake,
    localizer_error,
    losses_mistake,
    trunk_mistake,
)

NAMES = """
import numpy as np

model = notebook["build_localizer"](*given["args"])
outputs = model(np.zeros((1, *given["args"][0]), "float32"), training=False)
answer = list(outputs) if isinstance(outputs, dict) else list(model.output_names)
"""
COMPILED = """
model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
answer = model
"""
LOSSES = """
import keras
import numpy as np

model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
images = np.zeros((1, *given["args"][0]), "float32")
outputs = model(images, training=False)
keys = list(outputs) if isinstance(outputs, dict) else list(model.output_names)
if set(keys) != {"label", "box"}:
    flat = list(outputs.values()) if isinstance(outputs, dict) else list(outputs)
    by_size = {int(value.shape[-1]): key for key, value in zip(keys, flat)}
    called = {by_size[given["args"][1]]: "label", by_size[4]: "box"}
else:
    called = {"label": "label", "box": "box"}


def loss(label, box, found):
    given_as = {"label": np.array([label]), "box": np.array([box], "float32")}
    tensors = {
        key: keras.ops.convert_to_tensor(np.array([found[called[key]]], "float32")) for key in keys
    }
    targets = {key: given_as[called[key]] for key in keys}
    structure = tensors if isinstance(outputs, dict) else [tensors[key] for key in keys]
    value = model.compute_loss(images, targets, structure)
    return float(np.mean(keras.ops.convert_to_numpy(value)))


boxes, shares = given["boxes"], given["shares"]
right = boxes[0][0]
answer = {
    "label": [
        [loss(label, right, {"label": row, "box": right}) for row in shares[label]]
        for label in range(len(shares))
    ],
    "box": [[loss(0, way[0], {"label": shares[0][0], "box": box}) for box in way] for way in boxes],
}
"""
FIT = """
import keras
import numpy as np

model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
targets = {"label": given["labels"], "box": given["boxes"]}
history = fit(model, given["images"], targets, batch_size=8)
answer = float(history.history["loss"][-1])
"""
# pixels up to here: a network without rescaling may answer 0 and 1 to bright ones,
# and stand still
BRIGHT = (1.0, 40.0)
BOX = (0.25, 0.3, 0.65, 0.75)
WAYS = (
    (0.08, 0, 0, 0),
    (0, 0.08, 0, 0),
    (0, 0, 0.08, 0),
    (0, 0, 0, 0.08),
    (-0.08, 0, 0, 0),
    (0, 0, 0, -0.08),
    (0.1, 0.1, 0.1, 0.1),
    (-0.08, -0.08, -0.08, -0.08),
    tuple(-side / 4 for side in BOX),
)
"""Ways in which a box goes wrong: each side by itself, the whole shifted, the whole made smaller by
one factor.
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 16 * rng.choice(range(3, 6), 2, replace=False))
    classes = int(rng.choice([2, 3, 5, 7, 8]))
    args = ((side, across, 3), classes)
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 3)]
    data = {
        "images": Random((16, *args[0]), seeds[0], "integers", 0, 256, "uint8"),
        "labels": Random((16,), seeds[1], "integers", 0, classes, "int64"),
        "boxes": Random((16, 4), seeds[2], "uniform"),
    }
    return {
        "default": Call("build_localizer", ((64, 64, 3), 6)),
        "other": Call("build_localizer", args),
        "names": Snippet(NAMES, {"args": args}, structure=True),
        "compiled": Snippet(COMPILED, {"args": args}),
        "losses": Snippet(LOSSES, {"args": args, "boxes": boxes(), "shares": shares(classes)}),
        "fit": Snippet(FIT, {"args": args, **data}),
    }


@weight(2)
@cases("other")
@reported
def test_named_outputs(case: Case) -> None:
    """The outputs go by the names `label` and `box`."""
    heads_of(case)
    found = sorted(case.answers.value("names"))
    wanted = "outputs named «label» and «box»"
    expect(found == ["box", "label"], wanted, ", ".join(found), mistake="outputs_unnamed")


@weight(3)
@cases("default", "other")
def test_one_trunk(case: Case) -> None:
    """Both heads stand on one convolutional trunk."""
    own, shared = own_convolutions(heads_of(case)), convolutions(trunk(case.architecture))
    found = f"{len(shared)} shared, {len(own[0])} and {len(own[1])} not"
    one, place = bool(shared) and min(map(len, own)) <= len(shared), at(own[0] + own[1])
    expect(one, "convolutions that both outputs share", found, trunk_mistake(own), place=place)


@weight(2)
@cases("default", "other")
def test_last_layer_for_each(case: Case) -> None:
    """Each head has a last layer of its own."""
    without = heads_without_layer(heads_of(case))
    wanted, found = "a last layer that no other output needs", "one layer for both outputs"
    place = at(outputs_of(without))
    expect(not without, wanted, found, mistake="one_layer_for_both_heads", place=place)


@weight(2)
@cases("default", "other")
def test_label(case: Case) -> None:
    """`label` is a softmax over the classes."""
    label, classes, values = heads_of(case)["label"], classes_of(case), given_by(case, "label")
    case.expect(f"head({label.name!r}, units={classes}, rank=2)", mistake=head_mistake(label))
    wanted, found = "numbers that add up to 1 (softmax)", f"others ({label.activation})"
    one, where = adds_up_to_one(values), activation_at(label.node, label.activation, "softmax")
    expect(one, wanted, found, mistake="label_not_softmax", **where)


@weight(2)
@cases("default", "other")
def test_box(case: Case) -> None:
    """`box` is four sigmoids."""
    box, values = heads_of(case)["box"], given_by(case, "box")
    case.expect(f"head({box.name!r}, units=4, rank=2)", mistake=head_mistake(box))
    fits = is_sigmoid(box, values) and not adds_up_to_one(values)
    known, where = coordinates_mistake(values), activation_at(box.node, box.activation, "sigmoid")
    expect(fits, "four sigmoids", box.activation, known, **where)


@weight(2)
@needs("test_one_trunk", "test_last_layer_for_each")
@cases("default")
def test_step_moves_the_trunk(case: Case) -> None:
    """A step of training moves every convolution of the trunk,
    through the label alone and through the box alone.
    """
    through, still = standing_still(case)
    frozen = [node for node in still if not node.trainable]
    wanted, found = f"a trunk that learns through «{through}»", f"{names(still)} stayed as before"
    expect(not frozen, "a trunk that trains", f"trainable=False in {names(frozen)}", "trunk_frozen")
    expect(not still, wanted, found, mistake="gradient_cut_off", place=at(still))


@weight(2)
@cases("compiled")
@reported
def test_compiled_in_place(case: Case) -> None:
    """`compile_localizer` compiles the model that it is given."""
    compiled = case.architecture.compile_config is not None
    wanted, found = "the very model, compiled", "one that is not compiled"
    expect(compiled, wanted, found, mistake="not_compiled_in_place")
    remark_on_logits(case)


@weight(2)
@needs("test_compiled_in_place")
@cases("losses")
@reported
def test_loss_of_the_label(case: Case) -> None:
    """The loss falls as the share given to the right class, a whole number, grows."""
    heads_of(replace(case, name="other"))
    rows = case.value["label"]
    wrong = [*filterfalse(falls, rows)]
    wanted = "a loss that falls as the right class gets more"
    expect(not wrong, wanted, rounded(wrong), losses_mistake(rows))


@weight(2)
@needs("test_compiled_in_place")
@cases("losses")
@reported
def test_loss_of_the_box(case: Case) -> None:
    """The loss grows as a box moves away from the right one, in any direction."""
    heads_of(replace(case, name="other"))
    rows = case.value["box"]
    wrong = [*filterfalse(grows, rows)]
    wanted = "a loss that grows with the distance to the right box"
    expect(not wrong, wanted, rounded(wrong), losses_mistake(rows))


@needs("test_named_outputs", "test_compiled_in_place")
@cases("fit")
@reported
def test_trains_from_dictionaries(case: Case) -> None:
    """`fit` takes labels and boxes by name, and the loss is finite."""
    loss = float(case.value)
    expect(np.isfinite(loss), "a finite loss", loss)


diagnose = localizer_error


def classes_of(case: Case) -> int:
    return int(case.args[1])


def heads_of(case: Case) -> dict[str, Head]:
    """The heads `label` and `box`."""
    return label_and_box(case, classes_of(case), heads_mistake)


def given_by(case: Case, name: str) -> np.ndarray:
    """What a head gives for random images."""
    return probabilities(head_models(case, heads_of(case))[name])


def convolutions(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.kind in CONVOLUTIONS]


def own_convolutions(heads: Mapping[str, Head]) -> list[list[Node]]:
    """For each head the convolutions that no other output needs."""
    return [convolutions(head.own) for head in heads.values()]


def heads_without_layer(heads: Mapping[str, Head]) -> list[Head]:
    """The heads in which no layer with weights is their own."""
    return [head for head in heads.values() if not any(node.kind in LAST for node in head.own)]


def outputs_of(heads: Iterable[Head]) -> list[Node]:
    return [head.node for head in heads]


def standing_still(case: Case) -> tuple[str, list[Node]]:
    """The convolutions of the trunk that no step through one of the heads moves, and which head
    that is; the first one with such.
    """
    shared = convolutions(trunk(case.architecture))
    for name, part in head_models(case, heads_of(case)).items():
        still = shared
        for high in BRIGHT:
            moved = moved_through(part, high) if still else set()
            still = [node for node in still if node.path not in moved]
        if still:
            return name, still
    return "", []


def moved_through(part: Any, high: float) -> set[str]:
    """Paths of the layers that a step towards random targets moves, for pixels up to `high`."""
    targets = np.random.default_rng(2).normal(size=(8, *part.output_shape[1:])).astype("float32")
    with shaken(part):
        step = movement(part, some_inputs(part, high, seed=1), targets, "mse", 1.0)
    return set(step.layers)


def shares(classes: int) -> tuple[Any, ...]:
    """For each class, three predictions that give it more and more."""
    rest = [[(1 - share) / (classes - 1)] * classes for share in (0.15, 0.5, 0.9)]
    return tuple(
        tuple(
            tuple(share if n == label else other[0] for n in range(classes))
            for share, other in zip((0.15, 0.5, 0.9), rest, strict=True)
        )
        for label in range(classes)
    )


def boxes() -> tuple[Any, ...]:
    """For each way, the right box, one beside it, and one further away."""
    return tuple(
        tuple(tuple(b + k * step for b, step in zip(BOX, way, strict=True)) for k in range(3))
        for way in WAYS
    )


def falls(losses: Sequence[float]) -> bool:
    """Whether each number is clearly smaller than the one before it."""
    return all(np.isfinite(losses)) and all(b < a - 1e-5 * abs(a) for a, b in pairwise(losses))


def grows(losses: Sequence[float]) -> bool:
    """Whether each number is clearly larger than the one before it."""
    return falls(losses[::-1])


def rounded(rows: Sequence[Sequence[float]]) -> str:
    """The first of some rows of losses, if there is one."""
    return " → ".join(f"{loss:.4g}" for row in rows[:1] for loss in row)
