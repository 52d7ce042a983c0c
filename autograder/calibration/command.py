"""`autograder calibrate`: trains references and weak solutions,
measures thresholds, writes record, plot and page.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder.calibration.evidence import DRAWS, read_trained, record
from autograder.calibration.plan import (
    KINDS,
    Plan,
    Solution,
    edition,
    plan_path,
    read_plans,
    sources,
)
from autograder.course import Course, find_course
from autograder.data.prepared import prepared, use
from autograder.errors import CalibrationError, UsageError
from autograder.progress import progress_bar

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@dataclass(frozen=True)
class Training:
    """One training run that is wanted, and the file of its scores."""

    kind: str  # "reference" or one of KINDS
    name: str
    solution: Solution
    seed: int
    file: Path


@click.command("calibrate")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Training seeds of the reference.",
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Trainings at a time [as in course.toml]."
)
@click.option(
    "--only", metavar="TASK", help="Only this task; the records of others stay as they are."
)
def calibrate_command(
    assignments: tuple[str, ...], seeds: int, jobs: int | None, only: str | None
) -> None:
    """Measure the accuracy thresholds of ASSIGNMENT (without: of all that have some).

    Trains what the source notebook trains, once for each seed, and the weak solutions that
    calibration/<assignment>.toml names, each in a process of its own; scores them on hidden sets
    that nothing else uses; writes calibration/<assignment>.json, which the graders read, a plot
    beside it, and docs/calibration.md. What is trained already is not trained again; thresholds may
    be moved without training.

    Exit status 1 if a threshold does not hold: the reference passes too rarely, a weak solution
    passes, or the interval is too wide.
    """
    from autograder.calibration.page import write_page, write_plot

    course, console = find_course(Path.cwd()), Console()
    use(prepared(course))
    there = sorted(path.name for path in (course.root / "source").glob("[!.]*/"))
    names = assignments or tuple(name for name in there if plan_path(course, name).exists())
    held = True
    for name in names:
        plans = read_plans(plan_path(course, name))
        if only is not None and only not in plans:
            raise UsageError(f"{name} has no threshold for «{only}»; there are: {', '.join(plans)}")
        target = course.root / "calibration" / f"{name}.json"
        records = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
        for task, plan in plans.items():
            if only in {None, task}:
                records[task] = _measured(course, name, plan, seeds, jobs or course.jobs, console)
                _show(task, records[task]["record"], console)
        records = {task: records[task] for task in plans if task in records}
        target.parent.mkdir(exist_ok=True)
        target.write_text(
            json.dumps(records, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        write_plot(records, target.with_suffix(".svg"))
        held &= not any(one["record"]["problems"] for one in records.values())
        console.print(f"{name}: {target}", soft_wrap=True, highlight=False)
    write_page(course.root / "calibration", course.root / "docs" / "calibration.md")
    if not held:
        raise SystemExit(1)


def _measured(
    course: Course, name: str, plan: Plan, seeds: int, jobs: int, console: Console
) -> dict[str, Any]:
    code = sources(course, name, plan)
    wanted = list(_trainings(course.runs / "calibration" / name, plan, code, seeds))
    with progress_bar(console) as progress, ThreadPoolExecutor(jobs) as pool:
        bar = progress.add_task(f"calibrate {plan.task}", total=len(wanted))
        waiting = [pool.submit(_train, one, plan, code, plan_path(course, name)) for one in wanted]
        try:
            for done in as_completed(waiting):
                done.result()
                progress.advance(bar)
        except BaseException:  # Ctrl-C too: what waits is not begun; what is trained stays
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    trained = {
        kind: [read_trained(one.name, one.file) for one in wanted if one.kind == kind]
        for kind in ("reference", *KINDS)
    }
    found: dict[str, Any] = record(plan, edition(plan, code), trained)
    found["record"] |= {
        "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": {
            library: importlib.metadata.version(library)
            for library in ("keras", "tensorflow", "numpy")
        },
    }
    return found


def _trainings(folder: Path, plan: Plan, code: list[str], seeds: int) -> Iterator[Training]:
    folder.mkdir(parents=True, exist_ok=True)
    solutions = [("reference", "", Solution(seeds=seeds))]
    solutions += [(kind, *pair) for kind in KINDS for pair in getattr(plan, kind).items()]
    for kind, label, solution in solutions:
        key = edition(plan, code, solution)
        for seed in range(solution.seeds):
            title = (
                f"{label}, seed {seed}".removeprefix(", ")
                if solution.seeds > 1 or not label
                else label
            )
            yield Training(kind, title, solution, seed, folder / f"{plan.task}-{key}-{seed}.npz")


def _train(one: Training, plan: Plan, code: list[str], path: Path) -> None:
    """Train and score in a process of its own, on one thread as in the rooms.

    Raises:
        CalibrationError: it failed.
    """
    if one.file.exists():
        return
    request = {
        "plan": str(path.resolve()),
        "task": plan.task,
        "solution": asdict(one.solution),
        "seed": one.seed,
        "file": str(one.file.resolve()),
        "code": code,
    }
    fixed = {**dict.fromkeys(THREADS, "1"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    call = [sys.executable, "-m", "autograder.calibration.training", json.dumps(request)]
    done = subprocess.run(
        call, env={**os.environ, **fixed}, capture_output=True, text=True, check=False
    )
    if not one.file.exists():
        last = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise CalibrationError(
            f"training of {plan.task}, {one.name}, failed (exit status {done.returncode}): {last}"
        )


def _show(task: str, found: dict[str, Any], console: Console) -> None:
    table = Table(title=f"{task}: {DRAWS} draws of training seed and hidden set")
    for heading in (
        "threshold",
        "at",
        "± points",
        "reference",
        "worst draw",
        "passed",
        "strongest weak solution",
    ):
        table.add_column(heading)
    for name, one in found["thresholds"].items():
        at = f"≥ {one['at_least']:g}" if "at_least" in one else f"≤ {one['at_most']:g}"
        weak = (
            f"{one['strongest_weak_value']:.3f} {one['strongest_weak']}"
            if "strongest_weak" in one
            else ""
        )
        spread = one["standard_deviation_over_seeds"]
        mean = f"{one['mean']:.3f}" + ("" if spread is None else f" ± {spread:.3f}")
        width, worst = f"{100 * one['half_width']:.1f}", f"{one['worst_draw']:.3f}"
        table.add_row(name, at, width, mean, worst, f"{one['passed']} of {DRAWS}", weak)
    console.print(table)
    for problem in found["problems"]:
        console.print(f"[red]does not hold:[/red] {task}: {problem}")
