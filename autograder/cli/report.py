"""`autograder report`: a class as it is stored."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.course import find_course, read_assignment, valid_name, why_no_name
from autograder.errors import UsageError
from autograder.grading.grades import known_grades
from autograder.grading.publishing import publishing
from autograder.grading.seen import changes, read_seen
from autograder.grading.stages import stored_verdict
from autograder.showing import shown


@click.command("report")
@click.argument("assignment")
def report_command(assignment: str) -> None:
    """Write class report and results of ASSIGNMENT from what is stored.

    Exit status 1 if what is stored of somebody is damaged; the others are in the report.
    """
    course = find_course(Path.cwd())
    found = read_assignment(course, assignment)
    students = course.students(assignment)
    there = [
        student
        for student in filter(valid_name, students)
        if (course.run_dir(assignment, student) / "verdict.json").is_file()
    ]
    if not there:
        raise UsageError(
            f"nobody is graded yet in {assignment}; grade first: autograder grade {assignment}"
        )
    problems = {
        shown(student): "not graded yet" if valid_name(student) else why_no_name(student)
        for student in students
        if student not in there
    }
    verdicts, damaged = [], {}
    for student in there:
        try:
            verdicts.append(stored_verdict(course, assignment, student))
        except UsageError as error:
            damaged[student] = str(error)
            click.echo(shown(damaged[student], 2_000), err=True)
    grades = known_grades(course, assignment)
    seen = changes(read_seen(course, assignment), verdicts)
    for write in publishing(course, found, verdicts, problems | damaged, grades, seen):
        write()
    for name in (f"{assignment}.html", f"{assignment}.json", "index.html"):
        click.echo(course.runs / name)
    if isinstance(grades, str):
        click.echo(f"points of the graders only: {shown(grades, 2_000)}", err=True)
    sys.exit(bool(damaged))
