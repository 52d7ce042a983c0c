"""Pairs of a class whose answers are unusually alike, side by side on a page, as a question."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup, escape

from autograder.course import Course, read_assignment, valid_name
from autograder.errors import Unreadable, UsageError
from autograder.files import digest_of_file, write
from autograder.grading.likeness import (
    Alike,
    Found,
    Kind,
    Stretches,
    Token,
    compare,
    read_tokens,
    tokens_of,
)
from autograder.grading.report import page
from autograder.showing import UNSEEN, shown
from autograder.submissions.finding import find_submission
from autograder.submissions.reading import read_submission
from autograder.submissions.rebuilding import ADDED, rebuild

KINDS: Mapping[Kind, str] = {
    "code": "code",
    "comments": "comments and docstrings",
    "words": "words",
}
START = "before the tasks"  # where helpers and imports of a student's own stand
MOST = 50  # pairs on the page
_LENGTH, _BEFORE = 12_000, 2_000  # characters of an answer that are shown, before what is alike


@dataclass(frozen=True)
class Pair:
    """Two students' answers to a task that are unusually alike."""

    task: str
    kind: Kind
    students: tuple[str, str]
    similarity: float  # from 0 to 1
    shared: int  # tokens that both have and hardly anybody else
    texts: tuple[str, str]
    marks: tuple[Stretches, Stretches]  # where these stand in the texts


@dataclass(frozen=True)
class Likeness:
    """What comes of comparing a class."""

    assignment: str
    students: int  # whose notebooks could be read
    pairs: tuple[Pair, ...]  # those that share most first
    same: tuple[tuple[str, ...], ...]  # students with one and the same file, byte for byte
    unread: tuple[str, ...]
    partly: tuple[str, ...]  # whose answers are too long to be compared whole
    found: Mapping[tuple[str, Kind], Found]  # by task and kind


def pairs(course: Course, assignment: str) -> tuple[Pair, ...]:
    """The pairs that are unusually alike.

    Raises:
        UsageError: there is no such assignment, or nobody has handed it in.
    """
    return compare_class(course, assignment).pairs


def compare_class(course: Course, assignment: str) -> Likeness:
    """Compare all who have handed in, task by task; nothing is run, and only `submitted/` read.

    Raises:
        UsageError: there is no such assignment, or nobody has handed it in.
    """
    template = nbformat.read(read_assignment(course, assignment).template_path, as_version=4)
    students = course.students(assignment)
    if not students:
        raise UsageError(f"nobody has handed in {assignment}: there is nobody to compare")
    files: dict[str, list[str]] = {}
    answers: dict[tuple[str, Kind], dict[str, str]] = {}
    unread = [shown(student) for student in students if not valid_name(student)]
    for student in filter(valid_name, students):
        try:
            path = find_submission(course.submission(assignment, student), template).path
            texts = dict(_answers(template, path))
            having = files.setdefault(digest_of_file(path), [])
        except (Unreadable, OSError):
            unread.append(student)
            continue
        having.append(student)
        if len(having) == 1:  # who stands for all with the same file
            for key, text in texts.items():
                answers.setdefault(key, {})[student] = text
    given = {kind: tokens_of(text, kind) for kind, text in _given(template)}
    found: dict[tuple[str, Kind], Found] = {}
    partly: set[str] = set()
    for (task, kind), written in answers.items():
        tokens, cut = _read(written, kind)
        found[task, kind] = compare(tokens, given[kind], kind)
        partly |= cut
    listed = [
        _pair(task, kind, answers[task, kind], alike)
        for (task, kind), one in found.items()
        for alike in one.pairs
    ]
    listed.sort(key=lambda pair: (-pair.similarity * pair.shared, pair.students, pair.task))
    same = tuple(tuple(names) for names in files.values() if len(names) > 1)
    read = len(students) - len(unread)
    return Likeness(
        assignment, read, tuple(listed), same, tuple(unread), tuple(sorted(partly)), found
    )


def write_page(path: Path, likeness: Likeness) -> None:
    """Write the pairs side by side: a page without scripts, everything of students' escaped."""
    text = page(
        "alike.html.j2",
        one=likeness,
        generated_at=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        kinds=KINDS,
        shown=likeness.pairs[:MOST],
        marked=_marked,
    )
    write(path, text)


def _answers(template: Any, path: Path) -> Iterator[tuple[tuple[str, Kind], str]]:
    """A student's own texts by task and kind."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Unreadable(f"{path} is no file")
    rebuilt = rebuild(template, read_submission(path))
    cells = rebuilt.notebook.cells
    for section in rebuilt.sections:
        own = [cells[place] for place in section.cells if _is_own(cells[place])]
        for kind, text in _texts(own):
            if text.strip():
                yield (section.task or START, kind), text


def _read(texts: Mapping[str, str], kind: Kind) -> tuple[list[list[Token]], set[str]]:
    """The answers as they are compared, and whose are not whole."""
    read = {student: read_tokens(text, kind) for student, text in texts.items()}
    cut = {student for student, (_, whole) in read.items() if not whole}
    return [tokens for tokens, _ in read.values()], cut


def _given(template: Any) -> Iterator[tuple[Kind, str]]:
    """All that the template says."""
    return _texts(template.cells)


def _texts(cells: list[Any]) -> Iterator[tuple[Kind, str]]:
    code = "\n\n".join(cell.source for cell in cells if cell.cell_type == "code")
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type != "code")
    yield from (("code", code), ("comments", code), ("words", prose))


def _is_own(cell: Any) -> bool:
    return ADDED in cell.metadata or bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _pair(task: str, kind: Kind, texts: Mapping[str, str], alike: Alike) -> Pair:
    students = list(texts)
    first, second = (students[place] for place in alike.places)
    return Pair(
        task,
        kind,
        (first, second),
        alike.similarity,
        alike.shared,
        (texts[first], texts[second]),
        alike.marks,
    )


def _marked(text: str, stretches: Stretches) -> Markup:
    """A text escaped, cut where it is too long, the stretches in it marked."""
    clean = UNSEEN.sub(
        lambda one: one[0] if one[0] in "\n\t" else "\N{REPLACEMENT CHARACTER}", text
    )
    first = min((start for start, _ in stretches), default=0)
    at = 0 if first < _LENGTH - _BEFORE else first - _BEFORE
    last, made = at + _LENGTH, escape("…\n" if at else "")
    for start, end in [(s, min(e, last)) for s, e in stretches if s < last]:
        made += escape(clean[at:start]) + Markup("<mark>{}</mark>").format(clean[start:end])
        at = end
    return made + escape(clean[at:last]) + ("\n…" if len(clean) > last else "")
