"""What an entry in the gradebook, and a feedback page, are made from, part by part, so that a
change can be told by its name.

An entry depends on the verdict, on when the submission was handed in and how late that is, and,
where it is late, on what lateness costs and what that is taken off; a page on the entry, and on
what the gradebook has by now: points, marks, comments. None of it is in a run's or verdict's key:
where it changes, something is entered or written anew, and nothing is run or judged again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import UsageError
from autograder.files import digest, digest_of_file
from autograder.grading.address import nbgrader_config, open_gradebook
from autograder.grading.keys import Parts, changed, key
from autograder.grading.stages import REBUILT, SUBMISSION, Due, own_parts
from autograder.records import Damaged, read_json
from autograder.submissions.beside import read_secret, read_stamp

WORK, VERDICT = "the answers", "the verdict"
TIME, SECRET = "the time of handing in", "the exchange's secret"
LATENESS, PENALTY, POINTS = "how late it is", "the late penalty", "the points it is taken off"
_MADE_FROM = re.compile(rb"</html>\s*<!-- made from ([0-9a-f]+) -->\s*\Z")
_TAIL = 200  # bytes of a page


@dataclass(frozen=True)
class Entry:
    """What the gradebook has of a submission."""

    seconds_late: float
    score: float  # before the late penalty
    marks: str  # a hash of points, marks and comments, cell by cell


@dataclass(frozen=True, eq=False)
class Books:
    """What the gradebook has of an assignment, and how it deals with lateness."""

    course: Course
    assignment: str
    entries: Mapping[str, Entry]  # by student
    config: Any  # nbgrader's

    @cached_property
    def penalty(self) -> str:
        """A hash of what lateness costs."""
        return penalty_rule(self.config)

    def due(self, student: str) -> Due:
        """What is to be done so that entry and page are what they would be from nothing.

        Raises:
            UsageError: the plug-in for late penalties can't be had.
        """
        entry, before = self.entries.get(student), entered(self.course, self.assignment, student)
        if entry is None:
            return Due("enter", ("not in the gradebook yet",))
        if not before:  # without its notebook, or entered by an older autograder
            return Due("enter", ("it is not known what the entry was made from",))
        now = self.parts(student, entry)
        if names := changed(before, now):
            return Due("enter", tuple(f"{name} changed" for name in names))
        page = made_from(feedback_page(self.course, self.assignment, student))
        if page != made_of(now, entry):
            why = "points, marks or comments changed" if page else "there is no whole page"
            return Due("page", (why,))
        return Due("nothing")

    def parts(self, student: str, entry: Entry) -> Parts:
        """What the student's entry depends on."""
        penalty = self.penalty if entry.seconds_late else ""
        return entry_parts(self.course, self.assignment, student, entry, penalty)


def read_books(course: Course, assignment: str) -> Books:
    """The books as they stand; empty without a gradebook.

    Raises:
        UsageError: nbgrader_config.py is missing or raises.
        FaultError: the gradebook does not work.
    """
    with open_gradebook(course) as gradebook:
        entries = read_entries(gradebook, assignment) if gradebook else {}
    return Books(course, assignment, entries, nbgrader_config(course))


def read_entries(gradebook: Any, assignment: str, student: str = "") -> dict[str, Entry]:
    """Everyone's entries, or one student's, in three questions to the database."""
    from nbgrader.api import MissingEntry, SubmittedAssignment

    try:
        number = gradebook.find_assignment(assignment).id
    except MissingEntry:
        return {}
    wanted = [SubmittedAssignment.assignment_id == number]
    wanted += [SubmittedAssignment.student_id == student] if student else []
    rows: dict[str, list[str]] = {}
    for row in _rows(gradebook, wanted):
        rows.setdefault(row.student_id, []).append(repr(tuple(row)))
    return {
        one.student_id: Entry(
            float(one.total_seconds_late),
            float(one.score or 0),
            digest(repr(one.late_submission_penalty or 0), *sorted(rows.get(one.student_id, ()))),
        )
        for one in gradebook.db.query(SubmittedAssignment).filter(*wanted)
    }


