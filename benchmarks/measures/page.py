"""docs/performance.md and its plot, out of the records of `performance.py`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from measures.classes import KINDS, REFERENCE, TRAIN, UNDONE

STOCK, OTTER, ALONE, BESIDE, FLOOR = WHO = (
    "stock nbgrader",
    "otter-grader",
    "ours, one at a time",
    "ours, two at a time",
    "floor",
)
CLASS = 16
MARKS = {STOCK: "s", OTTER: "D", ALONE: "<", BESIDE: "o", FLOOR: "|"}
COLOURS = {
    STOCK: "#8a6d1d",
    OTTER: "#7a3b8f",
    ALONE: "#6fa8d6",
    BESIDE: "#1b6ca8",
    FLOOR: "#222222",
}
PAGE = """# What grading a class costs

Written by `benchmarks/performance.py` from `benchmarks/performance.json`; do not edit by hand. `make benchmark` measures what is missing there, everything if that file is removed (an hour and a quarter on two quiet cores), and writes this page anew; an interrupted run goes on where it stopped.

{machine}

## A class of sixteen

For each assignment a class in two kinds: everybody hands in the reference solution, or the reference solution with nothing trained (the tasks that train a network are left as they were released). Five ways to grade it:

- **stock nbgrader**: `nbgrader autograde` and `nbgrader generate_feedback` without a configuration, only that a cell may take 600 s. Its check cells hold the public checks and raise where one does not hold; hidden ones it has none. It runs every cell of the notebook.
- **otter-grader**, without Docker (`otter run`, called for all submissions from one process): the same public checks in its own format of tests, hidden ones none.
- **ours**: `autograder grade` of a class that nobody has graded yet, from the shell to gradebook, feedback and report, with `--jobs 1` and `--jobs 2`. It asks and judges all hidden checks, in rooms with walls (isolation: {isolation}).
- **the floor**: the students' own cells alone, and the given ones that those use, in processes forked from one that has imported everything, both cores busy. Nothing is checked, nothing is written.

Seconds for a class of 16. Those who take one submission after the other were measured on fewer (in brackets) and reckoned up: start-up and closing once, the rest for each.

![seconds for a class of sixteen, by assignment and way](pictures/performance.svg)

{classes}

## Targets

{targets}

## Where the time goes

One submission with `--jobs 1`, in seconds, means over a class without its start-up; in brackets the share of the whole. Own cells include the given ones that ran; the stored records (`run.json`, `verdict.json`) do not tell opening a room from asking questions. What no record holds (gradebook, feedback, report) is the rest. Judged again: `--regrade --jobs 2` of a whole class, start-up left out.

{stages}

## How it grows

A tiny course (one task, a network of few layers), `--jobs 2`. Start-up and closing (the last page, the report) come once a call and are left out of the seconds of each. Memory: the most that the program itself held, and the most private memory of all that it started.

{growth}

