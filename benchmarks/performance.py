"""What grading a class costs: ours, stock nbgrader, otter-grader, and the floor, in one run;
page and plot.

    python benchmarks/performance.py [--size N] [--only TEXT ...] [--again] [--results FILE]

What is measured lies in benchmarks/performance.json, a record a measurement; one that is there is
not made again (--again: it is), so an interrupted run goes on where it stopped; to measure all
anew, remove that file first. Then docs/performance.md and docs/pictures/performance.svg are written
from these records, or, with --results, a page and a picture beside that file. Needs the extra
`benchmarks`, and an hour and a quarter on two quiet cores; --size makes every class at most that
big, --only chooses by a part of the name.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
from measures import feedback, floor, growth, otter, ours, page, stock
from measures.classes import KINDS, TRAIN, UNDONE

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_suffix(".json")
JOBS = 2


@dataclass(frozen=True)
class Part:
    """One measurement, in a folder of its own."""

    name: str
    guess: float  # seconds on two cores, for the time to go
    measure: Callable[[Path], dict[str, Any]]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--only", nargs="*", default=[""], metavar="TEXT")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    wanted = parser.parse_args()
    results = read(wanted.results)
    chosen = [part for part in parts(wanted.size) if any(text in part.name for text in wanted.only)]
    todo = [part for part in chosen if wanted.again or part.name not in results["measured"]]
    try:
        measure(todo, results, wanted.results)
    except KeyboardInterrupt:
        print(f"\ninterrupted; what is measured is in {wanted.results}: the same call goes on")
        return 130
    finally:
        page.write(results, ROOT / "docs" if wanted.results == RESULTS else wanted.results.parent)
    return 0


def parts(most: int) -> Iterator[Part]:
    """All that is measured, in this order; no class is bigger than `most`.

    Stock, otter and ours one at a time take a submission after the other, so a few tell; they are
    shown as a class. Of the floor twice as many, side by side.
    """
    yield Part("begin", 90, growth.begin)
    for kind in KINDS:
        few, alone = min(2, most), min(6 if kind == UNDONE else 3, most)
        for assignment in TRAIN:
            guess = 20 if kind == UNDONE else 50  # seconds of a notebook with all its cells
            for name, number, share, function in (
                (page.STOCK, few, 1.0, stock.autograde),
                (page.OTTER, few, 1.0, otter.run_all),
                (page.FLOOR, min(2 * few, most), 0.25, partial(floor.run_bare, processes=JOBS)),
                (page.ALONE, alone, 0.25, partial(ours.grade, jobs=1)),
                (page.BESIDE, min(page.CLASS, most), 0.3, partial(ours.grade_twice, jobs=JOBS)),
            ):
                measured = partial(function, assignment=assignment, kind=kind, size=number)
                yield Part(page.entry(assignment, kind, name), guess * share * number, measured)
    yield Part("feedback", 300, partial(feedback.make_pages, size=min(100, most)))
    for size in sorted({min(size, most) for size in (10, 100, 1000)}):
        yield Part(f"growth/{size}", 10 + size * 0.4, partial(growth.grow, size=size, jobs=JOBS))
    unchanged = min(200, most)
    yield Part("unchanged", 100, partial(growth.grade_unchanged, size=unchanged, jobs=JOBS))


def measure(todo: list[Part], results: dict[str, Any], file: Path) -> None:
    """Measure what is to be done, each written down at once."""
    guessed = spent = 0.0
    for number, part in enumerate(todo, 1):
        left = sum(other.guess for other in todo[number - 1 :])
        left *= spent / guessed if guessed else 1
        print(f"{number}/{len(todo)} {part.name}; about {left / 60:.0f} min to go", flush=True)
        stamp = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
            "busy": psutil.cpu_percent(1) / 100,  # with what others do here
        }
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(
            prefix="performance-", ignore_cleanup_errors=True
        ) as folder:
            results["measured"][part.name] = _rounded({**part.measure(Path(folder)), **stamp})
        guessed, spent = guessed + part.guess, spent + time.monotonic() - begin
        file.write_text(json.dumps(results, indent=1) + "\n", encoding="ascii")


def read(file: Path) -> dict[str, Any]:
    """What is measured already, on this machine."""
    if find_spec("otter") is None:
        raise SystemExit("otter-grader is not installed: pip install --editable '.[benchmarks]'")
    here = {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        **{name: version(name) for name in ("keras", "tensorflow", "nbgrader", "otter-grader")},
    }
    results: dict[str, Any] = {"measured": {}}
    if file.is_file():
        results = json.loads(file.read_text(encoding="ascii"))
    if not results["measured"]:
        return {"machine": here, "measured": {}}
    if results["machine"] != here:
        differ = [name for name in here if here[name] != results["machine"].get(name)]
        raise SystemExit(
            f"{file} was measured elsewhere ({', '.join(differ)} differ), and figures are compared "
            "within one machine only: remove it, or name another with --results"
        )
    return results


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
