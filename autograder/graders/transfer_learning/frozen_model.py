"""frozen_model: augmentation, a frozen base, pooling, dropout, one dense layer;
judged by what a step moves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.answers.networks import image_shape, layer_names, made
from autograder.answers.questions import Call, Network, Question, Random, Snippet
from autograder.architecture import canonical
from autograder.architecture.witnesses import augmentation, movement
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.expectations import listed
from autograder.judge.structure import at, names, structure, words
from autograder.judge.trained import expect_classifier
from autograder.records import CellError

from ._bases import (
    compared,
    expect_inside,
    input_mistake,
    layers_of,
    normed,
    of_base,
    residual,
    short,
    some_images,
    some_targets,
    trains,
    vgg16,
)

FITTED = """
model = notebook["build_frozen"](given["base"], given["classes"])
model.fit(given["images"], given["labels"], batch_size=len(given["images"]), epochs=1, verbose=0)
answer = model
"""
LOSS = """
import numpy as np
model = notebook["build_frozen"](given["base"], given["classes"])
outputs = model(given["images"], training=False)
loss = model.compute_loss(given["images"], given["labels"], outputs)
answer = {"loss": np.ravel(np.asarray(loss)).astype("float64"), "outputs": np.asarray(outputs)}
"""
BUILT = ("normed", "residual")


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
        "fitted": Snippet(FITTED, _given(plain, (side, side), classes[0], seeds[4]), weights=True),
        "narrow": Snippet(FITTED, _given(narrow, (32, 32), classes[3], seeds[5]), weights=True),
        "loss": Snippet(LOSS, _given(plain, (side, side), classes[0], seeds[5])),
    }


@weight(3)
def test_base_as_it_was(answers: Answers) -> None:
    """The base is inside the model, every array of it as it was given."""
    for case in BUILT:
        base = made(base_of(answers, case))
        answers.architecture(case, mistake_in_error)
        expect_inside(answers, case, base)
        moved = compared(base, answers.answer(case).weights())
        expect(
            not moved.changed and not moved.missing,
            expected="in the model the base's arrays as they were given",
            found=f"others in {listed(layers_of(moved.changed or moved.missing))}",
            misconception="fresh_copy_of_base",
        )


@weight(4)
@needs("test_base_as_it_was")
def test_only_the_head_trains(answers: Answers) -> None:
    """What the model trains is the head's: kernel and bias of its dense layer,
    and nothing of the base.
    """
    for case in (*BUILT, "vgg16"):
        known, trained = set(layer_names(base_of(answers, case))), layers_of(trains(answers, case))
        thawed = [layer for layer in trained if layer in known]
        expect(not thawed, "a base of which nothing trains", f"{listed(thawed)} trainable",
               misconception="base_not_frozen")  # fmt: skip
        expect(
            bool(trained),
            "a head that trains",
            "nothing in the model trains",
            misconception="head_frozen",
        )


@weight(2)
def test_output(answers: Answers) -> None:
    """The model turns an image into a probability for each class."""
    for case in (*BUILT, "vgg16"):
        answers.architecture(case, mistake_in_error)
        shape, classes = image_shape(base_of(answers, case)), classes_of(answers, case)
        expect_classifier(answers, shape, classes, case, input_mistake)
    model = answers.model("normed")
    outputs = np.asarray(model(some_images(model, seed=3), training=False))
    expect(
        bool(np.allclose(outputs.sum(axis=1), 1, atol=1e-3) and (outputs >= 0).all()),
        "outputs that add up to 1",
        f"sums like {outputs[0].sum():.2f}",
        misconception="softmax_missing",
    )


@weight(3)
@needs("test_base_as_it_was", "test_output")
def test_step_in_the_judges_room(answers: Answers) -> None:
    """One step of training moves the head; of the base no weight and no batch-norm statistic."""
    for case in BUILT:
        base, model = made(base_of(answers, case)), answers.model(case)
        images = some_images(model, seed=1)
        found = movement(model, images, some_targets(model, seed=1), "mse")
        expect_still(base, [*found.moved, *(f"{path}:statistics" for path in found.statistics)])
        expect(bool(found.moved), "a head that moves", "nothing moved", misconception="head_frozen")


@weight(3)
@needs("test_base_as_it_was")
def test_step_by_fit(answers: Answers) -> None:
    """After `fit` on a batch, compiled as you did it, every array of the base is what it was."""
    for case in ("fitted", "narrow"):
        base = made(base_of(answers, case))
        answers.architecture(case, mistake_in_error)
        expect_inside(answers, case, base)
        expect_still(base, compared(base, answers.answer(case).weights()).changed)


@weight(3)
def test_augmentation(answers: Answers) -> None:
    """Augmentation comes before the base, changes images in training
    and leaves them alone in inference.
    """
    for case in BUILT:
        architecture, base = answers.architecture(case, mistake_in_error), base_of(answers, case)
        nodes, found = of_base(architecture, base), structure(architecture)
        learning = [
            node for node in found.form.nodes if node.kind in {"conv", "sepconv", "dwconv", "dense"}
        ]
        random = found.of_kind("augment")
        late = [node for node in random if set(found.before(node)) & set(learning)]
        expect(
            bool(random),
            "random layers before the base",
            "no augmentation",
            misconception="augmentation_missing",
        )
        expect(not late, "augmentation before the base", f"{names(late)} after {names(nodes[-1:])}",
               misconception="augmentation_after_base", place=at(late))  # fmt: skip
        witnessed = augmentation(answers.model(case), some_images(answers.model(case), seed=2))
        expect(witnessed.active, "images that change at random in training", "the same each time",
               misconception="augmentation_missing")  # fmt: skip
        expect(witnessed.silent, "the same answer twice in inference", "two different ones")


@weight(2)
@needs("test_base_as_it_was")
def test_base_rescales_itself(answers: Answers) -> None:
    """Nothing rescales the pixels before the base, which does so itself."""
    for case in (*BUILT, "vgg16"):
        architecture, base = answers.architecture(case), base_of(answers, case)
        own = {node.id for node in of_base(architecture, base)}
        extra = [
            node for node in structure(architecture).of_kind("rescale") if not own & set(at([node]))
        ]
        expect(not extra, "pixels that reach the base as they are", f"{names(extra)} as well",
               misconception="rescaled_twice", place=at(extra))  # fmt: skip


@weight(3)
def test_head(answers: Answers) -> None:
    """After the base come global average pooling, dropout and exactly one dense layer."""
    for case in (*BUILT, "vgg16"):
        architecture, base = answers.architecture(case, mistake_in_error), base_of(answers, case)
        own = {node.id for node in of_base(architecture, base)}
        form = canonical(architecture, frozenset({"dropout"}))
        head = [
            node
            for node in form.nodes
            if node.kind in {"gap", "gmp", "flatten", "dense", "conv", "dropout"}
            and not own & set(at([node]))
        ]
        kinds = [node.kind for node in head]
        core = [kind for kind in kinds if kind != "dropout"]
        expect(
            core == ["gap", "dense"] and "dropout" in kinds[: kinds.index("dense")],
            expected="global average pooling, dropout, and one dense layer",
            found=words(head),
            misconception=head_mistake(core),
            place=at(head),
        )


@weight(2)
def test_loss_for_integer_labels(answers: Answers) -> None:
    """It comes compiled, with the cross-entropy for labels that are whole numbers."""
    answers.answer("loss", mistake_in_error)
    compiled = answers.answer("normed").config().get("compile_config")
    expect(
        bool(compiled), "a compiled model", "one that is not compiled", misconception="not_compiled"
    )
    arrays = answers.answer("loss").arrays()
    if "sparsecategoricalcrossentropy" in str(compiled).lower().replace("_", ""):
        return
    labels, outputs, found = labels_of(answers, "loss"), arrays["outputs"], float(arrays["loss"][0])
    wanted = float(-np.log(np.clip(outputs[np.arange(len(labels)), labels], 1e-7, 1)).mean())
    expect(
        abs(found - wanted) <= 0.01 * wanted,
        f"a cross-entropy of {wanted:.4f} on some images",
        f"{found:.4f}",
        misconception="loss_needs_one_hot",
    )


def expect_still(base: Any, moved: Any) -> None:
    """Fail if an array of the base is among those that moved."""
    known = {layer.name: type(layer).__name__ for layer in base.layers}
    layers = [layer for layer in layers_of(short(key) for key in moved) if layer in known]
    norms = [layer for layer in layers if known[layer] == "BatchNormalization"]
    only_norms = layers and len(norms) == len(layers)
    expect(
        not layers,
        expected="a base in which nothing moves while the head is trained",
        found=f"{listed(layers)} moved",
        misconception="batch_norm_moved" if only_norms else "base_not_frozen",
    )


def head_mistake(core: list[str]) -> str | None:
    if "flatten" in core:
        return "flatten_instead_of_pooling"
    if core.count("dense") > 1:
        return "hidden_dense_layer"
    if core == ["gap", "dense"]:
        return "dropout_missing"
    return "dense_on_feature_map" if core == ["dense"] else None


def mistake_in_error(error: CellError) -> str | None:
    """The known mistake behind an error that building or fitting raised."""
    text = error.message.lower()
    if "compile" in text and ("must call" in text or "not been compiled" in text):
        return "not_compiled"
    if "shape" in text and any(
        word in text for word in ("target", "y_true", "labels", "logits", "rank")
    ):
        return "loss_needs_one_hot"
    return None


def base_of(answers: Answers, case: str) -> Network:
    asked = answers.questions[case]
    base: Network = asked.given["base"] if isinstance(asked, Snippet) else asked.args[0]  # type: ignore[union-attr]
    return base


def classes_of(answers: Answers, case: str) -> int:
    asked = answers.questions[case]
    assert isinstance(asked, Call)
    return int(asked.args[1])


def labels_of(answers: Answers, case: str) -> np.ndarray:
    asked = answers.questions[case]
    assert isinstance(asked, Snippet)
    given: Random = asked.given["labels"]
    return np.random.default_rng(given.seed).integers(int(given.low), int(given.high), given.shape)


def _given(base: Network, size: tuple[int, int], classes: int, seed: int) -> dict[str, Any]:
    return {
        "base": base,
        "classes": classes,
        "images": Random((8, *size, 3), seed, "integers", 0, 256, "uint8"),
        "labels": Random((8,), seed + 1, "integers", 0, classes, "int64"),
    }
