"""Records for people: a plot of each assignment, and the page docs/calibration.md."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from autograder.calibration.evidence import DRAWS, MUST_PASS
from autograder.calibration.plan import HIDDEN_SETS
from autograder.course import Course
from autograder.files import write
from autograder.judge.hidden_side import PLOT, RECORD, read_calibration

INTRODUCTION = f"""# Calibration

Written by `autograder calibrate` from the records in the hidden folders; do not edit by hand.

Each threshold was measured: the reference is trained from several seeds, and each model is scored on {HIDDEN_SETS}
hidden sets that nothing else uses. A *draw* takes one trained reference and as many of its scenes as submissions are
judged on, with replacement. The reference must pass in {MUST_PASS} of {DRAWS} draws; the bound on its failure rate is
the upper end of the 95 % Wilson interval over the draws (it speaks of these training seeds; the spread between seeds is
given beside it). The interval of a measure on one hidden set must be at most ±2 points, and each weak solution must
fail a first threshold.
"""  # noqa: E501 — these are the lines of the page
HEADINGS = (
    "threshold",
    "at",
    "± points",
    "reference: mean ± over seeds",
    "worst draw",
    "passed",
    "fails at most",
    "strongest weak",
)


def write_plot(name: str, records: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """All measures of an assignment, a row each:
    references, weak solutions, thresholds, and the draws' range.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    rows = [
        (task, measure, one["record"])
        for task, one in records.items()
        for measure in _measures(one["record"])
    ]
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(8, 0.7 + 0.75 * len(rows)), layout="constrained")
        for y, (_, measure, found) in enumerate(rows):
            _plot_row(axes, y, measure, found)
        axes.set_yticks(range(len(rows)), [f"{task}\n{measure}" for task, measure, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(
            "● reference, a dot a seed   × weak solutions   | thresholds   ▲ worst of the draws"
        )
        axes.grid(axis="x", alpha=0.3)
        drawn = BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        plt.close(figure)
    write(path, drawn.getvalue())


def _plot_row(axes: Any, y: int, measure: str, found: Mapping[str, Any]) -> None:
    """One measure: a dot for each run, a line for each threshold, the worst draw below it."""
    reference = [run[measure] for run in found["reference"]]
    weak = [run[measure] for run in found["weak"].values() if measure in run]
    axes.scatter(reference, [y] * len(reference), s=28, color="#1b6ca8", alpha=0.6, zorder=3)
    axes.scatter(weak, [y] * len(weak), s=28, color="#b3362b", marker="x", zorder=3)
    for limit in found["thresholds"].values():
        if limit["measure"] == measure:
            at = limit.get("at_least", limit.get("at_most"))
            axes.plot([at, at], [y - 0.32, y + 0.32], color="#222222", linewidth=1.5)
            axes.plot([limit["worst_draw"]], [y - 0.22], marker="^", color="#1b6ca8", markersize=5)


def write_page(course: Course) -> Path:
    """The page about all records of a course: where it is."""
    page = course.root / "docs" / "calibration.md"
    lines = []
    for path in sorted(course.graders.glob(f"*/{RECORD}")):
        records = read_calibration(path)
        if all("record" in one for one in records.values()):
            plot = os.path.relpath(path.with_name(PLOT), page.parent)
            lines += [f"## {path.parent.name}", "", f"![all runs]({plot})", ""]
            lines += [line for task, one in records.items() for line in (*_task(task, one), "")]
    write(page, INTRODUCTION + "\n" + "\n".join(lines).rstrip() + "\n")
    return page


def _task(task: str, one: Mapping[str, Any]) -> list[str]:
    found = one["record"]
    scenes = " and ".join(
        f"{n:,} of `{name}`"
        for name, n in [(one["collection"], one["scenes"]), *one.get("also", ())]
    )
    seconds = sorted(run["processor_seconds"] for run in found["reference"])
    versions = ", ".join(f"{library} {version}" for library, version in found["versions"].items())
    told = (
        f"Judged on {scenes}; {len(found['reference'])} training seeds, "
        f"{seconds[0]:.0f} to {seconds[-1]:.0f} seconds of one core each; "
        f"measured {found['measured']} with {versions}."
    )
    lines = [
        f"### {task}",
        "",
        told,
        "",
        f"| {' | '.join(HEADINGS)} |",
        "| --- " * len(HEADINGS) + "|",
    ]
    lines += [
        _row(name, limit, draws=found["draws"]) for name, limit in found["thresholds"].items()
    ]
    measures = _measures(found)
    lines += [
        "",
        f"| other solution | must | {' | '.join(measures)} |",
        "| --- " * (2 + len(measures)) + "|",
    ]
    for kind, must in (("weak", "fail"), ("right", "pass"), ("beside", "")):
        for name, run in found[kind].items():
            values = " | ".join(
                f"{run[measure]:.3f}" if measure in run else "" for measure in measures
            )
            lines.append(f"| {name} | {must} | {values} |")
    if found["problems"]:
        lines += ["", "**Does not hold:** " + "; ".join(found["problems"])]
    return lines


def _row(name: str, limit: dict[str, Any], draws: int) -> str:
    at = f"≥ {limit['at_least']:g}" if "at_least" in limit else f"≤ {limit['at_most']:g}"
    spread = limit["standard_deviation_over_seeds"]
    mean = f"{limit['mean']:.3f}" + ("" if spread is None else f" ± {spread:.3f}")
    weak = (
        f"{limit['strongest_weak_value']:.3f} ({limit['strongest_weak']})"
        if "strongest_weak" in limit
        else ""
    )
    cells = [
        f"`{name}` ({limit['measure']})",
        at,
        f"{100 * limit['half_width']:.1f}",
        mean,
        f"{limit['worst_draw']:.3f}",
        f"{limit['passed']} of {draws}",
        f"{limit['failure_rate_at_most']:.1%}",
        weak,
    ]
    return f"| {' | '.join(cells)} |"


def _measures(found: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(limit["measure"] for limit in found["thresholds"].values()))
