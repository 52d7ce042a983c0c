"""What the scores say about a threshold: 200 draws of training seed and hidden set, intervals,
and what does not hold.

A draw takes one trained reference and as many of its scenes as submissions are judged on, with
replacement (Efron 1979, section 2: the bootstrap), so nothing is trained or predicted again for it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.calibration.plan import HIDDEN_SETS, KINDS, Limit, Plan

DRAWS, MUST_PASS = 200, 199
HALF_WIDTH = 0.02  # of the 95 % interval around a threshold, at most
_Z = 1.96


@dataclass(frozen=True)
class Trained:
    """One trained model: its scores by measure, and what was kept beside them."""

    name: str
    parts: Mapping[str, Sequence[np.ndarray]]
    told: Mapping[str, Any]

    def value(self, measure: str) -> float:
        """The measure over all scenes: the lowest mean of its parts."""
        return min(float(part.mean()) for part in self.parts[measure])

    def draw(self, measure: str, rng: np.random.Generator) -> float:
        """The measure on one resampled hidden set."""
        sizes = [max(1, len(part) // HIDDEN_SETS) for part in self.parts[measure]]
        return min(
            float(part[rng.integers(0, len(part), size)].mean())
            for part, size in zip(self.parts[measure], sizes, strict=True)
        )


def read_trained(name: str, path: Path) -> Trained:
    """What `training` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        told = json.loads(str(arrays["told"]))
        parts: dict[str, list[np.ndarray]] = {}
        for key in arrays.files:
            measure, _, number = key.partition(":")
            if number:
                parts.setdefault(measure, []).append(arrays[key].astype("float64"))
    return Trained(name, parts, told)


def record(plan: Plan, edition: str, trained: Mapping[str, list[Trained]]) -> Any:
    """The record of one task as JSON: thresholds as graders read them, then what they rest on."""
    reference, weak, right, beside = (trained[kind] for kind in ("reference", *KINDS))
    collections = list(plan.hidden.items())
    return {
        "collection": collections[0][0],
        "scenes": collections[0][1],
        **({"also": [list(pair) for pair in collections[1:]]} if collections[1:] else {}),
        **{limit.name: limit.at for limit in plan.limits},
        "record": {
            "edition": edition,
            "thresholds": {limit.name: _supported(limit, reference, weak) for limit in plan.limits},
            "problems": problems(plan, reference, weak, right),
            "draws": DRAWS,
            "hidden_sets": HIDDEN_SETS,
            "reference": [_told(one) for one in reference],
            "weak": {one.name: _told(one) for one in weak},
            "right": {one.name: _told(one) for one in right},
            "beside": {one.name: _told(one) for one in beside},
        },
    }


def problems(
    plan: Plan, reference: list[Trained], weak: list[Trained], right: list[Trained]
) -> list[str]:
    """Why the thresholds may not be used, if so: one sentence each."""
    first = [limit for limit in plan.limits if limit.first]
    return [*_unsupported(plan.limits, reference), *_misjudged(first, weak, right)]


def _unsupported(limits: Sequence[Limit], reference: list[Trained]) -> Iterator[str]:
    """Thresholds that the reference passes too rarely, or that are measured too coarsely."""
    for limit in limits:
        if (passed := _passed(limit, reference)) < MUST_PASS:
            yield (
                f"{limit.name}: the reference passes in {passed} of {DRAWS} draws, "
                f"not in {MUST_PASS}"
            )
        if (width := _half_width(limit, reference)) > HALF_WIDTH + 5e-5:
            yield (
                f"{limit.name}: ±{100 * width:.1f} points around {limit.at:g}; "
                "more hidden scenes are needed"
            )


def _misjudged(first: list[Limit], weak: list[Trained], right: list[Trained]) -> Iterator[str]:
    """Other solutions that end on the wrong side of the first thresholds."""
    for one in weak:
        if not any(DRAWS - _passed(limit, [one]) >= MUST_PASS for limit in _of(one, first)):
            yield f"the weak solution «{one.name}» passes"
    for one in right:
        for limit in _of(one, first):
            if _passed(limit, [one]) < MUST_PASS:
                yield f"another right way, «{one.name}», fails {limit.name}"


def _of(one: Trained, limits: list[Limit]) -> list[Limit]:
    return [limit for limit in limits if limit.measure in one.parts]


def _draws(measure: str, runs: list[Trained]) -> list[float]:
    rng = np.random.default_rng(0)
    return [runs[number % len(runs)].draw(measure, rng) for number in range(DRAWS)]


def _passed(limit: Limit, runs: list[Trained]) -> int:
    return sum(map(limit.holds, _draws(limit.measure, runs)))


def _supported(limit: Limit, reference: list[Trained], weak: list[Trained]) -> dict[str, Any]:
    values = [one.value(limit.measure) for one in reference]
    draws = _draws(limit.measure, reference)
    passed = sum(map(limit.holds, draws))
    furthest = max if limit.upper else min
    told: dict[str, Any] = {
        "measure": limit.measure,
        "at_most" if limit.upper else "at_least": limit.at,
        "half_width": round(_half_width(limit, reference), 4),
        "mean": round(float(np.mean(values)), 4),
        "standard_deviation_over_seeds": (
            round(float(np.std(values, ddof=1)), 4) if len(values) > 1 else None
        ),
        "worst_draw": round(furthest(draws), 4),
        "passed": passed,
        "failure_rate_at_most": round(wilson(DRAWS - passed, DRAWS)[1], 4),
    }
    rivals = [(one.value(limit.measure), one.name) for one in weak if limit.measure in one.parts]
    if limit.first and not limit.upper and rivals:
        value, name = max(rivals)
        told |= {"strongest_weak": name, "strongest_weak_value": round(value, 4)}
    return told


def _half_width(limit: Limit, reference: list[Trained]) -> float:
    """Half the 95 % interval of the measure on one hidden set;
    of a share: Wilson's, for a model at the threshold.
    """
    parts = [min(one.parts[limit.measure], key=np.mean) for one in reference]  # those that decide
    sizes = [len(part) // HIDDEN_SETS for part in parts]
    if min(sizes) == 0:
        return 0.0  # a number that does not come from scenes
    if all(np.isin(part, (0.0, 1.0)).all() for part in parts):
        low, high = wilson(limit.at * min(sizes), min(sizes))
        return (high - low) / 2
    return _Z * max(
        float(part.std()) / math.sqrt(size) for part, size in zip(parts, sizes, strict=True)
    )


def _told(one: Trained) -> dict[str, Any]:
    return {**{measure: round(one.value(measure), 4) for measure in one.parts}, **one.told}


def wilson(hits: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    share = hits / n
    middle = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low, high = (middle - spread) / (1 + _Z**2 / n), (middle + spread) / (1 + _Z**2 / n)
    return max(0.0, low), min(1.0, high)
