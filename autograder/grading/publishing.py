"""What is written of a graded class: results, report, and the page that lists all reports.

runs/<assignment>.json  runs/<assignment>.html  runs/index.html
runs/.reports/<assignment>/summary.json  seen.json      what the next page and report go by
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from autograder.course import Assignment, Course
from autograder.files import write
from autograder.grading.grades import Grades
from autograder.grading.report import Known, Summary, page, write_report
from autograder.grading.results import results, write_results
from autograder.grading.seen import Changes, write_seen
from autograder.records import Damaged, Verdict, read_record, to_json

SUMMARY = "summary.json"


def publishing(
    course: Course,
    assignment: Assignment,
    verdicts: Sequence[Verdict],
    problems: Mapping[str, str],
    grades: Grades | str,
    changes: Changes,
) -> list[Callable[[], None]]:
    """The steps to it; each raises OSError where it can't write, and does not need the others."""
    name, without = assignment.name, grades if isinstance(grades, str) else ""
    known = Known(
        problems=problems,
        grades=None if isinstance(grades, str) else grades,
        without=without,
        changes=changes.last,
        course=course,
    )
    data = results(name, verdicts, known.grades.told if known.grades else None)
    return [
        partial(write_results, course.runs / f"{name}.json", data),
        partial(_write_pages, course, assignment, verdicts, known),
        partial(write_seen, course, name, changes.history),
    ]


def summaries(course: Course) -> list[Summary]:
    """Those of all reports that are there, by name; none of what can't be read."""
    found = []
    for path in sorted((course.runs / ".reports").glob(f"*/{SUMMARY}")):
        with contextlib.suppress(OSError, Damaged):
            summary = read_record(Summary, path)
            if (course.runs / f"{path.parent.name}.html").is_file():
                found.append(summary)
    return found


def _write_pages(
    course: Course, assignment: Assignment, verdicts: Sequence[Verdict], known: Known
) -> None:
    summary = write_report(course.runs / f"{assignment.name}.html", assignment, verdicts, known)
    write(course.runs / ".reports" / assignment.name / SUMMARY, to_json(summary))
    if not course.template("index").is_file():  # an assignment of that name has its report there
        text = page("index.html.j2", course=course.root.name, rows=summaries(course), quote=quote)
        write(course.runs / "index.html", text)
