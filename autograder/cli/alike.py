"""`autograder alike`: pairs of a class whose answers are unusually alike."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import find_course
from autograder.files import demand_writable
from autograder.grading.alike import compare_class, write_page
from autograder.grading.report import alike_page


@click.command("alike")
@click.argument("assignment")
def alike_command(assignment: str) -> None:
    """Show which answers to ASSIGNMENT are unusually alike, side by side.

    Compared is what each has beyond the template and beyond what many in the class have; renamed
    variables, other comments and another order of statements hide nothing. What comes of it is a
    page of questions, no finding: read what it says it can't tell. Nothing is run.
    """
    course = find_course(Path.cwd())
    found = compare_class(course, assignment)
    demand_writable(course.runs)
    page = alike_page(course, assignment)
    write_page(page, found)
    pairs, same = len(found.pairs), sum(len(names) for names in found.same)
    told = "1 pair of answers is" if pairs == 1 else f"{pairs or 'no'} pairs of answers are"
    files = f"; {same} students have a file in common with another" if same else ""
    click.echo(f"{found.students} notebooks compared: {told} unusually alike{files}\n{page}")
