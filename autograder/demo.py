"""The sample class: known submissions, handed in and graded as a real class would be."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import nbformat

from autograder.bank import read_recipe, submission
from autograder.course import Course, find_course, read_assignment
from autograder.errors import UsageError

CLASS = Path("tests") / "class"  # recipes become notebooks; notebooks are handed in as they are, byte for byte
SHARED = ("nbgrader_config.py", "course.toml")


@click.command("demo")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Where the class is made [demo/].")
@click.option("--fresh", is_flag=True, help="Begin anew, forgetting what is graded already.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [as in course.toml].")
def demo_command(into: Path | None, *, fresh: bool, jobs: int | None) -> None:
    """Grade the sample class that comes with the course.

    It is a course folder of its own, with everything in it that a graded class leaves. Its submissions are known, so
    they are run whatever the isolation of the rooms is; the report says what it was.
    """
    from rich.console import Console

    from autograder.grade import Wish, grade, places, show

    home = find_course(Path.cwd())
    folder = (into or home.root / "demo").resolve()
    course = make_class(home, folder, fresh=fresh)
    names = [name for name in course.assignments() if course.students(name)]
    console = Console()
    graded = grade(course, names, Wish(jobs=jobs or course.jobs, trust=True), console)
    for one in graded:
        show(one, console)
    for name, place in places(course, graded):
        console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    if any(one.problems for one in graded):  # that some need a person is part of the sample
        raise SystemExit(1)


def make_class(home: Course, folder: Path, *, fresh: bool = False) -> Course:
    """The course folder with the sample class in it; what is there already stays, so grading it again is quick.

    Raises:
        UsageError: the folder holds something else, or this course has no sample class.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "submitted").is_dir():
        raise UsageError(f"{folder} holds something that is no course; name another place with --into")
    known = sorted(path for path in (home.root / CLASS).glob("*") if path.suffix in {".py", ".ipynb"})
    if not known:
        raise UsageError(f"there is no sample class: {home.root / CLASS} holds no recipes")
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHARED:
        if (home.root / name).is_file():
            shutil.copy(home.root / name, folder / name)
    for path in known:
        _hand_in(home, folder, path)
    return find_course(folder)


def _hand_in(home: Course, folder: Path, path: Path) -> None:
    if path.suffix == ".py":
        recipe = read_recipe(path)
        name = recipe.assignment
        assignment = read_assignment(home, name)
        base = assignment.template_path if recipe.base == "release" else assignment.source_path
        text = nbformat.writes(submission(recipe, nbformat.read(base, as_version=4))).encode()
    else:  # the folder's only assignment, or the one that the file is named after: <student>@<assignment>.ipynb
        student, at, name = path.stem.partition("@")
        name = name if at else home.assignments()[0]
        path, text = path.with_name(student), path.read_bytes()
    for part in ("source", "release"):
        shutil.copytree(home.root / part / name, folder / part / name, dirs_exist_ok=True)
    target = folder / "submitted" / path.stem / name / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != text:
        target.write_bytes(text)
