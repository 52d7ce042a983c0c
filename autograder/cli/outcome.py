"""What `grade` and `merge` do with a graded class: on the screen, in files, for CI, as a status."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from autograder.course import Course
from autograder.errors import UsageError
from autograder.faults import told
from autograder.files import demand_place, demand_writable
from autograder.grading.batch import Graded
from autograder.grading.github import annotate, unheard, write_summary
from autograder.grading.junit import write_junit
from autograder.grading.results import NEEDS_A_PERSON, percent, results, write_results
from autograder.grading.screen import in_class, places, show
from autograder.showing import shown

KEPT = "What is graded is kept; the same call goes on from there"
_NAMES = 8  # students in the line that says why
STATUSES = """\b
Exit status:
  0    everything is graded, whatever the scores
  1    something was not graded, or needs a person
  2    call or course are set up wrongly, or machine or gradebook refuse:
       full, read-only, locked, broken
  3    the rooms are less closed than the course demands
  4    --fail-under is not met
  130  interrupted; the same call goes on where it stopped
"""


@dataclass(frozen=True)
class Outlets:
    """Where the results go besides, and what they must reach."""

    json: Path | None = None
    junit: Path | None = None
    fail_under: float | None = None


def _percent(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:  # noqa: ARG001
    """A range lets NaN through."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("expected a number from 0 to 100, found nan")
    return value


def outlets(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that become its argument `outlets`, their files found writable
    before anything is graded, and GitHub told to obey nothing of what is printed.
    """

    @functools.wraps(command)
    def called(
        json_file: Path | None, junit_file: Path | None, fail_under: float | None, **others: Any
    ) -> None:
        click.get_current_context().with_resource(unheard())
        if not others.get("only_explain"):
            demand_places({"--json": json_file, "--junit": junit_file})
        command(outlets=Outlets(json_file, junit_file, fail_under), **others)

    path = click.Path(path_type=Path)
    for option in (
        click.option(
            "--fail-under",
            type=click.FloatRange(0, 100),
            callback=_percent,
            metavar="PERCENT",
            help="Exit with 4 if the mean is lower.",
        ),
        click.option(
            "--junit", "junit_file", type=path, help="Write them as JUnit XML, for CI systems."
        ),
        click.option("--json", "json_file", type=path, help="Write the results here too."),
    ):
        called = option(called)
    return called


def tell(
    course: Course,
    graded: Sequence[Graded],
    outlets: Outlets,
    console: Console,
    *,
    several: bool,
    rest: str = "",
) -> int:
    """Write and show what came of a class, as a list if that may be `several` assignments; say
    where everything is, or what `rest` there is to do. The exit status.
    """
    faults = [fault for one in graded for fault in one.faults]
    if outlets.json is not None:
        faults += _results_beside(outlets.json, graded, several=several)
    if outlets.junit is not None:
        faults += _junit_beside(outlets.junit, graded, faults)
    faults += write_summary(graded, faults)
    for one in graded:  # last: a screen may be closed, full, or know no such letters
        show(one, console)
    if rest:
        console.print(rest, highlight=False)
    else:
        for name, place in places(course, graded):
            console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
        for one in graded:
            _say_unmarked(course, one, console)
    annotate(graded, faults)
    return say_faults(faults) or _status(graded, outlets.fail_under, console)


def demand_places(files: Mapping[str, Path | None]) -> None:
    """See that a file can be written where each of the options says, and no two at one place.

    Raises:
        UsageError: it can't be, and why.
    """
    seen: dict[Path, str] = {}
    for option, file in files.items():
        if file is None:
            continue
        try:
            demand_place(file)
            demand_writable(file.absolute().parent)
        except OSError as error:
            why = told(error)
            raise UsageError(f"{option} {file}: nothing can be written there: {why}") from None
        if other := seen.get(file.resolve()):
            raise UsageError(f"{other} and {option} both name {file}: give each a file of its own")
        seen[file.resolve()] = option


def say_faults(faults: Sequence[str]) -> int:
    """A line for each on standard error; the exit status, 0 without any."""
    for fault in dict.fromkeys(faults):
        click.echo(f"autograder: {shown(fault, 2_000)}. {KEPT}", err=True)
    return 2 if faults else 0


def _results_beside(file: Path, graded: Sequence[Graded], *, several: bool) -> list[str]:
    """Write the results of all assignments; why that failed."""
    data = [
        results(one.assignment, one.verdicts, one.gradebook.told if one.gradebook else None)
        for one in graded
    ]
    try:
        write_results(file, data if several else data[0])
    except OSError as error:
        return [f"--json: {told(error)}"]
    return []


def _junit_beside(file: Path, graded: Sequence[Graded], faults: Sequence[str]) -> list[str]:
    """Write the JUnit report of all assignments; why that failed."""
    try:
        write_junit(file, graded, faults)
    except OSError as error:
        return [f"--junit: {told(error)}"]
    return []


def _say_unmarked(course: Course, graded: Graded, console: Console) -> None:
    """What only a person can mark, and where that is done."""
    if count := sum(one.to_mark for one in in_class(graded)):
        answers = "answers wait" if count > 1 else "answer waits"
        console.print(
            f"{count} written {answers} to be marked: in {course.root}, jupyter lab, then Nbgrader"
            f" → Formgrader; after that: autograder grade {graded.assignment}",
            soft_wrap=True,
            highlight=False,
        )


def _status(graded: Sequence[Graded], fail_under: float | None, console: Console) -> int:
    """The exit status of a batch that nothing refused; other ones than 0 say why."""
    if not all(one.complete for one in graded):
        say_status(1, _unfinished(graded), console)
        return 1
    mean = percent([verdict for one in graded for verdict in one.verdicts])
    if fail_under is not None and mean < fail_under:
        say_status(
            4,
            f"the mean is {math.floor(10 * mean) / 10} %, below --fail-under {fail_under:g}",
            console,
        )
        return 4
    return 0


def say_status(status: int, why: str, console: Console) -> None:
    """The last line on the screen."""
    console.print(Text(f"exit status {status}: {why}"), soft_wrap=True)


def _unfinished(graded: Sequence[Graded]) -> str:
    """Who waits for a person, and who is not graded."""
    waiting = [
        verdict.student
        for one in graded
        for verdict in one.verdicts
        if verdict.status in NEEDS_A_PERSON
    ]
    without = [student for one in graded for student in one.problems]
    waits = "submission waits" if len(waiting) == 1 else "submissions wait"
    parts = [f"{len(waiting)} {waits} for a person: {_some(waiting)}"] if waiting else []
    parts += [f"{len(without)} not graded: {_some(without)}"] if without else []
    return "; ".join(parts)


def _some(students: Sequence[str]) -> str:
    more = f" and {len(students) - _NAMES} more" if len(students) > _NAMES else ""
    return shown(", ".join(students[:_NAMES]), 2_000) + more
