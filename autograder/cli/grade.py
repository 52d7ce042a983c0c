"""`autograder grade`: a class up to gradebook, feedback and report."""

from __future__ import annotations

import re
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.outcome import STATUSES, Outlets, outlets, tell
from autograder.course import Course, find_course, read_assignment
from autograder.errors import UsageError
from autograder.grading.batch import Wish, explain, grade
from autograder.showing import quoted, shown


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
    "--trust-submissions",
    is_flag=True,
    help="Run them although the rooms are less closed than demanded.",
)
@outlets
def grade_command(
    assignments: tuple[str, ...],
    students: tuple[str, ...],
    jobs: int | None,
    shard: tuple[int, int],
    cluster: str | None,
    regrade: bool,
    only_explain: bool,
    trust_submissions: bool,
    outlets: Outlets,
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
    graded = grade(course, names, wish, console)
    part = f"part {shard[0]} of {shard[1]} is in {course.runs}; when all are done: autograder grade"
    rest = part if shard != (1, 1) else ""
    raise SystemExit(tell(course, graded, outlets, console, several=len(names) > 1, rest=rest))


def _handed_in(course: Course) -> tuple[str, ...]:
    names = tuple(name for name in course.assignments() if course.students(name))
    folders = (course.root / "submitted").glob("[!.]*/[!.]*/")
    for name in sorted({path.name for path in folders} - {*course.assignments()}):
        if not names:
            read_assignment(course, name)  # says that it is not released
        click.echo(f"left out is {shown(name)}: there is no {shown(course.template(name), 1_000)}")
    if not names:
        raise UsageError(
            f"nothing is handed in: no folder submitted/<student>/<assignment>/ in {course.root}"
        )
    return names
