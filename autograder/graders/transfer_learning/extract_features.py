"""extract_features: a base's output for many images, in inference mode,
in order, and the base as it was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.judge import (
    Blocked,
    Call,
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
from autograder.judge.expectations import listed

from ._bases import normed, pixels, residual, vgg16
from ._features import batch_of, close, difference, images_of, rows
from ._inside import given_base, moved
from ._mistakes import (
    chain_mistake,
    features_mistake,
    made_by_the_base,
    off_in_one_way,
    rows_mistake,
)

KEPT = """
base = given["base"]
notebook["extract_features"](base, given["images"], batch_size=given["batch_size"])
answer = base
"""
TWICE = """
import numpy as np
answer = [
    np.asarray(notebook["extract_features"](given["base"], given["images"], batch_size=4))
    for _ in range(2)
]
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 8)]
    side, height, width = (
        int(n) for n in (4 * rng.integers(4, 8), rng.integers(12, 30), rng.integers(12, 30))
    )
    size, few = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    bases = {
        "normed": normed(side, [int(n) for n in rng.integers(3, 9, 2)], seeds[0]),
        "vgg16": vgg16(32, seeds[1], ((2, 3), (4, 4), (5, 5, 5), (6, 6, 6), (7, 7, 7))),
        "residual": residual(height, width, int(rng.integers(3, 8)), seeds[2]),
    }
    n, plain = 2 * size + few, bases["normed"]
    given = {"base": plain, "images": pixels(plain, n, seeds[6]), "batch_size": size}
    return {
        **{name: _call(bases[name], n, seeds[3 + i], size) for i, name in enumerate(bases)},
        "default": Call("extract_features", (plain, pixels(plain, 35, seeds[7]))),
        "single": _call(plain, 1, seeds[7], 16),
        "base": Snippet(KEPT, given, weights=True),
        "twice": Snippet(TWICE, {"base": plain, "images": pixels(plain, 6, seeds[6])}),
    }


@cases("normed")
def test_features_of_images(case: Case) -> None:
    """It returns an array with features for images, which are not all alike."""
    features, wanted = case.answers.array(case.name), "an array with a row of features an image"
    expect(features.ndim > 1 and len(features) > 0, wanted, f"an array of shape {features.shape}")
    wanted, varied = "other features for other images", bool(np.ptp(features, axis=0).any())
    expect(bool(features.any()), wanted, "only zeros", mistake="features_all_zero")
    expect(varied, wanted, "the same for all of them")


@weight(3)
@needs("test_features_of_images")
@cases("normed", "vgg16", "default", "single")
def test_one_row_an_image(case: Case) -> None:
    """There is one row of features for each image, also where the last batch is not full."""
    features, n = case.answers.array(case.name), len(images_of(case))
    wanted = f"{n} rows for {n} images in batches of {batch_of(case)}"
    found = f"{len(features)} rows, in an array of shape {features.shape}"
    expect(features.shape[:1] == (n,), wanted, found, rows_mistake(case))


@weight(4)
@needs("test_features_of_images")
@cases("normed", "vgg16", "default")
def test_inference_output(case: Case) -> None:
    """Each row is what the base gives for that image in inference mode,
    in the order of the images.
    """
    expect_features(case)


@weight(2)
@needs("test_features_of_images")
@cases("residual")
def test_base_with_branches(case: Case) -> None:
    """Each row is what the base gives also where its layers are no chain, but branch and meet
    again.
    """
    case.answers.answer(case.name, lambda error: chain_mistake(error, case))
    if not off_in_one_way(case):  # which is told, and costs, where there are no branches
        expect_features(case)


@needs("test_features_of_images")
@cases("single")
def test_size_of_batches(case: Case) -> None:
    """The features of an image do not depend on what else is in its batch."""
    alone = features_mistake(case) != "batch_norm_in_training_mode"
    if not (alone and off_in_one_way(case)):
        expect_features(case)


@needs("test_features_of_images")
@cases("normed")
@reported
def test_float32_array(case: Case) -> None:
    """The features are a NumPy array of float32."""
    answer, dtype = case.answers.answer(case.name), case.answers.array(case.name).dtype
    fits = answer.type == "ndarray" and dtype == np.float32
    expect(fits, "an np.ndarray of float32", f"{answer.type} of {dtype}")


@weight(2)
@needs("test_features_of_images")
@cases("base")
@reported
def test_base_unchanged(case: Case) -> None:
    """The base's weights and batch-norm statistics are afterwards what they were before."""
    if not made_by_the_base(replace(case, name="normed")):
        raise Blocked("test_inference_output", "first the features have to be the base's")
    found = moved(case, given_base(case))
    others = found.changed or found.missing
    wanted = "a base whose arrays are all as they were"
    expect(not others, wanted, f"others in {listed(others)}", mistake="base_changed")


def expect_features(case: Case) -> None:
    """Fail unless the rows that there are are what the base gives for those images."""
    features, right = rows(case)
    wanted = f"features of shape {right.shape}, equal to the base's output in inference mode"
    found = difference(features, right)
    expect(close(features, right), wanted, found, lambda: features_mistake(case))


def _call(base: Network, n: int, seed: int, size: int) -> Call:
    return Call("extract_features", (base, pixels(base, n, seed)), {"batch_size": size})
