"""`autograder merge`: what other machines have graded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from autograder.cli.grade import (
    STATUSES,
    demand_place,
    percentage,
    results_beside,
    say_faults,
    status_of,
)
from autograder.course import find_course
from autograder.grading.batch import Wish, grade, places, show
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
    help="Take runs over although their rooms were less closed than demanded.",
)
def merge_command(
    folders: tuple[Path, ...],
    only_explain: bool,
    json_file: Path | None,
    fail_under: float | None,
    trust_submissions: bool,
) -> None:
    """Take over what other machines graded by --shard, up to gradebook, feedback and report.

    DIR is the folder runs/ of another copy of this course, or the folder that holds it. Nothing is
    run or judged. A run of another version of the course, of its libraries or of the submission is
    refused with its reason; the others are taken over. What is here already counts, else what the
    folder that is named first holds.
    """
    course, console = find_course(Path.cwd()), Console()
    if json_file is not None:  # said before anything is merged
        demand_place(json_file)
    merged = merge(course, folders, console, trust=trust_submissions, explain=only_explain)
    _say(merged, each=only_explain)
    if only_explain:
        return
    names = sorted({one.stored.assignment for one in merged} & {*course.assignments()})
    graded = grade(course, names, Wish(only_stored=True), console)
    for one in graded:
        show(one, console)
    faults = [fault for one in graded for fault in one.faults]
    if json_file is not None:
        faults += results_beside(json_file, graded, several=len(names) > 1)
    for name, place in places(course, graded):
        console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    too_open = 3 if any(one.too_open for one in merged) else 0
    raise SystemExit(say_faults(faults) or too_open or status_of(graded, fail_under))


def _say(merged: Sequence[Merged], *, each: bool) -> None:
    """How many became what; by name whatever was not simply taken."""
    for one in merged:
        if each or one.what in {"refused", "left out"}:
            click.echo(str(one))
    counts = {what: sum(one.what == what for one in merged) for what in _WORDS}
    click.echo("runs: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count))
