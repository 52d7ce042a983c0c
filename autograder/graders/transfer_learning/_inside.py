"""A base inside an answer: told by the names of its layers, which Keras keeps wherever a base is
nested, flattened or called anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.answers.networks import layer_names, made
from autograder.answers.questions import Network, Snippet
from autograder.architecture import agreement
from autograder.architecture.witnesses import Movement, movement
from autograder.judge import Case, expect
from autograder.judge.expectations import listed

from ._bases import arrays_of


@dataclass(frozen=True)
class Moved:
    """The layers of a base whose arrays in an answer are others, or not there."""

    changed: list[str]
    missing: list[str]


def base_of(case: Case) -> Network:
    """The base that the student's function is given."""
    base: Network = case.given["base"] if isinstance(case.asked, Snippet) else case.args[0]
    return base


def given_base(case: Case) -> Any:
    """The same base, made: weights and all."""
    return made(base_of(case))


def arrays_inside(case: Case) -> dict[str, np.ndarray]:
    """The answer's arrays as "<layer>:<index>", wherever a layer stands."""
    return {short(key): array for key, array in case.arrays.items()}


def short(path: str) -> str:
    """What a path ends with: the layer, or "<layer>:<index>"."""
    return path.rpartition("/")[2]


def layers_of(keys: Iterable[str]) -> list[str]:
    """The layers of some arrays, each once."""
    return list(dict.fromkeys(key.partition(":")[0] for key in keys))


def moved(case: Case, base: Any) -> Moved:
    """Which layers of a base are not in the answer as they were, bit for bit."""
    found, wanted = arrays_inside(case), arrays_of(base)
    there = [key for key in wanted if key in found and found[key].shape == wanted[key].shape]
    changed = [key for key in there if not np.array_equal(found[key], wanted[key])]
    return Moved(layers_of(changed), layers_of(key for key in wanted if key not in there))


def likenesses(case: Case, base: Any) -> list[float]:
    """How alike the kernels of a base are to the answer's where these are others: the cosine of
    their angle, near 0 for kernels drawn anew.
    """
    found, wanted = arrays_inside(case), arrays_of(base)
    pairs = [(found[key].ravel(), wanted[key].ravel()) for key in wanted if wanted[key].ndim > 1]
    return [
        float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-12))
        for one, other in pairs
        if not np.array_equal(one, other)
    ]


def base_inside(case: Case, base: Any) -> Moved:
    """What became of a base in the model that the answer is.

    Raises:
        Failure: layers of it are missing.
    """
    architecture, found = case.architecture, moved(case, base)
    expect(
        not found.missing,
        f"the layers of the base «{base.name}» in the model",
        f"{listed(found.missing)} missing",
        mistake="base_not_inside",
        place=architecture.inputs,
    )
    return found


def trained(case: Case) -> list[str]:
    """The layers that the answer trains."""
    return list(dict.fromkeys(node.name for node in agreement.trained(case.architecture)))


def of_base(case: Case, layers: Iterable[str]) -> list[str]:
    """Those of some layers that are the base's."""
    known = layer_names(base_of(case))
    return [layer for layer in layers if layer in known]


def some_images(model: Any, seed: int, n: int = 8) -> np.ndarray:
    """Random pixels for a model."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, *model.input_shape[1:])).astype("float32")


def step(case: Case) -> Movement:
    """What one step of training moves in the judge room; the answer stays as it is."""
    images, rng = some_images(case.model, seed=1), np.random.default_rng(1)
    targets = rng.normal(size=(len(images), *case.model.output_shape[1:])).astype("float32")
    # the mean squared error moves probabilities and logits alike
    return movement(case.model, images, targets, "mse")
