"""resampling: probabilities from a latent space,
rare samples more often (Amini et al. 2019, equation 4).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.judge import Case, Failure, Question, Snippet, cases, expect, needs, weight
from autograder.judge.expectations import apart

from ._equation import CLOSE, equation_4, given, rarer_gets_more
from ._resampling_mistakes import (
    constant_mistake,
    precision_mistake,
    refused_mistake,
    rounding_mistake,
    rule_mistake,
    shape_mistake,
)

CODE = """
import numpy as np
answer = notebook.resampling_probabilities(
    np.array(given["latent"], dtype="float64"), **given["settings"]
)
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    one = rng.exponential(1.0, (int(rng.integers(90, 120)), 1))
    two = np.column_stack([rng.normal(size=140), 5 * rng.gamma(1.5, size=140) - 2])
    flat = np.column_stack([rng.normal(size=80), np.full(80, 1.5)])
    return {
        "one_dimension": _ask(one),
        "dimensions": _ask(two),
        "settings": _ask(two[:, ::-1] * 0.3, bins=int(rng.integers(4, 8)), alpha=0.2),
        "skewed": _ask(rng.gamma(0.5, size=(130, 1)), bins=int(rng.integers(12, 20))),
        "many": _ask(rng.normal(size=(150, 16)) ** 3, bins=12, alpha=0.001),
        "large": _ask(np.round(1000 * rng.gamma(0.15, size=(900, 1)), 3), bins=11),
        "constant": _ask(flat),
        "edges": _ask(
            rng.permutation(np.repeat(np.arange(9.0), 1 + rng.permutation(9)))[:, None], bins=8
        ),
    }


@cases("one_dimension")
def test_numbers_for_samples(case: Case) -> None:
    """It returns an array with as many numbers as there are samples."""
    probabilities(case)


@needs("test_numbers_for_samples")
@cases("one_dimension", "dimensions", "many")
def test_one_probability_a_sample(case: Case) -> None:
    """The array's shape is (n,), whatever the number of dimensions."""
    shape, n = answer(case).shape, len(given(case)[0])
    said = f"shape {shape}" + (": a column, with an axis too many" if shape == (n, 1) else "")
    expect(shape == (n,), f"an array of shape ({n},)", said, shape_mistake(case))


@weight(2)
@needs("test_numbers_for_samples")
@cases("one_dimension", "dimensions", "settings")
def test_sums_to_one(case: Case) -> None:
    """The numbers are probabilities: not negative, and 1 together."""
    found, wanted = probabilities(case), "probabilities from 0 up that sum to 1"
    fits = np.isfinite(found).all() and found.min() >= 0 and abs(found.sum() - 1) < CLOSE
    said = f"a smallest of {found.min():.3g} and a sum of {found.sum():.6g}"
    expect(fits, wanted, said, rule_mistake(case) or rounding_mistake(case))


@weight(2)
@needs("test_numbers_for_samples")
@cases("one_dimension", "skewed")
def test_rarer_never_gets_less(case: Case) -> None:
    """In one dimension, a sample in a bin with fewer samples never gets less
    than one in a fuller bin.
    """
    found, wanted = probabilities(case), "more for a sample in a rarer bin"
    expect(bool(np.ptp(found)), wanted, "as much for each", rule_mistake(case))
    more = rarer_gets_more(case, found)
    fits = np.isfinite(found).all() and more >= -1e-12
    said = f"{max(-more, 0):.3g} less than in a fuller bin"
    expect(fits, "at least as much for a sample in a rarer bin", said, rule_mistake(case))


@weight(3)
@needs("test_numbers_for_samples")
@cases("one_dimension")
def test_one_dimension(case: Case) -> None:
    """For one dimension the numbers agree with equation 4, the largest value in the last bin."""
    expect_rule(case)


@needs("test_numbers_for_samples")
@cases("edges")
def test_values_on_an_edge(case: Case) -> None:
    """A value on the edge between two bins is in the upper one, the largest in the last."""
    expect_rule_up_to_a_mistake(case)


@weight(3)
@needs("test_numbers_for_samples")
@cases("dimensions")
def test_product_over_dimensions(case: Case) -> None:
    """For several dimensions the factors 1/(Q + alpha) of the dimensions are multiplied."""
    expect_rule(case)


@weight(2)
@needs("test_numbers_for_samples")
@cases("settings", "skewed")
def test_bins_and_alpha(case: Case) -> None:
    """`bins` and `alpha` are used."""
    expect_rule_up_to_a_mistake(case)


@needs("test_numbers_for_samples")
@cases("many", "large")
def test_sixteen_dimensions(case: Case) -> None:
    """With 16 dimensions, and for large numbers of samples, the numbers stay finite and right."""
    found = probabilities(case)
    odd = int(np.sum(~np.isfinite(found)))
    said = f"{odd} of {len(found)} are not"
    known = "power_vanishes" if case.name == "large" else "product_overflows"
    expect(odd == 0, "finite numbers", said, mistake=known)
    expect_rule_up_to_a_mistake(case)


@needs("test_numbers_for_samples")
@cases("constant")
def test_constant_dimension(case: Case) -> None:
    """A dimension in which all samples are alike changes nothing."""
    expect_rule_up_to_a_mistake(case)


@needs("test_numbers_for_samples")
@cases("dimensions")
def test_double_precision(case: Case) -> None:
    """The array's type is float64."""
    found = answer(case).dtype
    expect(found == np.float64, "float64", found, precision_mistake(case))


def expect_rule_up_to_a_mistake(case: Case) -> None:
    """Fail unless the numbers are those of equation 4, or of the mistake that the product over two
    dimensions shows, and costs, too.
    """
    known = rule_mistake(case)
    charged = rule_mistake(replace(case, name="dimensions"))
    if known is None or known != charged or known == "latent_ignored":
        expect_rule(case)


def expect_rule(case: Case) -> None:
    """Fail unless the numbers are those of equation 4."""
    found, wanted = probabilities(case), equation_4(*given(case))
    off = np.abs(found - wanted)
    place = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
    said, right = apart(found[place], wanted[place], ".6f")
    expect(
        bool((off < CLOSE).all()),
        f"{right} for sample {place}{_words(case)}",
        said,
        rule_mistake(case) or constant_mistake(case) or rounding_mistake(case),
    )


def probabilities(case: Case) -> np.ndarray:
    """The answer's numbers.

    Raises:
        Failure: it is not one number for each sample.
    """
    found, n = answer(case), len(given(case)[0])
    said = f"an array of shape {found.shape}"
    expect(found.size == n, f"an array of {n} numbers{_words(case)}", said, shape_mistake(case))
    return found.astype(np.float64).ravel()


def answer(case: Case) -> np.ndarray:
    """The answer, an array.

    Raises:
        Failure: it is an error.
    """
    if (error := case.answers.refusal(case.name)) is not None:
        wanted = f"an array of {len(given(case)[0])} numbers{_words(case)}"
        found = case.answers.told(error)
        raise Failure(wanted, found, mistake=refused_mistake(case, error))
    return case.answers.array(case.name)


def _words(case: Case) -> str:
    settings = [f"{key}={value}" for key, value in case.given["settings"].items()]
    shape = np.shape(case.given["latent"])
    return f", for a latent of shape {shape}" + (f" with {', '.join(settings)}" if settings else "")


def _ask(latent: np.ndarray, **settings: Any) -> Snippet:
    return Snippet(CODE, {"latent": latent.tolist(), "settings": settings})
