"""unfreeze_top: what trains, and what one step of training changes,
after a frozen and fitted model is unfrozen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.answers.networks import layer_names
from autograder.architecture.parameters import count_parameters
from autograder.judge import (
    Case,
    Network,
    Question,
    Snippet,
    cases,
    expect,
    needs,
    reported,
    weight,
)
from autograder.judge.expectations import apart, listed

from ._bases import batch, normed, residual, vgg16
from ._inside import base_of, of_base, trained
from ._mistakes import (
    early_mistake,
    loss_mistake,
    moved_mistake,
    rate_mistake,
    returned_mistake,
    training_mistake,
    unfreezing_error,
    unmoved_mistake,
)
from ._unfrozen import (
    STEPS,
    asked,
    beyond,
    frozen_head,
    misplaced,
    moving,
    norms_at_work,
    redrawn,
    standing,
    training,
    wait_for_training,
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


def rate(optimizer):
    found = optimizer.get_config().get("learning_rate")
    return float(found) if isinstance(found, (int, float)) else None


fit(model, images, labels, batch_size=len(images))
losses, learnt, before, earlier = [loss()], everything(), arrays(), rate(model.optimizer)
returned = notebook["unfreeze_from"](model, base, given["layer"], learning_rate=given["rate"])
losses.append(loss())
kept = len(learnt) == len(model.weights) and all(map(np.array_equal, learnt, everything()))
own, inside = {id(w) for w in base.weights}, {id(w) for w in model.weights}
trainable = {id(w) for w in model.trainable_weights}
head = [w for w in model.trainable_weights if id(w) not in own]
was = [np.array(keras.ops.convert_to_numpy(w)) for w in head]
fit(model, images, labels, batch_size=len(images))
answer = {
    "returned": "model" if returned is model else type(returned).__name__,
    "inside": own <= inside,
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
fit(model, given["images"], given["labels"], batch_size=len(given["images"]))
returned = notebook["unfreeze_from"](model, base, given["layer"])
answer = returned if hasattr(returned, "layers") else model
"""
# each mistake costs the same whatever is drawn: always layers without weights in the one base, in
# the other a convolution before a batch norm
WEIGHTLESS = ("stage1_relu", "stage1_pool")
FORKED_FROM = "deep_one"
VGG_TOP, VGG_ALL = 7_079_424, 14_714_688


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 8)]
    side, height, width = (
        int(n) for n in (8 * rng.integers(2, 4), rng.integers(14, 30), rng.integers(14, 30))
    )
    plain = normed(side, [int(n) for n in rng.integers(4, 9, 3)], seeds[0])
    narrow = vgg16(32, seeds[1], [[int(rng.integers(4, 8))] * n for n in (2, 2, 3, 3, 3)])
    forked = residual(height, width, int(rng.integers(4, 8)), seeds[2])
    rate = float(rng.choice([2e-5, 5e-5, 3e-4]))
    middle = str(rng.choice(WEIGHTLESS))
    deep = f"block{rng.integers(3, 5)}_conv2"
    wide = _given(vgg16(32, seeds[7]), "block5_conv1", seeds[7], n=2)
    return {
        "middle": Snippet(STEP, _given(plain, middle, seeds[3], rate)),
        "narrow": Snippet(STEP, _given(narrow, deep, seeds[4], 10 * rate)),
        "residual": Snippet(UNFROZEN, _given(forked, FORKED_FROM, seeds[6]), weights=True),
        "vgg16": Snippet(UNFROZEN, wide),
    }


@cases("narrow")
@reported
def test_something_trains(case: Case) -> None:
    """In the base something trains, by the flags."""
    found, wanted = training(case), "a base in which something trains"
    expect(bool(found), wanted, "nothing trains", lambda: training_mistake(case, found))


@weight(3)
@cases(*STEPS)
@reported
def test_top_trains(case: Case) -> None:
    """In the base, the named layer and everything after it train, batch norms excepted."""
    expect_top(case, training(case))


@weight(3)
@cases(*STEPS)
@reported
def test_rest_stays_frozen(case: Case) -> None:
    """Nothing before the named layer trains."""
    found = training(case)
    wait_for_training(found)
    expect_rest(case, found)


@cases(*STEPS)
@reported
def test_a_step_moves_the_base(case: Case) -> None:
    """One step of `fit` afterwards moves something in the base."""
    found = "not one of its arrays moved"
    expect(bool(moving(case)), "movement in the base", found, lambda: unmoved_mistake(case))


@weight(5)
@needs("test_a_step_moves_the_base")
@cases(*STEPS)
@reported
def test_what_a_step_moves(case: Case) -> None:
    """One step of `fit` moves every unfrozen array, and none before the named layer."""
    flags = training(case)
    others, layers = beyond(case, moving(case)), asked(case)
    if beyond(case, flags) or not set(layers) <= set(flags):  # flags have their price above
        others, layers = [one for one in moving(case) if one not in flags], flags
    still = standing(case, layers)
    wanted, found = f"movement in {listed(layers)}", f"{listed(still)} stayed as they were"
    expect(not still, wanted, found, mistake="forgot_to_recompile")
    found = f"also in {listed(others)}"
    expect(not others, f"{wanted} only", found, lambda: early_mistake(case, training(case)))