def _rows(gradebook: Any, wanted: list[Any]) -> Iterator[Any]:
    """What points and comments the submissions have, a row a cell."""
    from nbgrader.api import BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook

    points = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    words = (Comment.auto_comment, Comment.manual_comment)
    for kind, columns in ((Grade, points), (Comment, words)):
        yield from (
            gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(kind, kind.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == kind.cell_id)
            .filter(*wanted)
        )


def entry_parts(course: Course, assignment: str, student: str, entry: Entry, penalty: str) -> Parts:
    """What an entry depends on; `penalty` is a hash of what lateness costs."""
    submitted, folder = course.submission(assignment, student), course.run_dir(assignment, student)
    verdict = folder / "verdict.json"
    run = (own_parts(folder, assignment, student) or {}).get("run", {})
    parts = {
        WORK: run.get(REBUILT) or run.get(SUBMISSION, ""),
        VERDICT: digest(verdict.read_bytes() if verdict.is_file() else b""),
        TIME: digest(read_stamp(submitted.parent) or ""),
        SECRET: digest(read_secret(submitted.parent) or ""),
        LATENESS: digest(repr(entry.seconds_late)),
    }
    if entry.seconds_late:
        parts |= {PENALTY: penalty, POINTS: digest(repr(entry.score))}
    return parts


def entered(course: Course, assignment: str, student: str) -> Parts:
    """What the entry was made from, as the autograded notebook has it; nothing where that is not
    known.
    """
    path = course.root / "autograded" / student / assignment / f"{assignment}.ipynb"
    try:
        return {
            str(k): str(v) for k, v in read_json(path)["metadata"]["autograder"]["entered"].items()
        }
    except (OSError, Damaged, LookupError, TypeError, AttributeError):
        return {}


def penalty_rule(config: Any) -> str:
    """A hash of what lateness costs: the plug-in's name, its settings, and the files in which it
    and the classes that it builds on are written.

    Raises:
        UsageError: it can't be imported, or made.
    """
    from nbgrader.plugins import BasePlugin
    from nbgrader.preprocessors import AssignLatePenalties

    try:
        plugin = AssignLatePenalties(config=config).plugin_class(config=config)
    except Exception as error:  # it is Python, and anybody's
        raise UsageError(
            "the plug-in for late penalties (c.AssignLatePenalties.plugin_class in"
            f" nbgrader_config.py) can't be had: {type(error).__name__}: {error}"
        ) from error
    kind = type(plugin)
    own = [one for one in kind.__mro__ if issubclass(one, BasePlugin) and one is not BasePlugin]
    settings = {name: repr(getattr(plugin, name)) for name in plugin.trait_names(config=True)}
    return digest(kind.__qualname__, repr(sorted(settings.items())), *sorted(_code(own)))


def _code(kinds: list[Any]) -> Iterator[str]:
    """Hashes of the files in which the methods of classes are written."""
    codes = (getattr(one, "__code__", None) for kind in kinds for one in vars(kind).values())
    for file in {code.co_filename for code in codes if code}:
        with contextlib.suppress(OSError):  # of no file: typed in somewhere
            yield digest_of_file(Path(file))


def feedback_page(course: Course, assignment: str, student: str) -> Path:
    """Where nbgrader puts the student's feedback."""
    return course.root / "feedback" / student / assignment / f"{assignment}.html"


def made_of(entry: Parts, has: Entry) -> str:
    """A hash of all that a page is made from: it stands at the page's end."""
    return digest(key(entry), has.marks)


def signed_page(page: str, made_of: str) -> str:
    """The page, with what it is made of at its end."""
    return f"{page.rstrip()}\n<!-- made from {made_of} -->\n"


def made_from(page: Path) -> str:
    """What a page says that it was made of; nothing where it was not written to its end: nbgrader
    may have been killed in the middle.
    """
    try:
        with page.open("rb") as stream:
            stream.seek(max(0, page.stat().st_size - _TAIL))
            found = _MADE_FROM.search(stream.read())
    except OSError:
        return ""
    return found[1].decode() if found else ""
