"""resampling: probabilities from a latent space,
rare samples more often (Amini et al. 2019, equation 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.answers.questions import Question, Snippet
from autograder.judge import Answers, Failure, expect, needs, weight

CODE = """
import numpy as np
answer = notebook.resampling_probabilities(
    np.array(given["latent"], dtype="float64"), **given["settings"]
)
"""
CLOSE = 1e-6
Rule = Callable[[np.ndarray, int, float], np.ndarray]


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
        "constant": _ask(flat),
    }


def test_one_probability_a_sample(answers: Answers) -> None:
    """It returns an array of shape (n,), one number for each sample."""
    for name in ("one_dimension", "dimensions", "many"):
        _probabilities(answers, name)


@weight(2)
@needs("test_one_probability_a_sample")
def test_sums_to_one(answers: Answers) -> None:
    """The numbers are probabilities: not negative, and 1 together."""
    for name in ("one_dimension", "dimensions", "settings"):
        found = _probabilities(answers, name)
        total = float(found.sum())
        expect(
            bool(np.isfinite(found).all()) and float(found.min()) >= 0 and abs(total - 1) < CLOSE,
            expected="probabilities from 0 up that sum to 1",
            found=f"a smallest of {found.min():.3g} and a sum of {total:.6g}",
            misconception=mistake(answers, name, found),
        )


@weight(2)
@needs("test_one_probability_a_sample")
def test_rarer_never_gets_less(answers: Answers) -> None:
    """In one dimension, a sample in a bin with fewer samples
    never gets less than one in a fuller bin.
    """
    for name in ("one_dimension", "skewed"):
        (latent, bins, _), found = _given(answers, name), _probabilities(answers, name)
        shares = _shares(latent[:, 0], bins)
        highest = [float(found[shares == share].max()) for share in np.unique(shares)[1:]]
        lowest = [float(found[shares == share].min()) for share in np.unique(shares)[:-1]]
        worst = min((rare - full for rare, full in zip(lowest, highest, strict=True)), default=0.0)
        expect(
            bool(np.isfinite(found).all()) and worst >= -1e-12,
            expected="at least as much for a sample in a rarer bin",
            found=f"{-worst:.3g} less than a sample in a fuller bin gets",
            misconception=mistake(answers, name, found),
        )


@weight(3)
@needs("test_one_probability_a_sample")
def test_one_dimension(answers: Answers) -> None:
    """For one dimension the numbers agree with equation 4, the largest value in the last bin."""
    _expect_rule(answers, "one_dimension")


@weight(3)
@needs("test_one_probability_a_sample")
def test_product_over_dimensions(answers: Answers) -> None:
    """For several dimensions the factors 1/(Q + alpha) of the dimensions are multiplied."""
    _expect_rule(answers, "dimensions")


@weight(2)
@needs("test_one_probability_a_sample")
def test_bins_and_alpha(answers: Answers) -> None:
    """`bins` and `alpha` are used."""
    _expect_rule(answers, "settings")
    _expect_rule(answers, "skewed")


@needs("test_one_probability_a_sample")
def test_sixteen_dimensions(answers: Answers) -> None:
    """With 16 dimensions the numbers stay finite and right."""
    found = _probabilities(answers, "many")
    number = int(np.sum(~np.isfinite(found)))
    expect(
        number == 0,
        "finite numbers",
        f"{number} of {len(found)} are not",
        misconception="product_overflows",
    )
    _expect_rule(answers, "many")


@needs("test_one_probability_a_sample")
def test_constant_dimension(answers: Answers) -> None:
    """A dimension in which all samples are alike changes nothing."""
    right = np.allclose(
        _probabilities(answers, "dimensions"),
        equation_4(*_given(answers, "dimensions")),
        atol=CLOSE,
    )
    _expect_rule(answers, "constant", "constant_dimension" if right else None)


@needs("test_one_probability_a_sample")
def test_double_precision(answers: Answers) -> None:
    """The array's type is float64."""
    found = answers.array("dimensions")
    expect(found.dtype == np.float64, "float64", str(found.dtype),
           misconception="single_precision" if found.dtype == np.float32 else None)  # fmt: skip


def equation_4(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """The rule itself, in logarithms."""
    logs = -np.sum([np.log(_shares(column, bins) + alpha) for column in latent.T], axis=0)
    return _normal(np.exp(logs - logs.max()))


def _shares(
    column: np.ndarray, bins: int, density: bool = False, edges: np.ndarray | None = None
) -> np.ndarray:
    """For each sample the share of samples in its bin."""
    counts, edges = np.histogram(column, bins if edges is None else edges, density=density)
    place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(counts) - 1)
    shares: np.ndarray = counts[place] / (1 if density else len(column))
    return shares


def _factors(latent: np.ndarray, bins: int, alpha: float, density: bool = False) -> np.ndarray:
    return np.array([1 / (_shares(column, bins, density) + alpha) for column in latent.T])


def _normal(weights: np.ndarray) -> np.ndarray:
    probabilities: np.ndarray = weights / weights.sum()
    return probabilities


