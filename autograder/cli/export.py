"""`autograder export`: grades for other systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import click

from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.grading.grades import graded_assignments, read_grades
from autograder.lms.filling import Wish
from autograder.lms.giving import (
    demand_students,
    for_canvas,
    for_csv,
    for_gradescope,
    for_moodle,
    told_lines,
    write_given,
)
from autograder.lms.gradescope import VISIBILITIES, Visibility
from autograder.lms.roster import course_roster

STATUSES = """\b
Exit status:
  0    everyone who has handed in is in
  1    somebody is left out: waits for a person, or is not found in the file
  2    call, course or file are set up wrongly; nothing is written
"""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(path_type=Path)


@click.command("export", epilog=STATUSES)
@click.argument("assignment", required=False)
@click.option("--canvas", type=_FILE, help="Fill in the gradebook (CSV) that Canvas has exported.")
@click.option("--moodle", type=_FILE, help="Fill in Moodle's grading worksheet (CSV).")
@click.option(
    "--gradescope", type=_NEW, metavar="DIR", help="Write DIR/<student>/results.json for each."
)
@click.option("--csv", "csv_file", type=_NEW, help="Write a CSV file with a row for each check.")
@click.option(
    "--output",
    type=_NEW,
    help="Where the filled file goes [<name>.filled.csv beside the one that came].",
)
@click.option(
    "--feedback",
    type=_NEW,
    metavar="ZIP",
    help="With --moodle: write the feedback pages into a zip that Moodle takes back.",
)
@click.option(
    "--roster",
    type=_FILE,
    help="How else students are called, as for collect [roster.csv of the course].",
)
@click.option(
    "--column", metavar="HEADING", help="The column to fill, where it can't be told by itself."
)
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may be repeated."
)
@click.option(
    "--absent-zero", is_flag=True, help="Give 0 to those in the file who handed in nothing."
)
@click.option(
    "--scale", is_flag=True, help="Convert the grades if the file is out of other points."
)
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    default="visible",
    show_default=True,
    help="With --gradescope: when students see the results.",
)
def export_command(
    assignment: str | None,
    canvas: Path | None,
    moodle: Path | None,
    gradescope: Path | None,
    csv_file: Path | None,
    output: Path | None,
    feedback: Path | None,
    roster: Path | None,
    column: str | None,
    students: tuple[str, ...],
    absent_zero: bool,
    scale: bool,
    visibility: str,
) -> None:
    """Give grades back: Canvas, Moodle, Gradescope, CSV.

    ASSIGNMENT can be left out where there is one. Grades are those of nbgrader's gradebook: with
    manual marks, extra credit and late penalties. Whoever waits for a person is left out and
    listed. Whoever has handed in nothing gets no grade, not 0, unless you say so. The file that
    came is never changed; take a fresh one, since it carries the other columns back too.
    """
    wanted = [file for file in (canvas, moodle, gradescope, csv_file) if file is not None]
    _demand_sense(wanted, canvas, moodle, output, feedback, column)
    course = find_course(Path.cwd())
    grades = read_grades(course, assignment or _only_assignment(course))
    demand_students(grades, students)
    wish = Wish(absent_zero, scale, students, column)
    people = course_roster(course, roster)
    given = []
    if canvas is not None:
        given.append(for_canvas(course, grades, canvas, output, people, wish))
    if moodle is not None:
        given.append(for_moodle(course, grades, moodle, output, people, wish, feedback))
    if gradescope is not None:
        seen = cast("Visibility", visibility)
        given.append(for_gradescope(course, grades, gradescope, wish, seen))
    if csv_file is not None:
        given.append(for_csv(course, grades, csv_file, wish))
    write_given(given, filter(None, (canvas, moodle, roster)))
    for line in told_lines(given):
        click.echo(line)
    raise SystemExit(1 if any(one.left for one in given) else 0)


def _demand_sense(
    wanted: Sequence[Path],
    canvas: Path | None,
    moodle: Path | None,
    output: Path | None,
    feedback: Path | None,
    column: str | None,
) -> None:
    """See that the options go together."""
    if not wanted:
        raise UsageError("say for whom: --canvas FILE, --moodle FILE, --gradescope DIR, --csv FILE")
    if canvas is not None and moodle is not None and (output or column):
        raise UsageError("--output and --column are for one of --canvas and --moodle: call twice")
    if canvas is None and moodle is None and (output or column):
        raise UsageError("--output and --column go with --canvas or --moodle")
    if feedback is not None and moodle is None:
        raise UsageError("--feedback goes with --moodle")


def _only_assignment(course: Course) -> str:
    names = graded_assignments(course)
    if len(names) != 1:
        raise UsageError(f"say which assignment: {', '.join(names) or 'nothing is handed in'}")
    return names[0]
