"""extract_features: a base's output for many images, in inference mode,
in order, and the base as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.answers.networks import made
from autograder.answers.questions import Call, Network, Question, Random, Snippet
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.expectations import Failure, listed

from ._bases import compared, layers_of, normed, residual, vgg16

KEPT = """
base = given["base"]
notebook["extract_features"](base, given["images"], batch_size=given["batch_size"])
answer = base
"""
CASES = ("normed", "vgg16", "residual")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 8)]
    side, height, width = (
        int(n) for n in (4 * rng.integers(4, 8), rng.integers(12, 30), rng.integers(12, 30))
    )
    batch, few = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    bases = {
        "normed": (normed(side, [int(n) for n in rng.integers(3, 9, 2)], seeds[0]), (side, side)),
        "vgg16": (vgg16(32, seeds[1], ((2, 3), (4, 4), (5, 5, 5), (6, 6, 6), (7, 7, 7))), (32, 32)),
        "residual": (residual(height, width, int(rng.integers(3, 8)), seeds[2]), (height, width)),
    }
    asked: dict[str, Question] = {
        name: _call(base, (2 * batch + few, *size), seed, batch)
        for (name, (base, size)), seed in zip(bases.items(), seeds[3:], strict=False)
    }
    base, size = bases["normed"]
    given = {
        "base": base,
        "images": _images((2 * batch + few, *size), seeds[6]),
        "batch_size": batch,
    }
    return {
        **asked,
        "default": Call("extract_features", (base, _images((35, *size), seeds[7]))),
        "single": _call(base, (1, *size), seeds[7], 16),
        "base": Snippet(KEPT, given, weights=True),
    }


@weight(2)
def test_one_row_an_image(answers: Answers) -> None:
    """There is one row of features for each image, also where the last batch is not full."""
    for case in (*CASES, "default", "single"):
        features, images = answers.array(case), images_of(answers, case)
        expect(
            features.ndim > 0 and len(features) == len(images),
            expected=(
                f"{len(images)} rows for {len(images)} images "
                f"in batches of {batch_of(answers, case)}"
            ),
            found=f"an array of shape {features.shape}",
            misconception=(
                "last_batch_lost" if features.ndim and len(features) < len(images) else None
            ),
        )


@weight(5)
@needs("test_one_row_an_image")
def test_inference_output(answers: Answers) -> None:
    """Each row is what the base gives for that image in inference mode,
    in the order of the images.
    """
    for case in (*CASES, "default"):
        expect_features(answers, case)


@weight(2)
@needs("test_inference_output")
def test_size_of_batches(answers: Answers) -> None:
    """The features of an image do not depend on what else is in its batch."""
    expect_features(answers, "single")


@needs("test_one_row_an_image")
def test_float32_array(answers: Answers) -> None:
    """The features are a NumPy array of float32."""
    answer, dtype = answers.answer("normed"), answers.array("normed").dtype
    expect(
        answer.type == "ndarray" and dtype == np.float32,
        "an np.ndarray of float32",
        f"{answer.type} of {dtype}",
    )


@weight(2)
@needs("test_one_row_an_image")
def test_base_unchanged(answers: Answers) -> None:
    """The base's weights and batch-norm statistics are afterwards what they were before."""
    answers.architecture("base")
    moved = compared(made(base_of(answers, "base")), answers.answer("base").weights())
    expect(
        not moved.changed and not moved.missing,
        expected="a base whose arrays are all as they were",
        found=f"others in {listed(layers_of(moved.changed or moved.missing))}",
        misconception="base_changed",
    )


def expect_features(answers: Answers, case: str) -> None:
    """Fail unless the answer is what the base gives for the images."""
    features, wanted = answers.array(case), expected(answers, case)
    if features.shape == wanted.shape and close(features, wanted):
        return
    same = features.shape == wanted.shape
    off = (
        f"off by up to {np.abs(features - wanted).max():.3g}"
        if same
        else f"of shape {features.shape}"
    )
    raise Failure(
        f"features of shape {wanted.shape}, equal to the base's output in inference mode",
        f"features {off}",
        misconception=mistake(answers, case, features, wanted),
    )


def mistake(answers: Answers, case: str, features: np.ndarray, wanted: np.ndarray) -> str | None:
    """The known mistake that gives these features."""
    images, rows = images_of(answers, case), len(wanted)
    if features.shape != wanted.shape:
        if features.shape == (rows, wanted.shape[-1]) and close(features, wanted.mean(axis=(1, 2))):
            return "features_pooled"
        return "features_flattened" if features.shape == (rows, wanted[0].size) else None
    order = [np.abs(wanted - row).reshape(rows, -1).max(axis=1).argmin() for row in features]
    if close(features, wanted[order]) and sorted(order) == list(range(rows)):
        return "features_out_of_order"
    base = made(base_of(answers, case))
    if any(
        close(features, predicted(base, scaled)) for scaled in (images / 255, images / 127.5 - 1)
    ):
        return "rescaled_twice"
    step = batch_of(answers, case)
    batches = [in_training(base, images[start : start + step]) for start in range(0, rows, step)]
    return "batch_norm_in_training_mode" if close(features, np.concatenate(batches)) else None


def in_training(base: Any, images: np.ndarray) -> np.ndarray:
    """What the base gives in training mode; it is left as it was."""
    before = base.get_weights()
    try:
        return np.asarray(base(images.astype("float32"), training=True))
    finally:
        base.set_weights(before)


def expected(answers: Answers, case: str) -> np.ndarray:
    result: np.ndarray = answers.once(
        "expected", case, lambda: predicted(made(base_of(answers, case)), images_of(answers, case))
    )
    return result


def predicted(base: Any, images: np.ndarray) -> np.ndarray:
    return np.asarray(base(images.astype("float32"), training=False))


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for rounding, measured by the largest of the numbers."""
    scale = float(np.abs(wanted).max())
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= 1e-3 * scale + 1e-6)


def images_of(answers: Answers, case: str) -> np.ndarray:
    asked = answers.questions[case]
    assert isinstance(asked, Call)
    given: Random = asked.args[1]
    rng = np.random.default_rng(given.seed)
    return rng.integers(int(given.low), int(given.high), given.shape).astype(given.dtype)


def base_of(answers: Answers, case: str) -> Network:
    asked = answers.questions[case]
    base: Network = asked.given["base"] if isinstance(asked, Snippet) else asked.args[0]  # type: ignore[union-attr]
    return base


def batch_of(answers: Answers, case: str) -> int:
    asked = answers.questions[case]
    return int(asked.kwargs.get("batch_size", 32)) if isinstance(asked, Call) else 32


def _call(base: Network, shape: tuple[int, int, int], seed: int, batch_size: int) -> Call:
    return Call("extract_features", (base, _images(shape, seed)), {"batch_size": batch_size})


def _images(shape: tuple[int, int, int], seed: int) -> Random:
    return Random((*shape, 3), seed, "integers", 0, 256, "uint8")
