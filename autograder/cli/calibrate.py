"""`autograder calibrate`: measures thresholds, writes record, plot and page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from autograder.calibration.evidence import DRAWS
from autograder.calibration.measuring import measured, processor_seconds, untrained
from autograder.calibration.plan import Plan, plan_path, read_plans
from autograder.course import Course, find_course, valid_name
from autograder.data.prepared import prepared, use
from autograder.desk import desk
from autograder.errors import UsageError
from autograder.files import write
from autograder.judge.hidden_side import PLOT, RECORD, read_calibration
from autograder.progress import span
from autograder.tables import unknown


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
@click.option("--yes", is_flag=True, help="Train without asking first.")
def calibrate_command(
    assignments: tuple[str, ...], seeds: int, jobs: int | None, only: str | None, *, yes: bool
) -> None:
    """Measure the accuracy thresholds of ASSIGNMENT (without: of all that have some).

    Trains what the source notebook trains, once for each seed, and the weak solutions that the
    calibration.toml of the hidden folder names, each in a process of its own; scores them on hidden
    sets that nothing else uses; writes calibration.json beside it, which the graders read, a plot
    of it, and docs/calibration.md. What is trained already is not trained again; thresholds may be
    moved without training. How long it will train is said first, and asked about; where nobody can
    be asked, say --yes.

    Exit status 1 if a threshold does not hold: the reference passes too rarely, a weak solution
    passes, or the interval is too wide.
    """
    from autograder.calibration.page import write_page

    course, console = find_course(Path.cwd()), Console()
    there = sorted(path.name for path in (course.root / "source").glob("[!.]*/"))
    if strange := next((name for name in assignments if not valid_name(name)), None):
        raise UsageError(unknown("assignment", strange, there))
    names = assignments or tuple(name for name in there if plan_path(course, name).exists())
    plans = {name: _plans(course, name, only) for name in names}
    _demand_consent(course, plans, seeds, jobs or course.jobs, yes=yes)
    held = True
    for name in names:
        records = _calibrated(course, name, only, seeds, jobs or course.jobs, console)
        held &= not any(one["record"]["problems"] for one in records.values())
    write_page(course)
    if not held:
        raise SystemExit(1)


def _plans(course: Course, name: str, only: str | None) -> list[Plan]:
    """What is measured of an assignment.

    Raises:
        UsageError: there is no such task.
    """
    plans = read_plans(plan_path(course, name))
    if only is not None and only not in plans:
        raise UsageError(f"{name}: {unknown('threshold of', only, plans)}")
    return [plan for task, plan in plans.items() if only in {None, task}]


def _demand_consent(
    course: Course, plans: dict[str, list[Plan]], seeds: int, jobs: int, *, yes: bool
) -> None:
    """Say how long it will train, and ask whether to.

    Raises:
        UsageError: nobody can be asked.
    """
    number, seconds = 0, 0.0
    unmeasured = []
    for name, some in plans.items():
        records = read_calibration(plan_path(course, name).with_name(RECORD))
        for plan in some:
            due = untrained(course, name, plan, seeds)
            number += len(due)
            taken = processor_seconds(due, records.get(plan.task, {}))
            if due and taken is None:
                unmeasured.append(plan.task)
            seconds += taken or 0.0
    if not number:
        return
    told = f"to train: {number} times, {jobs} at a time"
    if seconds:
        told += f", about {span(seconds / min(jobs, number))} by the records there are"
    if unmeasured:
        told += f"; {', '.join(unmeasured)} was never measured, the first runs will tell"
    click.echo(told)
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked whether to train that long: say --yes")
    click.confirm("Train?", default=True, abort=True)


def _calibrated(
    course: Course, name: str, only: str | None, seeds: int, jobs: int, console: Console
) -> dict[str, Any]:
    """Measure the tasks of an assignment, or one, and write its record and plot: the record."""
    from autograder.calibration.page import write_plot

    plans = read_plans(plan_path(course, name))
    use({"desk": desk(course, name), "data": prepared(course)})
    target = plan_path(course, name).with_name(RECORD)
    records = dict(read_calibration(target))
    for task, plan in plans.items():
        if only in {None, task}:
            records[task] = measured(course, name, plan, seeds, jobs, console)
            _show(task, records[task]["record"], console)
    records = {task: records[task] for task in plans if task in records}
    write(target, json.dumps(records, indent=2, ensure_ascii=False) + "\n")
    write_plot(name, records, target.with_name(PLOT))
    console.print(f"{name}: {target}", soft_wrap=True, highlight=False)
    return records


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
