"""`autograder merge`: what other machines have graded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.outcome import STATUSES, Outlets, outlets, say_status, tell
from autograder.course import find_course
from autograder.grading.batch import Graded, Wish, grade
from autograder.grading.merging import Merged, merge

_WORDS = ("taken over", "here already", "left out", "refused")


@click.command("merge", epilog=STATUSES)
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    metavar="DIR...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--explain",
    "only_explain",
    is_flag=True,
    help="Say for each run what would become of it, and do nothing.",
)
@click.option(
    "--trust-submissions",
    is_flag=True,
    help="Take runs over although their rooms were less closed than demanded.",
)
@outlets
def merge_command(
    folders: tuple[Path, ...], only_explain: bool, trust_submissions: bool, outlets: Outlets
) -> None:
    """Take over what other machines graded by --shard, up to gradebook, feedback and report.

    DIR is the folder runs/ of another copy of this course, or the folder that holds it. Nothing is
    run or judged. A run of another version of the course, of its libraries or of the submission is
    refused with its reason; the others are taken over. What is here already counts, else what the
    folder that is named first holds.
    """
    course, console = find_course(Path.cwd()), Console()
    merged = merge(course, folders, console, trust=trust_submissions, explain=only_explain)
    _say(merged, each=only_explain)
    if only_explain:
        return
    names = sorted({one.stored.assignment for one in merged} & {*course.assignments()})
    graded = grade(course, names, Wish(only_stored=True), console)
    status = tell(course, graded, outlets, console, several=len(names) > 1)
    if status != 2 and any(one.too_open for one in merged):
        status = 3
        say_status(3, "runs were made in rooms less closed than the course demands", console)
    elif status in {0, 4} and _lost(merged, graded):
        status = 1
        say_status(1, "runs were refused of students who have no other", console)
    raise SystemExit(status)


def _lost(merged: Sequence[Merged], graded: Sequence[Graded]) -> bool:
    """Whether a run was refused of somebody who has no other."""
    there = {(one.assignment, verdict.student) for one in graded for verdict in one.verdicts}
    refused = [one.stored for one in merged if one.what == "refused"]
    return any((one.assignment, one.student) not in there for one in refused)


def _say(merged: Sequence[Merged], *, each: bool) -> None:
    """How many became what; by name whatever was not simply taken."""
    for one in merged:
        if each or one.what in {"refused", "left out"}:
            click.echo(str(one))
    counts = {what: sum(one.what == what for one in merged) for what in _WORDS}
    click.echo("runs: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count))
