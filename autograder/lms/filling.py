"""Grades entered into a file that another system has handed out: whose row is whose, what is
written, and who is left out for which reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import UsageError
from autograder.grading.grades import Grade, Grades
from autograder.lms.roster import Roster
from autograder.lms.sheets import Sheet
from autograder.showing import shown

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MOST_NAMED = 20
_NEAR = 0.005  # points: two digits are written
_NO_IDS = {"name", "first", "last", "group"}  # shown, and no ground for anything


@dataclass(frozen=True)
class Row:
    """A student's row in a file of another system."""

    number: int  # its place in the sheet's rows
    names: Mapping[str, str]  # by kind, as in a roster
    now: str  # what stands in the field of the grade
    most: float | None = None  # the points that it is out of
    over: bool = True  # whether the system takes more than these
    closed: str = ""  # why it takes no grade here


@dataclass(frozen=True)
class Wish:
    """How grades are given."""

    absent_zero: bool = False  # who has handed in nothing gets 0
    scale: bool = False  # to the points of the other system
    students: tuple[str, ...] = ()  # only these; all where empty
    column: str | None = None  # the heading of the column to fill


@dataclass(frozen=True)
class Filled:
    """What became of everybody."""

    fields: Mapping[int, str] = field(default_factory=dict)  # by row: the grade as written
    students: Mapping[int, str] = field(default_factory=dict)  # by row: whose it is
    left: Mapping[str, str] = field(default_factory=dict)  # has a grade or waits for it: why not in
    absent: tuple[str, ...] = ()  # handed in nothing, and get nothing


def fill(
    sheet: Sheet,
    rows: Sequence[Row],
    grades: Grades,
    roster: Roster | None,
    wish: Wish,
    notation: Iterable[str] = (),
) -> Filled:
    """What is to be written into the rows, with a decimal comma where `notation` has one.

    Raises:
        UsageError: the file knows nobody of the class, is out of other points, or it can't be told
            who is absent.
    """
    owners, doubts = _owners(rows, grades, roster)
    if not owners:
        raise UsageError(_nobody_known(sheet, rows, grades))
    left = _not_found(owners, doubts, grades, wish)
    if wish.absent_zero and left:
        raise UsageError(
            f"{sheet.path}: {_listed([*left])} can't be told in the file, so whoever seems absent"
            " may be one of them; say who is who by --roster FILE"
        )
    comma = any("," in text and number(text) is not None for text in notation)
    fields, absent = dict[int, str](), list[str]()
    for row in rows:
        student = owners.get(row.number)
        if row.number in doubts or (wish.students and student not in wish.students):
            continue
        name = student or _said(row)
        grade = grades.students.get(student or "") or Grade(name, "missing")
        points = _points(sheet, grade, row, grades.max_score, wish)
        if why := _why_not(grade, row, points, wish):
            left[name] = why
        elif grade.state == "missing" and not wish.absent_zero:
            absent.append(name)
        else:
            fields[row.number] = _written(points, comma)
    return Filled(fields, owners, left, tuple(absent))


def _not_found(
    owners: Mapping[int, str],
    doubts: Mapping[int, tuple[str, str]],
    grades: Grades,
    wish: Wish,
) -> dict[str, str]:
    """Of whom it is not known which row is theirs, and why."""
    there = {*owners.values()}
    outside = {
        one.student: "not in the file"
        for one in grades.students.values()
        if one.state != "missing" and one.student not in there
    }
    found = outside | dict(doubts.values())
    return {who: why for who, why in found.items() if not wish.students or who in wish.students}


def called(headings: Mapping[int, str], names: Iterable[str]) -> list[int]:
    """The columns that are called so, in any spelling of case, blanks and underscores."""
    wanted = {_plain(name) for name in names}
    return [place for place, heading in headings.items() if _plain(heading) in wanted]


def number(text: str) -> float | None:
    """The points that a field holds, in either notation; None where it holds none."""
    clean = text.strip()
    return float(clean.replace(",", ".")) if _NUMBER.fullmatch(clean) else None


def _plain(heading: str) -> str:
    return re.sub(r"[\s_]+", "", heading).casefold()


