"""`autograder grade`: a class up to gradebook, feedback and report."""

from __future__ import annotations

import errno
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from autograder.course import Course, find_course, read_assignment
from autograder.errors import UsageError
from autograder.faults import told
from autograder.files import demand_writable
from autograder.grading.batch import Graded, Wish, explain, grade, percent, places, show
from autograder.grading.results import results, write_results
from autograder.showing import quoted

KEPT = "What is graded is kept; the same call goes on from there"
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


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int]:  # noqa: ARG001
    if value is None:
        return (1, 1)
    part, slash, parts = value.partition("/")
    plain = slash and all(re.fullmatch("[0-9]{1,6}", number) for number in (part, parts))
    if not plain or not 1 <= int(part) <= int(parts):
        raise click.BadParameter(
            f"expected I/N with 1 ≤ I ≤ N, such as 3/16, found {quoted(value)}"
        )
    return (int(part), int(parts))


def percentage(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:  # noqa: ARG001
    """A range lets NaN through."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("expected a number from 0 to 100, found nan")
    return value


@click.command("grade", epilog=STATUSES)
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may be repeated."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [as in course.toml]."
)
@click.option(
    "--shard",
    callback=_shard,
    metavar="I/N",
    help="Only the I-th of N parts; the gradebook is left alone.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS|FILE",
    help="Have the workers of a Dask cluster run them: tls://HOST:PORT, or its scheduler file.",
)
@click.option(
    "--regrade",
    is_flag=True,
    help="Judge the stored answers again; nothing of the students' is executed.",
)
@click.option(
    "--explain",
    "only_explain",
    is_flag=True,
    help="Say for each student what would be done and why, and do nothing.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    help="Write the results here too.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    callback=percentage,
    metavar="PERCENT",
    help="Exit with 4 if the mean is lower.",
)
@click.option(
    "--trust-submissions",
    is_flag=True,
    help="Run them although the rooms are less closed than demanded.",
)
def grade_command(
    assignments: tuple[str, ...],
    students: tuple[str, ...],
    jobs: int | None,
    shard: tuple[int, int],
    cluster: str | None,
    regrade: bool,
    only_explain: bool,
    json_file: Path | None,
    fail_under: float | None,
    trust_submissions: bool,
) -> None:
    """Grade submissions, up to gradebook, feedback and report.

    Without ASSIGNMENT, all that are released and were handed in. What is graded already and has not
    changed since is not run again. The parts of a shared job (--shard) only run and judge; the same
    command without --shard, once they are done, brings all into the gradebook.
    """
    if cluster is not None and regrade:
        raise UsageError("--regrade judges what is stored here: leave out --cluster")
    course, console = find_course(Path.cwd()), Console()
    names = assignments or _handed_in(course)
    wish = Wish(students, jobs or course.jobs, shard, regrade, trust_submissions, cluster or "")
    if only_explain:
        for name, student, work in explain(course, names, wish):
            click.echo(f"{name}, {student}: {work}")
        return
    if json_file is not None:  # said before anything is graded
        demand_place(json_file)
    graded = grade(course, names, wish, console)
    for one in graded:
        show(one, console)
    faults = [fault for one in graded for fault in one.faults]
    if json_file is not None:
        faults += results_beside(json_file, graded, several=len(names) > 1)
    _say_where(course, graded, shard, console)
    raise SystemExit(say_faults(faults) or status_of(graded, fail_under))


def demand_place(file: Path) -> None:
    """See that a file can be written there.

    Raises:
        UsageError: it can't be, and why.
    """
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
        demand_writable(file.absolute().parent)
    except OSError as error:
        raise UsageError(f"--json {file}: nothing can be written there: {told(error)}") from None


def say_faults(faults: Sequence[str]) -> int:
    """A line for each on standard error; the exit status, 0 without any."""
    for fault in dict.fromkeys(faults):
        click.echo(f"autograder: {fault}. {KEPT}", err=True)
    return 2 if faults else 0


def results_beside(file: Path, graded: Sequence[Graded], *, several: bool) -> list[str]:
    """Write the results of all assignments; why that failed."""
    data = [results(one.assignment, one.verdicts) for one in graded]
    try:
        write_results(file, data if several else data[0])
    except OSError as error:
        return [f"--json: {told(error)}"]
    return []


def _handed_in(course: Course) -> tuple[str, ...]:
    names = tuple(name for name in course.assignments() if course.students(name))
    folders = (course.root / "submitted").glob("[!.]*/[!.]*/")
    for name in sorted({path.name for path in folders} - {*course.assignments()}):
        if not names:
            read_assignment(course, name)  # says that it is not released
        click.echo(f"{name} is left out: there is no {course.template(name)}")
    if not names:
        raise UsageError(
            f"nothing is handed in: no folder submitted/<student>/<assignment>/ in {course.root}"
        )
    return names


def _say_where(
    course: Course, graded: Sequence[Graded], shard: tuple[int, int], console: Console
) -> None:
    if shard == (1, 1):
        for name, place in places(course, graded):
            console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    else:
        console.print(
            f"part {shard[0]} of {shard[1]} is in {course.runs}; when all are done: autograder"
            " grade",
            highlight=False,
        )


def status_of(graded: Sequence[Graded], fail_under: float | None) -> int:
    """The exit status of a batch that nothing refused."""
    if not all(one.complete for one in graded):
        return 1
    mean = percent([verdict for one in graded for verdict in one.verdicts])
    return 4 if fail_under is not None and mean < fail_under else 0
