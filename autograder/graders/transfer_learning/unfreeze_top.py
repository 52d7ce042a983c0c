"""unfreeze_top: what trains, and what one step of training changes,
after a frozen and fitted model is unfrozen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograder.answers.networks import made
from autograder.answers.questions import Network, Question, Random, Snippet
from autograder.architecture.parameters import count_parameters
from autograder.architecture.witnesses import movement
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.expectations import listed
from autograder.records import CellError

from ._bases import (
    arrays_of,
    layers_of,
    normed,
    norms_of,
    of_base,
    residual,
    short,
    some_images,
    some_targets,
    trains,
    vgg16,
)

NEEDS = ("frozen_model",)

STEP = """
import keras
import numpy as np

base, images, labels = given["base"], given["images"], given["labels"]
model = notebook["build_frozen"](base, given["classes"])


def everything():
    return [np.array(keras.ops.convert_to_numpy(w)) for w in model.weights]


def arrays():
    return [
        [np.array(keras.ops.convert_to_numpy(w)) for w in layer.weights] for layer in base.layers
    ]


def loss():
    return float(np.asarray(model.compute_loss(images, labels, model(images, training=False))))


def fit():
    model.fit(images, labels, batch_size=len(images), epochs=1, verbose=0)


def rate(optimizer):
    found = optimizer.get_config().get("learning_rate")
    return float(found) if isinstance(found, (int, float)) else None


