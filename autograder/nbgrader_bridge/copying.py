"""What nbgrader reads and copies of a submission: the notebook, under the assignment's name, the
time of handing it in, and the secret by which its exchange gives feedback back.

nbgrader's converters copy every file of a submission to `autograded/` and on to `feedback/`, which
is handed back, and follow links: one to the gradebook would bring its student everybody's grades.
What the course released they take from `source/` afterwards, so nothing else is due; and of that
labkit stays out, which no feedback needs. (nbgrader 0.9.6, `BaseConverter.init_assignment`: it has
no setting for the first.)
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from pathlib import Path

import nbformat
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc

from autograder.course import find_course
from autograder.files import write
from autograder.submissions.beside import SECRET, STAMP, read_secret, read_stamp
from autograder.submissions.finding import find_submission

_all_files = BaseConverter.init_assignment


def guard() -> None:
    """Have nbgrader's converters copy no more of a student's folder than timestamp and secret, and
    read those with suspicion.
    """
    BaseConverter.init_assignment = _init_assignment
    CourseDirectory.get_existing_timestamp = _timestamp


def _timestamp(directory: CourseDirectory, place: str) -> dt.datetime | None:
    """When something was handed in; None where that is not known, which stops nobody's grading."""
    said = read_stamp(Path(place))
    try:
        found: dt.datetime | None = parse_utc(said) if said else None
    except (ValueError, OverflowError, TypeError) as error:
        directory.log.warning("%s/%s is no time: %s", place, STAMP, error)
        return None
    return found


def _init_assignment(converter: BaseConverter, assignment_id: str, student_id: str) -> None:
    if not isinstance(converter, Autograde | GenerateFeedback):
        _all_files(converter, assignment_id, student_id)
        return
    source = Path(converter._format_source(assignment_id, student_id))  # noqa: SLF001
    folder = Path(converter._format_dest(assignment_id, student_id))  # noqa: SLF001
    folder.mkdir(parents=True, exist_ok=True)
    said, secret = read_stamp(source), read_secret(source)
    if isinstance(converter, GenerateFeedback):
        # `release_feedback` ends for the whole class where one student's folder lacks these; with a
        # secret that nobody knows, nobody fetches the page.
        said, secret = said or "", secret or secrets.token_hex(64)
    for name, text in ((STAMP, said), (SECRET, secret)):
        if text is not None:
            write(folder / name, text)
    if isinstance(converter, Autograde):
        _leave_labkit_out(converter, assignment_id)
        _under_its_own_name(converter, assignment_id, student_id)


def _under_its_own_name(converter: Autograde, assignment_id: str, student_id: str) -> None:
    """What is graded goes by the assignment's name from here on, by which the gradebook knows it,
    whatever its file is called: `RebuildExporter` finds that one.
    """
    source = Path(converter._format_source(assignment_id, student_id))  # noqa: SLF001
    expected = source / f"{assignment_id}.ipynb"
    if not os.path.lexists(expected):
        path = find_course(Path(converter.coursedir.root)).template(assignment_id)
        template = nbformat.read(path, as_version=4)
        if find_submission(expected, template).path != expected:
            converter.notebooks = [str(expected)]


def _leave_labkit_out(converter: Autograde, assignment_id: str) -> None:
    """Nbgrader's list of what it does not take from `source/`."""
    courses = converter.coursedir
    source = Path(courses.format_path(courses.source_directory, ".", assignment_id))
    own = [path.relative_to(source).as_posix() for path in (source / "labkit").rglob("*")]
    others = converter.exclude_overwriting.get(assignment_id, [])
    converter.exclude_overwriting = {
        **converter.exclude_overwriting,
        assignment_id: [*others, *own],
    }
