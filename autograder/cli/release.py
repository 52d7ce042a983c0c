"""`autograder release`: what students get."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import find_course
from autograder.errors import UsageError
from autograder.handout import hand_out


@click.command("release")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where folders and zips are made [handout/].",
)
def release_command(assignments: tuple[str, ...], into: Path | None) -> None:
    """Make what students get of each ASSIGNMENT, or of all: a folder and a zip of it, with the
    notebook, labkit and what lies beside the notebook. Nothing else has to be installed there.

    Where source/ has changed, or nothing is released yet, release/ is made first, by nbgrader. The
    same sources give the same zip.
    """
    course = find_course(Path.cwd())
    there = sorted(path.name for path in (course.root / "source").glob("[!.]*/"))
    place = into or course.root / "handout"
    names = dict.fromkeys(assignments or there)
    if not names:
        raise UsageError(f"there is no assignment in {course.root}: autograder new assignment NAME")
    for name in names:
        made = hand_out(course, name, place)
        if made.anew is not None:
            click.echo(f"{course.template(name).parent}: made anew, since {made.anew}")
        click.echo(f"{made.zip}: {made.files} files, {made.size / 1e6:.1f} MB")