@weight(3)
@needs("test_a_step_moves_the_base")
@cases("middle")
@reported
def test_batch_norm_holds_still(case: Case) -> None:
    """No array of any batch norm trains or moves, its statistics included."""
    norms, wanted = norms_at_work(case), "batch norms that stay as they are"
    expect(not norms, wanted, f"{listed(norms)} train or moved", mistake="batch_norm_moved")


@weight(2)
@needs("test_something_trains")
@cases(*STEPS)
@reported
def test_head_keeps_training(case: Case) -> None:
    """The head trains on."""
    moved, frozen = case.value["head"], frozen_head(case)
    wanted, found = "a head that moves with the rest", "a head that stays as it was"
    said, known = f"{listed(frozen)} with trainable=False", "head_frozen_again"
    fits = bool(moved) and all(moved)
    expect(fits, wanted, said if frozen else found, known if frozen else None)


@weight(2)
@cases("residual")
def test_step_in_the_judges_room(case: Case) -> None:
    """In a base with a shortcut and a dropout, a step moves just what it should, too."""
    layers = of_base(case, trained(case))
    expect_top(case, layers)
    expect_rest(case, layers)
    others, still = misplaced(case)
    wanted = f"movement in {listed(asked(case))} and the head"
    expect(not others, f"{wanted} only", f"also in {listed(others)}", moved_mistake(case, others))
    expect(not still, wanted, f"none in {listed(still)}")


@weight(2)
@cases("vgg16")
def test_vgg16_from_block5(case: Case) -> None:
    """Of VGG16 from `block5_conv1` on, 7,079,424 of 14,714,688 parameters train, and the head."""
    found, total = unfrozen_parameters(case)
    right, wanted = (found, total) == (VGG_TOP, VGG_ALL), f"{VGG_TOP:,} of {VGG_ALL:,} to train"
    layers = of_base(case, trained(case))
    expect(right, wanted, f"{found:,} of {total:,}", lambda: training_mistake(case, layers))


@needs("test_something_trains")
@cases(*STEPS)
@reported
def test_same_loss(case: Case) -> None:
    """The loss is the one that the model was compiled with before."""
    before, after = map(float, case.value["losses"])
    same = abs(after - before) <= 1e-3 * abs(before) + 1e-6
    said, earlier = apart(after, before, ".4f")
    wanted, others = f"on some images the same loss, {earlier}", redrawn(case)
    said += f", with other arrays in {listed(others)}" if others else ""
    expect(same, wanted, said, loss_mistake(case))


@weight(2)
@needs("test_something_trains")
@cases(*STEPS, "vgg16")
@reported
def test_learning_rate(case: Case) -> None:
    """It is compiled with an adaptive optimizer at the learning rate asked for, 1e-5 by default."""
    rate, (earlier, found), optimizer = case.given["rate"], *compiled(case)
    right = found is not None and abs(found - rate) <= 1e-3 * rate
    said = "a schedule" if found is None else f"{found:g}"
    known = None if right else rate_mistake(case, earlier, found)
    expect(right, f"the constant learning rate {rate:g}", said, known)
    expect(optimizer != "SGD", "an adaptive optimizer, such as Adam", optimizer)


@needs("test_something_trains")
@cases(*STEPS)
@reported
def test_same_model_returned(case: Case) -> None:
    """It changes the model in place and returns it."""
    found = case.value["returned"]
    other = f"another {found}" if found[0].isupper() else f"a value of type {found}, no model"
    said = {"NoneType": "None"}.get(found, other)
    wanted = "the very model that it was given, returned"
    expect(found == "model", wanted, said, returned_mistake(found))


diagnose = unfreezing_error


def expect_top(case: Case, layers: list[str]) -> None:
    """Fail unless all that is to train does."""
    missing = [layer for layer in asked(case) if layer not in layers]
    wanted = f"from «{case.given['layer']}» on {listed(asked(case))} to train"
    expect(not missing, wanted, f"{listed(missing)} frozen", lambda: training_mistake(case, layers))


def expect_rest(case: Case, layers: list[str]) -> None:
    """Fail if something trains that comes before the named layer."""
    early, wanted = beyond(case, layers), f"everything before «{case.given['layer']}» frozen"
    expect(not early, wanted, f"{listed(early)} to train", lambda: early_mistake(case, layers))


def unfrozen_parameters(case: Case) -> tuple[int, int]:
    """How many of the base's parameters train, by the flags, and of how many."""
    own, count = layer_names(base_of(case)), count_parameters(case.architecture).layers
    sizes = {n.name: count.get(n.layer, 0) for n in case.architecture.nodes if n.name in own}
    return sum(sizes[name] for name in trained(case) if name in sizes), sum(sizes.values())


def compiled(case: Case) -> tuple[tuple[float | None, float | None], str]:
    """The learning rates before and after, None for one that is not constant, and the optimizer."""
    if case.name in STEPS:
        earlier, later = case.value["rates"]
        return (earlier, later), case.value["optimizer"]
    config = case.architecture.compile_config or {}
    optimizer = config.get("optimizer") or {}
    rate = optimizer.get("config", {}).get("learning_rate")
    return (None, rate if isinstance(rate, float) else None), str(optimizer.get("class_name"))


def _given(base: Network, layer: str, seed: int, rate: float = 1e-5, n: int = 8) -> dict[str, Any]:
    first = {"base": base, "classes": 5, "layer": layer, "rate": rate}
    return first | batch(base, 5, seed, n)
