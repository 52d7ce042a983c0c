"""`autograder gradescope`: an assignment in Gradescope's container."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import LEVELS, Isolation, find_course
from autograder.lms.container import make_folder


@click.command("gradescope")
@click.argument("assignment")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--isolation",
    type=click.Choice(LEVELS),
    default="reduced",
    show_default=True,
    help="How closed the rooms of students' code must be there; else nothing is graded.",
)
def gradescope_command(assignment: str, folder: Path, isolation: Isolation) -> None:
    """Make in DIR what Gradescope needs to grade ASSIGNMENT: set-up script, run_autograder, this
    package and the hidden side of the assignment.

    There, rooms can't be closed as far as elsewhere; docs/operator.md says what that means.
    """
    make_folder(find_course(Path.cwd()), assignment, folder, isolation)
    click.echo(
        f"{folder}: upload a zip of what is in it (cd {folder} && zip -r ../autograder.zip .)\n"
        "In the settings choose a container of 3 GB of memory or more, and a limit of 40 minutes."
    )
