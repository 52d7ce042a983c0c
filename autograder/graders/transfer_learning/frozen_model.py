"""frozen_model: augmentation, a frozen base, pooling, dropout, one dense layer;
judged by what a step moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from autograder.answers.networks import image_shape, layer_names
from autograder.architecture import Node
from autograder.architecture.facts import preparations
from autograder.architecture.witnesses import augmentation
from autograder.judge import Call, Case, Question, Snippet, cases, expect, needs, reported, weight
from autograder.judge.expectations import apart, listed
from autograder.judge.structure import at, names
from autograder.judge.trained import expect_classifier, expect_probabilities

from ._bases import batch, drawn, normed, residual, vgg16
from ._inside import (
    base_inside,
    base_of,
    given_base,
    layers_of,
    of_base,
    short,
    some_images,
    step,
    trained,
)
from ._mistakes import (
    augmentation_mistake,
    dropout_mistake,
    frozen_error,
    given_mistake,
    head_mistake,
    input_mistake,
    output_mistake,
    step_mistake,
)

FITTED = """
model = notebook["build_frozen"](given["base"], given["classes"])
fit(model, given["images"], given["labels"], batch_size=len(given["images"]))
answer = model
"""
LOSS = """
import numpy as np
model = notebook["build_frozen"](given["base"], given["classes"])
outputs = model(given["images"], training=False)
loss = model.compute_loss(given["images"], given["labels"], outputs)
answer = {"loss": np.ravel(np.asarray(loss)).astype("float64"), "outputs": np.asarray(outputs)}
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 6)]
    classes = [int(n) for n in rng.integers(3, 12, 4)]
    side, height, width = (
        int(n) for n in (4 * rng.integers(4, 8), rng.integers(14, 30), rng.integers(14, 30))
    )
    plain = normed(side, [int(n) for n in rng.integers(4, 9, 2)], seeds[0])
    forked = residual(height, width, int(rng.integers(4, 8)), seeds[1])
    narrow = vgg16(32, seeds[2], [[int(rng.integers(4, 8))] * n for n in (2, 2, 3, 3, 3)])
    return {
        "normed": Call("build_frozen", (plain, classes[0]), weights=True),
        "residual": Call("build_frozen", (forked, classes[1]), weights=True),
        "vgg16": Call("build_frozen", (vgg16(32, seeds[3]), classes[2])),
        "fitted": Snippet(FITTED, batch(plain, classes[0], seeds[4]), weights=True),
        "narrow": Snippet(FITTED, batch(narrow, classes[3], seeds[5]), weights=True),
        "loss": Snippet(LOSS, batch(plain, classes[0], seeds[5])),
    }


@cases("normed")
def test_base_inside(case: Case) -> None:
    """The layers of the base are in the model."""
    base_inside(case, given_base(case))


@weight(4)
@needs("test_base_inside")
@cases("normed")
def test_base_as_it_was(case: Case) -> None:
    """Every array of the base is in the model as it was given."""
    expect_as_given(case)


@weight(4)
@needs("test_base_inside")
@cases("normed", "vgg16")
def test_only_the_head_trains(case: Case) -> None:
    """What the model trains is the head's: kernel and bias of its dense layer,
    and nothing of the base.
    """
    expect_head_only(case)


@weight(2)
@cases("normed", "vgg16")
def test_output(case: Case) -> None:
    """The model turns an image into a probability for each class."""
    shape, classes = image_shape(base_of(case)), case.args[1]
    expect_classifier(case, shape, classes, input_mistake, output_mistake)
    expect_probabilities(case, some_images(case.model, seed=3), mistake="softmax_missing")


@weight(3)
@needs("test_base_as_it_was", "test_output")
@cases("normed")
def test_step_in_the_judges_room(case: Case) -> None:
    """One step of training moves the head; of the base no weight and no batch-norm statistic."""
    expect_step(case)


@weight(3)
@needs("test_base_as_it_was")
@cases("fitted", "narrow")
@reported
def test_step_by_fit(case: Case) -> None:
    """After `fit` on a batch, compiled as you did it, every array of the base is what it was."""
    expect_still(case, base_inside(case, given_base(case)).changed)


@weight(2)
@needs("test_base_inside")
@cases("residual")
def test_base_with_branches(case: Case) -> None:
    """A base whose layers are no chain, but branch and meet again, is in the model as it was given
    and stays frozen, too.
    """
    expect_as_given(case)
    expect_head_only(case)
    expect_step(case)


@weight(3)
@cases("normed")
def test_augmentation(case: Case) -> None:
    """Augmentation comes before the base, changes images in training
    and leaves them alone in inference.
    """
    case.expect('count("augment") >= 1', mistake=augmentation_mistake)
    expect_before_base(case)
    expect_random_in_training(case)


