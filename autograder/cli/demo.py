"""`autograder demo`: the sample class, handed in and graded as a real class would be."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import find_course, own_course
from autograder.errors import NoCourse


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the class is made [demo/].",
)
@click.option("--fresh", is_flag=True, help="Begin anew, forgetting what is graded already.")
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [as in course.toml]."
)
def demo_command(into: Path | None, *, fresh: bool, jobs: int | None) -> None:
    """Grade the sample class that comes with the course.

    It is a course folder of its own, with everything in it that a graded class leaves. Its
    submissions are known, so they are run whatever the isolation of the rooms is; the report says
    what it was.
    """
    from rich.console import Console

    from autograder.cli.outcome import say_faults
    from autograder.grading.batch import Wish, grade
    from autograder.grading.screen import places, show
    from autograder.sample import make_class

    try:
        home = find_course(Path.cwd())
        folder = home.root / "demo"
    except NoCourse:  # outside of any: the class of the course that comes with the package
        home, folder = own_course(), Path.cwd() / "demo"
    course = make_class(home, (into or folder).resolve(), fresh=fresh)
    names = [name for name in course.assignments() if course.students(name)]
    console = Console()
    graded = grade(course, names, Wish(jobs=jobs or course.jobs, trust=True), console)
    for one in graded:
        show(one, console)
    for name, place in places(course, graded):
        console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    if status := say_faults([fault for one in graded for fault in one.faults]):
        raise SystemExit(status)
    if any(one.problems for one in graded):  # that some need a person is part of the sample
        raise SystemExit(1)