# --- whose row is whose ----------------------------------------------------------------------


def _owners(
    rows: Sequence[Row], grades: Grades, roster: Roster | None
) -> tuple[dict[int, str], dict[int, tuple[str, str]]]:
    """By row whose it is; and by row that may be anybody's, how it is called and why."""
    known = {*grades.students, *_people(roster)}
    kind = _kind_of_ids(rows, known)
    found = {row.number: sorted(_called(row, known, kind, roster)) for row in rows}
    times = Counter(who[0] for who in found.values() if len(who) == 1)
    owners, doubts = dict[int, str](), dict[int, tuple[str, str]]()
    for row in rows:
        who = found[row.number]
        if len(who) > 1:
            doubts[row.number] = (_said(row), f"may be any of {_listed(who)}")
        elif who and times[who[0]] > 1:
            doubts[row.number] = (who[0], f"{times[who[0]]} rows of the file may be theirs")
        elif who:
            owners[row.number] = who[0]
    return owners, doubts


def _kind_of_ids(rows: Sequence[Row], known: set[str]) -> str | None:
    """The kind of name by which most of the class are called here as in the course. One kind: what
    is one student's id here may be another's number there.
    """
    folded = {student.casefold() for student in known}
    times = Counter(
        kind
        for row in rows
        for kind, name in row.names.items()
        if kind not in _NO_IDS and name.casefold() in folded
    )
    return times.most_common(1)[0][0] if times else None


def _called(row: Row, known: set[str], id_: str | None, roster: Roster | None) -> set[str]:
    """All students whom the row may mean."""
    found: set[str] = set()
    if roster is not None:
        for kind, name in row.names.items():
            if kind not in _NO_IDS:
                found |= {person.student for person in roster.who(kind, name)}
    own = row.names.get(id_ or "", "")
    if own in known:
        return found | {own}
    return found | {one for one in known if own and one.casefold() == own.casefold()}


def _people(roster: Roster | None) -> list[str]:
    return [person.student for person in roster.people] if roster else []


def _nobody_known(sheet: Sheet, rows: Sequence[Row], grades: Grades) -> str:
    theirs = [_said(row) for row in rows[:3]]
    ours = list(grades.students)[:3]
    return (
        f"{sheet.path} knows nobody of this class: is it the file of another course? It has"
        f" {_listed(theirs) or 'no students'}, the class {_listed(ours) or 'nobody'}; if they go by"
        " other names there, say who is who by --roster FILE"
    )


def _said(row: Row) -> str:
    """A row as the instructor knows it."""
    order = ("login", "sis", "email", "number", "moodle", "canvas")
    best = next((row.names[kind] for kind in order if row.names.get(kind)), "")
    name = row.names.get("name", "")
    return f"{name} ({best})" if name and best else name or best or f"row {row.number + 2}"


# --- what is written ---------------------------------------------------------------------------


def _why_not(grade: Grade, row: Row, points: float, wish: Wish) -> str:
    """Why nothing may be written into a row; "" where something may."""
    if grade.state == "waiting":
        return f"waits for a person: {grade.why}"
    if grade.state == "missing":
        if not wish.absent_zero or number(row.now) == 0:
            return ""
        there = row.now.strip() not in {"", "-"}
        return row.closed or (f"absent, and has {shown(row.now)} there" if there else "")
    if not row.over and row.most is not None and points > row.most + _NEAR:
        return f"{points:g} points, and no more than {row.most:g} are taken"
    return row.closed


def _points(sheet: Sheet, grade: Grade, row: Row, most: float, wish: Wish) -> float:
    if grade.state != "final" or row.most is None or abs(row.most - most) < _NEAR:
        return grade.score
    if not wish.scale:
        raise UsageError(
            f"{sheet.path} is out of {row.most:g} points, the assignment out of {most:g}; change"
            " one of them, or say --scale to have the grades converted"
        )
    return grade.score * row.most / most if most else 0.0


def _written(points: float, comma: bool) -> str:
    text = f"{points:.2f}"
    return text.replace(".", ",") if comma else text


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(shown(name) for name in names[:_MOST_NAMED]) + more
