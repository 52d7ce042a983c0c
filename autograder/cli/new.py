"""`autograder new`: a course, an assignment in one, or what grades it elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import starter
from autograder.course import find_course
from autograder.wheel import REQUIREMENTS, names_this_package

WHAT = {
    "source": "the notebook, with the solution",
    "graders": "the hidden side: a grader, mistakes, hints, public checks",
    "bank": "two known submissions, a right one and a wrong one",
    "release": "what students get",
}
# the submissions as a branch of their own, past the branch and the folder that one works in
PUSH = """\
tree=$(GIT_INDEX_FILE=.git/class sh -c 'git add --force submitted && git write-tree')
git push --force origin "$(git commit-tree -m class "$tree"):refs/heads/submissions"
"""
NEXT = {
    "github": f"push the class, then run the workflow «grade»\n{PUSH}",
    "gitlab": f"push the class, then run a pipeline\n{PUSH}",
    "slurm": "see the first lines of slurm/grade.sh",
    "kubernetes": "see the first lines of kubernetes/grade.yaml",
}


@click.group("new")
def new_command() -> None:
    """Make a course, an assignment in one, or what grades it elsewhere."""


@new_command.command("course")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def new_course_command(folder: Path) -> None:
    """Make a course in DIR, which is empty or does not exist yet.

    Next: `autograder new assignment NAME` in it.
    """
    course = starter.new_course(folder)
    click.echo(f"{course.root}: course.toml, nbgrader_config.py, .gitignore")
    click.echo(f"Next: cd {folder}, then: autograder new assignment NAME")


@new_command.command("assignment")
@click.argument("name")
@click.option(
    "--task", default=starter.TASK, show_default=True, help="The function that students write."
)
def new_assignment_command(name: str, task: str) -> None:
    """Make the assignment NAME in the course here: notebook, grader, hints, public check, known
    submissions; and release it.

    It asks for a small model. Change what it asks for, then what is asked and claimed about it:
    `autograder verify NAME` says after each step whether right answers score full and wrong ones do
    not.
    """
    course = find_course(Path.cwd())
    for part, place in starter.new_assignment(course, name, task).items():
        click.echo(f"{place.relative_to(course.root)}/: {WHAT[part]}")
    click.echo(f"Next: autograder verify {name}")


@new_command.command("ci")
@click.argument("service", type=click.Choice(sorted(NEXT)))
def new_ci_command(service: str) -> None:
    """Make what SERVICE needs to grade the course here: workflows, a pipeline, job scripts.

    Where the course has no requirements.txt yet, it gets one, with the wheel of this very version
    of the package in wheels/.
    """
    course = find_course(Path.cwd())
    if names_this_package(course.root) is False:
        click.echo(f"{REQUIREMENTS} stays as it is: see that it installs this package")
    for path in starter.new_ci(course, service):
        click.echo(f"{path.relative_to(course.root)}")
    click.echo(f"Next: {NEXT[service]}".rstrip())