{others}
"""  # noqa: E501 — these are the lines of the page
MACHINE = "Everything on one machine: {cores} cores, {memory_gib} GiB of memory, no GPU; Python {python}, Keras {keras}, TensorFlow {tensorflow}, nbgrader {nbgrader}, otter-grader {otter-grader}."  # noqa: E501
WHEN = "Measured from {first} to {last} UTC; just before a measurement the cores were {busy:.0%} busy with something else (median; {least:.0%} to {most:.0%})."  # noqa: E501
NOT_YET = "not measured yet"


def entry(assignment: str, kind: str, who: str) -> str:
    """The name of a record about a class."""
    return f"{assignment}/{kind}/{who}"


def write(results: dict[str, Any], docs: Path) -> None:
    """The page and its plot, in a folder."""
    (docs / "performance.md").write_text(text(results), encoding="utf-8")
    (docs / "pictures").mkdir(exist_ok=True)
    draw(results["measured"], docs / "pictures" / "performance.svg")


def text(results: dict[str, Any]) -> str:
    """The page."""
    measured = results["measured"]
    rooms = sorted({one["isolation"] for one in measured.values() if "isolation" in one})
    return PAGE.format(
        machine=_machine(results["machine"], measured),
        isolation=" and ".join(rooms) or NOT_YET,
        classes="\n\n".join(_classes(measured, kind) for kind in KINDS),
        targets=_table(("", "measured", "target", ""), _targets(measured)),
        stages=_table(
            (
                "", "own cells", "opening, questions", "judging", "gradebook, feedback",
                "in all", "beside own cells", "judged again",
            ),
            (_stages(measured, name, kind) for kind in KINDS for name in TRAIN),
        ),
        growth=_table(
            (
                "submissions", "seconds each", "first tenth", "last tenth", "start-up",
                "closing", "parent, MiB", "rooms, MiB",
            ),
            (_growth(measured[name]) for name in _grown(measured)),
        ),
        others="\n".join(f"- {line}" for line in _others(measured)),
    )  # fmt: skip


def class_seconds(record: dict[str, Any]) -> float:
    """Seconds for a class of 16: start-up and closing once, the rest for each."""
    return once_seconds(record) + CLASS * each_seconds(record)


def once_seconds(record: dict[str, Any]) -> float:
    """Seconds that a call takes whatever it grades."""
    return float(record["startup_seconds"] + record.get("closing_seconds", 0.0))


def each_seconds(record: dict[str, Any]) -> float:
    """Seconds a submission, what a call takes whatever it grades left out."""
    return float((record["seconds"] - once_seconds(record)) / record["submissions"])


def times(measured: dict[str, Any], assignment: str, kind: str, one: str, other: str) -> float:
    """How many times as long `one` takes for a class as `other`; NaN before both are measured."""
    records = [measured.get(entry(assignment, kind, who)) for who in (one, other)]
    if not all(records):
        return float("nan")
    first, second = (class_seconds(record) for record in records if record)
    return first / second


def draw(measured: dict[str, Any], path: Path) -> None:
    """A row an assignment, a mark a way, a panel a kind."""
    with mpl.rc_context({"svg.hashsalt": "performance", "svg.fonttype": "none", "font.size": 10}):
        figure, panels = plt.subplots(
            1, 2, figsize=(9, 2.8), layout="constrained", sharey=True, sharex=True
        )
        for axes, kind in zip(panels, KINDS, strict=True):
            for who in WHO:
                found = [
                    (class_seconds(measured[entry(name, kind, who)]), row)
                    for row, name in enumerate(TRAIN)
                    if entry(name, kind, who) in measured
                ]
                x, y = zip(*found, strict=True) if found else ((), ())
                axes.scatter(
                    x, y, marker=MARKS[who], color=COLOURS[who], label=who,
                    s=120 if who == FLOOR else 36, zorder=3,
                )  # fmt: skip
            axes.set_yticks(range(len(TRAIN)), TRAIN)
            axes.set_xscale("log")
            axes.set_xlim(0.1, 5000)
            axes.set_title(kind, fontsize=10)
            axes.set_xlabel("seconds for a class of sixteen")
            axes.grid(axis="x", alpha=0.3)
        panels[0].set_ylim(len(TRAIN) - 0.5, -0.5)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(WHO), frameon=False)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _machine(machine: dict[str, Any], measured: dict[str, Any]) -> str:
    words = MACHINE.format(**machine)
    if not measured:
        return f"{words} Nothing is measured yet."
    when = sorted(one["at"][:16].replace("T", " ") for one in measured.values())
    busy = sorted(one["busy"] for one in measured.values())
    return f"{words} " + WHEN.format(
        first=when[0], last=when[-1], busy=statistics.median(busy), least=busy[0], most=busy[-1]
    )


def _classes(measured: dict[str, Any], kind: str) -> str:
    def row(name: str) -> Iterator[str]:
        yield name
        for who in WHO:
            yield _whole(measured.get(entry(name, kind, who)))
        yield from (_times(times(measured, name, kind, who, BESIDE)) for who in (STOCK, OTTER))
        yield _times(times(measured, name, kind, BESIDE, FLOOR))

    head = ("", *WHO, "stock / ours, two", "otter / ours, two", "ours, two / floor")
    shares = [
        record["score"]
        for name in TRAIN
        for who in (STOCK, OTTER, ALONE, BESIDE)
        if (record := measured.get(entry(name, kind, who)))
    ]
    points = f"; {min(shares):.0%} to {max(shares):.0%} of the points" if shares else ""
    return f"**{kind}**{points}\n\n{_table(head, (row(name) for name in TRAIN))}"


def _whole(record: dict[str, Any] | None) -> str:
    if record is None:
        return "–"
    count = record["submissions"]
    return _seconds(class_seconds(record)) + (f" ({count})" if count != CLASS else "")


def _targets(measured: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """What was to be reached; the worst assignment where it is about all of them."""
    for kind, least in ((UNDONE, 10), (REFERENCE, 4)):
        found = [times(measured, name, kind, STOCK, BESIDE) for name in TRAIN]
        yield _target(f"{kind}: stock nbgrader / ours, two at a time", found, least, "×", low=True)
    found = [times(measured, name, REFERENCE, BESIDE, FLOOR) for name in TRAIN]
    yield _target(f"{REFERENCE}: ours, two at a time / floor", found, 1.25, "×")
    for name, most in (("residual_networks", 1.5), ("transfer_learning", 5)):
        alone = [measured.get(entry(name, kind, ALONE)) for kind in KINDS]
        beside = [sum(_means(record)[1:]) for record in alone if record]
        yield _target(f"beside own cells, one at a time, {name}", beside, most, " s")
    for name in TRAIN:
        record = measured.get(entry(name, REFERENCE, BESIDE))
        again = [record["regrade_seconds"] / record["submissions"]] if record else []
        most = 2 if name == "transfer_learning" else 0.5
        yield _target(f"judged again, two at a time, {name}", again, most, " s")
    yield from _targets_of_tiny(measured)


def _targets_of_tiny(measured: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    same, pages, begin = (measured.get(name) for name in ("unchanged", "feedback", "begin"))
    grown = [measured[name] for name in _grown(measured)]
    each = [each_seconds(record) for record in grown]
    yield _target("a second `grade` of 200", [same["seconds"]] if same else [], 2, " s")
    spread = [max(each) / min(each)] if len(each) > 1 else []
    yield _target("10, 100, 1,000: the slowest class / the fastest, each", spread, 1.1, "×")
    tenths = [record["tenths"] for record in grown[-1:] if record["tenths"]]
    later = [one[-1] / one[0] for one in tenths]
    yield _target("the biggest class: last tenth / first tenth", later, 1.1, "×")
    held = [record["parent_mib"] for record in grown]
    yield _target("most memory of the program itself", held, 1024, " MiB")
    keras, cell, help_ = (
        [statistics.median(begin[f"{name}_seconds"])] if begin else []
        for name in ("keras", "first_cell", "help")
    )
    yield _target("`autograder --help`", help_, 0.3, " s")
    cold = [one / other for one, other in zip(cell, keras, strict=True)]
    yield _target("shell to first cell / `import keras`", cold, 1.3, "×")
    faster = [pages["stock_seconds"] / pages["seconds"]] if pages else []
    yield _target("feedback pages: stock nbgrader / ours", faster, 1, "×", low=True)


def _target(
    what: str, found: list[float], bound: float, unit: str, *, low: bool = False
) -> tuple[str, ...]:
    """A line of the table; what is not measured (NaN) does not count."""
    known = [value for value in found if not math.isnan(value)]
    aim = f"{'≥' if low else '≤'} {bound:,g}{unit}"
    if not known:
        return what, NOT_YET, aim, ""
    value = min(known) if low else max(known)
    reached = value >= bound if low else value <= bound
    return what, f"{_seconds(value)}{unit}", aim, "reached" if reached else "missed"


def _stages(measured: dict[str, Any], name: str, kind: str) -> Iterator[str]:
    yield f"{name}, {kind}"
    record = measured.get(entry(name, kind, ALONE))
    if record is None:
        yield from ["–"] * 6
    else:
        means = _means(record)
        yield from (f"{_seconds(one)} ({one / sum(means):.0%})" for one in means)
        yield from (_seconds(sum(means)), _seconds(sum(means[1:])))
    whole = measured.get(entry(name, kind, BESIDE))
    yield _seconds(whole["regrade_seconds"] / whole["submissions"] if whole else None)


def _means(record: dict[str, Any]) -> tuple[float, float, float, float]:
    """Seconds a submission: own cells; the rest of its run; judging; all that no record holds."""
    # the first one's run and judging also wait for the rooms, which is start-up
    cells, run, judging = (
        statistics.mean(record[f"{name}_seconds"][1:] or record[f"{name}_seconds"])
        for name in ("cell", "run", "judge")
    )
    return cells, run - cells, judging, max(0.0, each_seconds(record) - run - judging)


def _grown(measured: dict[str, Any]) -> list[str]:
    names = [name for name in measured if name.startswith("growth/")]
    return sorted(names, key=lambda name: int(measured[name]["submissions"]))


def _growth(record: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{record['submissions']:,}",
        f"{each_seconds(record):.2f}",
        *(_seconds(tenths[place]) if (tenths := record["tenths"]) else "–" for place in (0, -1)),
        _seconds(record["startup_seconds"]),
        _seconds(record["closing_seconds"]),
        f"{record['parent_mib']:,.0f}",
        f"{record['rooms_mib']:,.0f}",
    )


def _others(measured: dict[str, Any]) -> Iterator[str]:
    if same := measured.get("unchanged"):
        count, seconds = same["submissions"], same["seconds"]
        yield f"A second `autograder grade` of {count} unchanged submissions: {seconds:.1f} s."
    if begin := measured.get("begin"):
        yield f"`autograder --help`: {_spread(begin['help_seconds'])}."
        yield f"`python -c 'import keras'`: {_spread(begin['keras_seconds'])}."
        cell = _spread(begin["first_cell_seconds"])
        yield f"From the shell to the first cell of one tiny submission: {cell}."
    if pages := measured.get("feedback"):
        yield (
            f"Feedback pages of {pages['submissions']} students (`nbgrader generate_feedback`): "
            f"{pages['seconds']:.1f} s with our configuration, "
            f"{pages['stock_seconds']:.1f} s without one."
        )


def _spread(values: list[float]) -> str:
    ends = f"{min(values):.2f} to {max(values):.2f}"
    return f"{statistics.median(values):.2f} s (median of {len(values)}; {ends})"


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def _times(value: float) -> str:
    return "–" if math.isnan(value) else f"{_seconds(value)}×"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
