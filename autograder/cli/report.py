"""`autograder report`: a class as it is stored."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import find_course, read_assignment
from autograder.errors import UsageError
from autograder.grading.report import write_report
from autograder.grading.results import results, write_results
from autograder.grading.stages import stored_verdict


@click.command("report")
@click.argument("assignment")
def report_command(assignment: str) -> None:
    """Write class report and results of ASSIGNMENT from what is stored."""
    course = find_course(Path.cwd())
    found = read_assignment(course, assignment)
    students = course.students(assignment)
    there = [
        student
        for student in students
        if (course.run_dir(assignment, student) / "verdict.json").is_file()
    ]
    if not there:
        raise UsageError(
            f"nobody is graded yet in {assignment}; grade first: autograder grade {assignment}"
        )
    verdicts = [stored_verdict(course, assignment, student) for student in there]
    problems = {student: "not graded yet" for student in students if student not in there}
    write_results(course.runs / f"{assignment}.json", results(assignment, verdicts))
    write_report(course.runs / f"{assignment}.html", found, verdicts, problems)
    click.echo(f"{course.runs / f'{assignment}.html'}\n{course.runs / f'{assignment}.json'}")