def _joint(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    places = [
        np.clip(np.searchsorted(np.histogram_bin_edges(c, bins), c, side="right") - 1, 0, bins - 1)
        for c in latent.T
    ]
    _, inverse, counts = np.unique(
        np.column_stack(places), axis=0, return_inverse=True, return_counts=True
    )
    return _normal(1 / (counts[inverse.ravel()] / len(latent) + alpha))


def _without_last(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """The largest value of each dimension in a bin of its own."""
    shares = [np.where(c == c.max(), 0.0, _shares(c, bins)) for c in latent.T]
    return _normal(np.prod([1 / (share + alpha) for share in shares], axis=0))


def _common_edges(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    edges = np.histogram_bin_edges(latent, bins)
    return _normal(np.prod([1 / (_shares(c, bins, edges=edges) + alpha) for c in latent.T], axis=0))


def _by_density(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    return _normal(_factors(latent, bins, alpha, density=True).prod(axis=0))


WRONG: Mapping[str, Rule] = {
    "not_normalised": lambda latent, bins, alpha: _factors(latent, bins, alpha).prod(axis=0),
    "frequent_gets_more": lambda latent, bins, alpha: _normal(
        (1 / _factors(latent, bins, alpha)).prod(axis=0)
    ),
    "density_not_share": _by_density,
    "counts_not_shares": lambda latent, bins, alpha: _normal(
        _factors(latent, bins, alpha / len(latent)).prod(axis=0)
    ),
    "alpha_left_out": lambda latent, bins, _: _normal(_factors(latent, bins, 0.0).prod(axis=0)),
    "alpha_outside_the_product": lambda latent, bins, alpha: _normal(
        1 / ((1 / _factors(latent, bins, 0.0)).prod(axis=0) + alpha)
    ),
    "maximum_over_dimensions": lambda latent, bins, alpha: _normal(
        np.max([_normal(factor) for factor in _factors(latent, bins, alpha)], axis=0)
    ),
    "added_over_dimensions": lambda latent, bins, alpha: _normal(
        _factors(latent, bins, alpha).sum(axis=0)
    ),
    "first_dimension_only": lambda latent, bins, alpha: _normal(_factors(latent, bins, alpha)[0]),
    "joint_histogram": _joint,
    "largest_value_left_out": _without_last,
    "common_edges": _common_edges,
    "bins_ignored": lambda latent, _, alpha: equation_4(latent, 10, alpha),
    "alpha_ignored": lambda latent, bins, _: equation_4(latent, bins, 0.01),
}


def mistake(answers: Answers, name: str, found: np.ndarray) -> str | None:
    """The known mistake that gives just these numbers for this question;
    a plainer one for one of the others.
    """
    case = _given(answers, name)
    with np.errstate(all="ignore"):
        for known, rule in WRONG.items():
            wrong = rule(*case)
            shows = not np.allclose(wrong, equation_4(*case), rtol=0, atol=CLOSE)
            if shows and np.allclose(found, wrong, rtol=1e-4):
                return known
        by_lab = np.max(
            [_normal(1 / (_normal_density(c, case[1]) + case[2])) for c in case[0].T], axis=0
        )
    return "maximum_over_dimensions" if np.allclose(found, _normal(by_lab), rtol=1e-4) else None


def _normal_density(column: np.ndarray, bins: int) -> np.ndarray:
    return _shares(column, bins, density=True)


def _expect_rule(answers: Answers, name: str, otherwise: str | None = None) -> None:
    found, right = _probabilities(answers, name), equation_4(*_given(answers, name))
    off = np.abs(found - right)
    place = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
    expect(
        bool((off < CLOSE).all()),
        expected=f"{right[place]:.6f} for sample {place}{_words(answers, name)}",
        found=f"{found[place]:.6f}",
        misconception=mistake(answers, name, found) or otherwise,
    )


def _probabilities(answers: Answers, name: str) -> np.ndarray:
    latent = _given(answers, name)[0]
    if (error := answers.refusal(name)) is not None:
        raise Failure(
            f"an array of {len(latent)} numbers{_words(answers, name)}",
            f"{error.type}: {error.message}",
            misconception="largest_value_left_out" if error.type == "IndexError" else None,
        )
    found = answers.array(name)
    expect(
        found.shape == (len(latent),),
        expected=f"an array of shape ({len(latent)},)",
        found=f"shape {found.shape}",
        misconception="one_column_a_dimension" if found.shape == latent.shape else None,
    )
    return found.astype(np.float64)


def _words(answers: Answers, name: str) -> str:
    asked = _asked(answers, name)
    settings: Sequence[str] = [f"{key}={value}" for key, value in asked.given["settings"].items()]
    shape = np.shape(asked.given["latent"])
    return f", for a latent of shape {shape}" + (f" with {', '.join(settings)}" if settings else "")


def _given(answers: Answers, name: str) -> tuple[np.ndarray, int, float]:
    given = _asked(answers, name).given
    return (
        np.array(given["latent"]),
        given["settings"].get("bins", 10),
        given["settings"].get("alpha", 0.01),
    )


def _asked(answers: Answers, name: str) -> Snippet:
    asked = answers.questions[name]
    assert isinstance(asked, Snippet)
    return asked


def _ask(latent: np.ndarray, **settings: Any) -> Snippet:
    return Snippet(CODE, {"latent": latent.tolist(), "settings": settings})
