"""The lecture's claims on few images: scratch, stored features,
frozen with augmentation, fine-tuned; page and plot.

    python benchmarks/claims.py

Reads the calibration record of transfer_learning, which `autograder calibrate transfer_learning`
measures (a training run for each seed and way), and writes docs/claims.md and
docs/pictures/claims.svg.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from autograder.course import own_course
from autograder.judge.hidden_side import RECORD, Records, read_calibration
from autograder.vision import scenes

ROOT = Path(__file__).parent.parent
WAYS = ("from scratch", "frozen, augmented", "stored features", "fine-tuned")
PAGE = """# What the lecture claims, measured

Written by `benchmarks/claims.py` from `autograder/graders/transfer_learning/calibration.json`; do not edit by hand.

The collection `fewshot` has {train} labelled pictures of six classes, none of which the backbone was trained on. Four
ways to a classifier, each trained from {seeds} seeds and measured on {scenes:,} scenes that no training and no choice
has seen (a difference of {points:.1f} points between two of these numbers is noise of the scenes). From scratch means
the backbone's architecture with fresh weights, augmentation, and 40 rounds; the notebook's own run from scratch has
five rounds and comes to {short:.2f}.

![accuracy of the four ways, a dot a seed](pictures/claims.svg)

| seed | {ways} |
| --- |{rule}
{rows}
| **mean** | {means} |

- Stored features beat training from scratch by 15 points or more for **{features} of {seeds}** seeds (smallest
  difference {least_features:.1f} points).
- Fine-tuning beats stored features by 2 points or more for **{tuned} of {seeds}** seeds (smallest difference
  {least_tuned:.1f} points).
- Augmentation with a frozen base costs what stored features save, the same forward passes in each round, and on these
  data it is {frozen:+.1f} points against them: with one dense layer to train there is little to overfit.
"""  # noqa: E501 — these are the lines of the page


def main() -> None:
    records = read_calibration(own_course().graders / "transfer_learning" / RECORD)
    table = accuracies(records)
    fine_tuned = records["fine_tuned"]
    seeds, n = len(table["fine-tuned"]), fine_tuned["record"]["hidden_sets"] * fine_tuned["scenes"]
    over_scratch = differences(table, "stored features", "from scratch")
    over_features = differences(table, "fine-tuned", "stored features")
    validation = [run["validation"] for run in fine_tuned["record"]["reference"]]
    rows = [
        f"| {seed} | {' | '.join(f'{table[way][seed]:.3f}' for way in WAYS)} |"
        for seed in range(seeds)
    ]
    text = PAGE.format(
        train=len(scenes("fewshot", "train")),
        seeds=seeds,
        scenes=n,
        points=100 * 1.96 * (2 * 0.9 * 0.1 / n) ** 0.5,
        short=statistics.mean(run["scratch"] for run in validation),
        ways=" | ".join(WAYS),
        rule=" --- |" * len(WAYS),
        rows="\n".join(rows),
        means=" | ".join(f"**{statistics.mean(table[way]):.3f}**" for way in WAYS),
        features=sum(difference >= 15 for difference in over_scratch),
        least_features=min(over_scratch),
        tuned=sum(difference >= 2 for difference in over_features),
        least_tuned=min(over_features),
        frozen=statistics.mean(differences(table, "frozen, augmented", "stored features")),
    )
    (ROOT / "docs" / "claims.md").write_text(text, encoding="utf-8")
    draw(table, ROOT / "docs" / "pictures" / "claims.svg")
    print(text)


def accuracies(records: Records) -> dict[str, list[float]]:
    """Accuracy on hidden scenes, by way and seed."""
    tuned, features = records["fine_tuned"]["record"], records["feature_classifier"]["record"]
    return {
        "from scratch": runs(tuned["weak"], "from scratch"),
        "frozen, augmented": runs(tuned["beside"], "frozen"),
        "stored features": [run["accuracy"] for run in features["reference"]],
        "fine-tuned": [run["accuracy"] for run in tuned["reference"]],
    }


def runs(solutions: dict[str, Any], name: str) -> list[float]:
    return [run["accuracy"] for label, run in solutions.items() if label.startswith(name)]


def differences(table: dict[str, list[float]], one: str, other: str) -> list[float]:
    """In points, seed by seed."""
    return [100 * (a - b) for a, b in zip(table[one], table[other], strict=True)]


def draw(table: dict[str, list[float]], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "claims", "svg.fonttype": "none", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
        for y, way in enumerate(WAYS):
            axes.scatter(table[way], [y] * len(table[way]), color="#1b6ca8", alpha=0.6, zorder=3)
            axes.plot([statistics.mean(table[way])] * 2, [y - 0.3, y + 0.3], color="#222222")
        axes.set_yticks(range(len(WAYS)), WAYS)
        axes.set_xlim(0, 1)
        axes.set_xlabel("accuracy on hidden scenes; a dot a seed, a line the mean")
        axes.grid(axis="x", alpha=0.3)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