fit()
losses, learnt, before, earlier = [loss()], everything(), arrays(), rate(model.optimizer)
returned = notebook["unfreeze_from"](model, base, given["layer"], learning_rate=given["rate"])
losses.append(loss())
kept = len(learnt) == len(model.weights) and all(map(np.array_equal, learnt, everything()))
own = {id(w) for w in base.weights}
trainable = {id(w) for w in model.trainable_weights}
head = [w for w in model.trainable_weights if id(w) not in own]
was = [np.array(keras.ops.convert_to_numpy(w)) for w in head]
fit()
answer = {
    "returned": "model" if returned is model else type(returned).__name__,
    "kept": kept,
    "losses": losses,
    "rates": [earlier, rate(model.optimizer)],
    "optimizer": type(model.optimizer).__name__,
    "base": [
        [
            layer.name,
            layer.weights[i].name,
            id(layer.weights[i]) in trainable,
            not np.array_equal(old[i], new[i]),
        ]
        for layer, old, new in zip(base.layers, before, arrays())
        for i in range(len(old))
    ],
    "head": [not np.array_equal(a, keras.ops.convert_to_numpy(w)) for a, w in zip(was, head)],
}
"""
UNFROZEN = """
base = given["base"]
model = notebook["build_frozen"](base, given["classes"])
model.fit(given["images"], given["labels"], batch_size=len(given["images"]), epochs=1, verbose=0)
answer = notebook["unfreeze_from"](model, base, given["layer"]) or model
"""
STEPS = ("narrow", "middle")
# a convolution before a batch norm, so that each mistake costs the same whatever is drawn
FORKED_FROM = "deep_one"
VGG_TOP, VGG_ALL = 7_079_424, 14_714_688


class Step(NamedTuple):
    """What the student room saw of a step of training after `unfreeze_from`."""

    base: Any  # the base as it was made
    layer: str
    told: dict[str, Any]

    @property
    def asked(self) -> set[str]:
        """The layers that are to train."""
        return to_train(self.base, self.layer)

    @property
    def training(self) -> list[str]:
        """The layers of the base of which something trains."""
        return list(dict.fromkeys(name for name, _, trains, _ in self.told["base"] if trains))

    @property
    def moved(self) -> list[str]:
        """The layers of the base of which something moved."""
        return list(dict.fromkeys(name for name, _, _, moved in self.told["base"] if moved))

    @property
    def still(self) -> list[str]:
        """Arrays that are to move and did not."""
        return [
            f"{name}/{array}"
            for name, array, _, moved in self.told["base"]
            if name in self.asked and not moved
        ]


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 8)]
    side, height, width = (
        int(n) for n in (8 * rng.integers(2, 4), rng.integers(14, 30), rng.integers(14, 30))
    )
    plain = normed(side, [int(n) for n in rng.integers(4, 9, 3)], seeds[0])
    narrow = vgg16(32, seeds[1], [[int(rng.integers(4, 8))] * n for n in (2, 2, 3, 3, 3)])
    forked = residual(height, width, int(rng.integers(4, 8)), seeds[2])
    rate = float(rng.choice([2e-5, 5e-5, 3e-4]))
    middle = str(rng.choice(["stage1_relu", "stage1_pool", "stage2_conv"]))
    deep = f"block{rng.integers(3, 5)}_conv2"
    return {
        "middle": Snippet(STEP, _given(plain, (side, side), middle, seeds[3], rate)),
        "narrow": Snippet(STEP, _given(narrow, (32, 32), deep, seeds[4], 10 * rate)),
        "residual": Snippet(
            UNFROZEN, _given(forked, (height, width), FORKED_FROM, seeds[6]), weights=True
        ),
        "vgg16": Snippet(
            UNFROZEN, _given(vgg16(32, seeds[7]), (32, 32), "block5_conv1", seeds[7], n=2)
        ),
    }


@weight(3)
def test_top_trains(answers: Answers) -> None:
    """In the base, the named layer and everything after it train, batch norms excepted."""
    for step in steps(answers):
        expect_top(step.base, step.layer, set(step.training))


@weight(3)
def test_rest_stays_frozen(answers: Answers) -> None:
    """Nothing before the named layer trains."""
    for step in steps(answers):
        expect(bool(step.training), "a base in which something trains", "nothing trains",
               misconception="nothing_unfrozen")  # fmt: skip
        expect_rest(step.base, step.layer, set(step.training))


def test_a_step_moves_the_base(answers: Answers) -> None:
    """One step of `fit` afterwards moves something in the base."""
    for step in steps(answers):
        expect(
            bool(step.moved),
            "movement in the base",
            "not one of its arrays moved",
            misconception="forgot_to_recompile" if step.training else "nothing_unfrozen",
        )


@weight(4)
@needs("test_a_step_moves_the_base")
def test_what_a_step_moves(answers: Answers) -> None:
    """The step moves every unfrozen array, and none before the named layer."""
    for step in steps(answers):
        expect(
            not step.still,
            f"movement in {listed(sorted(step.asked))}",
            f"{listed(step.still)} stayed as they were",
            misconception="forgot_to_recompile" if step.asked <= set(step.training) else None,
        )
        others = [layer for layer in step.moved if layer not in step.asked | norms_of(step.base)]
        expect(
            not others,
            f"movement in {listed(sorted(step.asked))} only",
            f"also in {listed(others)}",
            misconception=training_mistake(step.base, step.layer, set(step.training)),
        )


@weight(3)
@needs("test_a_step_moves_the_base")
def test_batch_norm_holds_still(answers: Answers) -> None:
    """No array of any batch norm trains or moves, its statistics included."""
    for step in steps(answers):
        norms = norms_of(step.base)
        moved = [layer for layer in dict.fromkeys([*step.training, *step.moved]) if layer in norms]
        expect(not moved, "batch norms that stay as they are", f"{listed(moved)} train or moved",
               misconception="batch_norm_moved")  # fmt: skip


@weight(2)
@needs("test_a_step_moves_the_base")
def test_head_keeps_training(answers: Answers) -> None:
    """The head trains on."""
    for step in steps(answers):
        head = step.told["head"]
        expect(
            bool(head) and all(head),
            "a head that moves with the rest",
            "a head that stays as it was",
            misconception="head_frozen",
        )


@weight(2)
def test_step_in_the_judges_room(answers: Answers) -> None:
    """In a base with a shortcut and a dropout, a step moves just what it should, too."""
    base, layer = base_of(answers, "residual")
    trained = {
        name
        for name in layers_of(trains(answers, "residual"))
        if name in {one.name for one in base.layers}
    }
    expect_top(base, layer, trained)
    expect_rest(base, layer, trained)
    model = answers.model("residual")
    found = movement(model, some_images(model, seed=1), some_targets(model, seed=1), "mse")
    known = {short(key) for key in arrays_of(base)}
    moved = {short(path) for path in found.layers} & {key.partition(":")[0] for key in known}
    wrong = sorted(moved ^ to_train(base, layer)) + [short(path) for path in found.statistics]
    expect(
        not wrong,
        f"movement in {listed(sorted(to_train(base, layer)))} and the head",
        f"not so in {listed(wrong)}",
        misconception=others_mistake(base, wrong),
    )


@weight(2)
def test_vgg16_from_block5(answers: Answers) -> None:
    """Of VGG16 from `block5_conv1` on, 7,079,424 of 14,714,688 parameters train, and the head."""
    asked = answers.questions["vgg16"]
    assert isinstance(asked, Snippet)
    architecture = answers.architecture("vgg16")
    sizes = {
        node.name: count_parameters(architecture).layers.get(node.layer, 0)
        for node in of_base(architecture, asked.given["base"])
    }
    total = sum(sizes.values())
    found = sum(sizes[name] for name in layers_of(trains(answers, "vgg16")) if name in sizes)
    expect(
        (found, total) == (VGG_TOP, VGG_ALL),
        f"{VGG_TOP:,} of {VGG_ALL:,} to train",
        f"{found:,} of {total:,}",
    )


@needs("test_a_step_moves_the_base")
def test_same_loss(answers: Answers) -> None:
    """The loss is the one that the model was compiled with before."""
    for step in steps(answers):
        before, after = (float(loss) for loss in step.told["losses"])
        expect(
            abs(after - before) <= 1e-3 * abs(before) + 1e-6,
            f"on some images the same loss, {before:.4f}",
            f"{after:.4f}",
            misconception="other_loss" if step.told["kept"] else "weights_lost",
        )


@weight(2)
@needs("test_a_step_moves_the_base")
def test_learning_rate(answers: Answers) -> None:
    """It is compiled with an adaptive optimizer at the learning rate asked for, 1e-5 by default."""
    for step, rate in zip(steps(answers), rates(answers), strict=True):
        earlier, found = step.told["rates"]
        expect(
            found is not None and abs(found - rate) <= 1e-3 * rate,
            f"the constant learning rate {rate:g}",
            "a schedule" if found is None else f"{found:g}",
            misconception=rate_mistake(earlier, found),
        )
        expect(
            step.told["optimizer"] != "SGD",
            "an adaptive optimizer, such as Adam",
            step.told["optimizer"],
        )
    config = answers.answer("residual").config().get("compile_config") or {}
    if "unreadable" in config:  # a loss that can't be written down
        return
    default = (config.get("optimizer") or {}).get("config", {}).get("learning_rate")
    fits = isinstance(default, float) and abs(default - 1e-5) <= 1e-8
    expect(fits, "1e-05 where no rate is given", default, misconception="rate_without_default")


@needs("test_a_step_moves_the_base")
def test_same_model_returned(answers: Answers) -> None:
    """It changes the model in place and returns it."""
    for step in steps(answers):
        found = step.told["returned"]
        expect(found == "model", "the very model that it was given, returned",
               {"NoneType": "None"}.get(found, f"another {found}"),
               misconception="not_returned" if found == "NoneType" else "new_model")  # fmt: skip


def steps(answers: Answers) -> list[Step]:
    return [Step(*base_of(answers, case), told(answers, case)) for case in STEPS]


def told(answers: Answers, case: str) -> dict[str, Any]:
    answers.answer(case, mistake_in_error)
    value: dict[str, Any] = answers.value(case)
    return value


def to_train(base: Any, layer: str) -> set[str]:
    """The layers from `layer` on that have arrays, batch norms excepted."""
    order = [one.name for one in base.layers]
    after = base.layers[order.index(layer) :]
    return {one.name for one in after if one.weights and one.name not in norms_of(base)}


def expect_top(base: Any, layer: str, trained: set[str]) -> None:
    """Fail unless all that is to train does."""
    missing = sorted(to_train(base, layer) - trained)
    expect(
        not missing,
        f"from «{layer}» on {listed(sorted(to_train(base, layer)))} to train",
        f"{listed(missing)} frozen",
        misconception=training_mistake(base, layer, trained),
    )


def expect_rest(base: Any, layer: str, trained: set[str]) -> None:
    """Fail if something trains that comes before the named layer."""
    early = sorted(trained - to_train(base, layer) - norms_of(base))
    expect(not early, f"everything before «{layer}» frozen", f"{listed(early)} to train",
           misconception=training_mistake(base, layer, trained))  # fmt: skip


def training_mistake(base: Any, layer: str, trained: set[str]) -> str | None:
    """The known mistake that makes these layers of the base train."""
    wanted, found = to_train(base, layer), trained - norms_of(base)
    everything = {one.name for one in base.layers if one.weights} - norms_of(base)
    if not found:
        return "nothing_unfrozen"
    if found == everything != wanted:
        return "unfreezes_everything"
    if found == everything - wanted:
        return "wrong_side_unfrozen"
    if found == wanted - {layer}:
        return "named_layer_left_frozen"
    return "only_named_layer" if found == {layer} != wanted else None


def others_mistake(base: Any, others: list[str]) -> str | None:
    return "batch_norm_moved" if others and set(others) <= norms_of(base) else None


def rate_mistake(earlier: float | None, found: float | None) -> str | None:
    return (
        None if found is None else "rate_as_before" if found == earlier else "rate_without_default"
    )


def mistake_in_error(error: CellError) -> str | None:
    return "forgot_to_recompile" if "unknown variable" in error.message.lower() else None


def base_of(answers: Answers, case: str) -> tuple[Any, str]:
    asked = answers.questions[case]
    assert isinstance(asked, Snippet)
    return made(asked.given["base"]), str(asked.given["layer"])


def rates(answers: Answers) -> list[float]:
    return [float(answers.questions[case].given["rate"]) for case in STEPS]  # type: ignore[union-attr]


def _given(
    base: Network, size: tuple[int, int], layer: str, seed: int, rate: float = 1e-5, n: int = 8
) -> dict[str, Any]:
    return {
        "base": base,
        "classes": 5,
        "layer": layer,
        "rate": rate,
        "images": Random((n, *size, 3), seed, "integers", 0, 256, "uint8"),
        "labels": Random((n,), seed + 1, "integers", 0, 5, "int64"),
    }