@weight(2)
@needs("test_base_inside")
@cases("normed", "vgg16")
def test_base_rescales_itself(case: Case) -> None:
    """Nothing rescales the pixels before the base, which does so itself."""
    own, found = base_of(case).config.count('"Rescaling"'), rescaling(case)
    wanted = f"{own} rescaling before the layers with weights, the base's own"
    known, place = "rescaled_twice", [node.id for node in found]
    expect(len(found) <= own, wanted, f"{len(found)}: {names(found)}", known, place=place)


@weight(3)
@cases("normed", "vgg16")
def test_head(case: Case) -> None:
    """After the base come global average pooling, dropout and exactly one dense layer."""
    last = layer_names(base_of(case))[-1]
    after = f'between("{last}", "output")'
    layers = f'{after}.count("gap") == 1 and {after}.count("dense") == 1'
    case.expect(f'{layers} and {after}.count("gmp|flatten|conv") == 0', mistake=head_mistake)
    case.expect(f'between("{last}", "dense").count("dropout") >= 1', mistake=dropout_mistake)


@weight(2)
@cases("loss")
@reported
def test_loss_for_integer_labels(case: Case) -> None:
    """It comes compiled, with the cross-entropy for labels that are whole numbers."""
    built = replace(case, name="normed").architecture
    found, compiled = "one that is not compiled", built.compile_config or {}
    expect(bool(compiled), "a compiled model", found, mistake="not_compiled")
    arrays = case.arrays
    if "sparsecategoricalcrossentropy" not in str(compiled.get("loss")).lower().replace("_", ""):
        expect_cross_entropy(arrays, drawn(case.given["labels"]))


diagnose = frozen_error


def expect_as_given(case: Case) -> None:
    """Fail if arrays of the base are others in the model."""
    changed, wanted = base_inside(case, given_base(case)).changed, "the base's arrays as given"
    expect(not changed, wanted, f"others in {listed(changed)}", lambda: given_mistake(case))


def expect_head_only(case: Case) -> None:
    """Fail unless the model trains its head and nothing of the base."""
    layers, wanted = trained(case), "a base of which nothing trains"
    thawed = of_base(case, layers)
    expect(not thawed, wanted, f"{listed(thawed)} trainable", mistake="base_not_frozen")
    expect_some(layers, "trains")


def expect_step(case: Case) -> None:
    """Fail unless a step in the judge room moves the head and nothing of the base."""
    found = step(case)
    expect_still(case, (*found.layers, *found.statistics))
    expect_some(found.moved, "moves")


def expect_some(layers: Iterable[str], does: str) -> None:
    """Fail if there are none of the head's layers."""
    found = f"nothing in the model {does}"
    expect(any(layers), f"a head that {does}", found, mistake="head_frozen")


def expect_still(case: Case, paths: Iterable[str]) -> None:
    """Fail if a layer of the base is among those that moved."""
    moved = of_base(case, layers_of(map(short, paths)))
    wanted = "a base in which nothing moves while the head is trained"
    expect(not moved, wanted, f"{listed(moved)} moved", step_mistake(case, moved))


def expect_before_base(case: Case) -> None:
    """Fail if augmentation comes after layers with weights."""
    every = preparations(case.architecture)
    late = [one.node for one in every if one.node.kind == "augment" and not one.before_convolutions]
    wanted, found = "augmentation before the base", f"{names(late)} after layers with weights"
    expect(not late, wanted, found, mistake="augmentation_after_base", place=at(late))


def rescaling(case: Case) -> list[Node]:
    """What rescales pixels, before all layers with weights: arithmetic in the head is none."""
    early = [one.node for one in preparations(case.architecture) if one.before_convolutions]
    form = at(node for node in early if node.kind == "rescale")
    return [case.architecture.node(number) for number in form]


def expect_random_in_training(case: Case) -> None:
    """Fail unless images change at random in training, and only then."""
    seen = augmentation(case.model, some_images(case.model, seed=2))
    wanted, found = "images that change at random in training", "the same each time"
    expect(seen.active, wanted, found, mistake="augmentation_missing")
    expect(seen.silent, "the same answer twice in inference", "two different ones")


def expect_cross_entropy(arrays: dict[str, np.ndarray], labels: np.ndarray) -> None:
    """Fail unless a loss is the cross-entropy of these labels, as a student's own may be."""
    shares, found = arrays["outputs"][np.arange(len(labels)), labels], float(arrays["loss"][0])
    wanted = float(-np.log(np.clip(shares, 1e-7, 1)).mean())
    said, right = apart(found, wanted, ".4f")
    expect(
        abs(found - wanted) <= 0.01 * wanted,
        f"a cross-entropy of {right} on some images",
        said,
        mistake="loss_needs_one_hot",
    )
