"""Canvas' gradebook: the CSV file that it exports, filled in for its import.

Source: canvas-lms, `lib/gradebook_exporter.rb` and `lib/gradebook_importer.rb`. An empty field over
a score counts as a change there, so whoever gets no grade has no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograder.errors import UsageError
from autograder.grading.grades import Grades
from autograder.lms.filling import Filled, Row, Wish, called, fill, number
from autograder.lms.roster import Roster
from autograder.lms.sheets import Sheet
from autograder.showing import shown

_TITLE = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)\s*")
_KINDS = {"SIS User ID": "sis", "SIS Login ID": "login", "Integration ID": "integration"}
_OWN = {"Student", "LastName", "FirstName", "ID", "Root Account", "Section", *_KINDS}
# what Canvas writes in the place of a score
_CLOSED = {"ex": "excused in Canvas", "n/a": "not assigned to them in Canvas"}


def fill_canvas(
    sheet: Sheet, titles: Sequence[str], grades: Grades, roster: Roster | None, wish: Wish
) -> tuple[bytes, Filled]:
    """The gradebook to be imported; the assignment goes by one of these titles there.

    Raises:
        UsageError: it is no gradebook of Canvas, has no such column, or `fill` refuses it.
    """
    first = _id_column(sheet)
    column = _column(sheet, titles, wish.column)
    points = next((row for row in sheet.rows if row[0].strip() == "Points Possible"), None)
    if points is not None and "read only" in points[column]:
        raise UsageError(
            f"{sheet.path}: Canvas takes nothing for {shown(sheet.headings[column])}: the column is"
            " read only"
        )
    most = number(points[column]) if points is not None else None
    rows = [
        Row(
            place,
            _names(sheet, row, first),
            row[column],
            most,
            closed=_CLOSED.get(row[column].strip().casefold(), ""),
        )
        for place, row in enumerate(sheet.rows)
        if row is not points and _names(sheet, row, first) and not _is_nobody(sheet, row, first)
    ]
    notation = [row[place] for row in sheet.rows for place in _assignments(sheet)]
    filled = fill(sheet, rows, grades, roster, wish, notation)
    nobody = {place for place, row in enumerate(sheet.rows) if _is_nobody(sheet, row, first)}
    without = {row.number for row in rows} - filled.fields.keys() | nobody
    fields = {(place, column): text for place, text in filled.fields.items()}
    return sheet.filled(fields, without), filled


def _id_column(sheet: Sheet) -> int:
    start = [heading.strip() for heading in sheet.headings[:3]]
    if start[:2] == ["Student", "ID"]:
        return 1
    if start == ["LastName", "FirstName", "ID"]:
        return 2
    raise UsageError(
        f"{sheet.path} is no gradebook of Canvas: expected the columns Student, ID, …, found"
        f" {shown(', '.join(start))}; in Canvas: Grades, Export, Export Entire Gradebook"
    )


def _names(sheet: Sheet, row: Sequence[str], first: int) -> Mapping[str, str]:
    """What Canvas calls a student, by kind."""
    found = {"name": ", ".join(filter(None, row[:first])), "canvas": row[first]}
    for place, heading in enumerate(sheet.headings):
        if kind := _KINDS.get(heading.strip()):
            found[kind] = row[place]
    return {kind: text.strip() for kind, text in found.items() if text.strip()}


def _is_nobody(sheet: Sheet, row: Sequence[str], first: int) -> bool:
    """The test student that Canvas makes for whoever looks at a course with a student's eyes."""
    names = _names(sheet, row, first)
    return names.get("name") == "Student, Test" and not names.keys() & {"login", "sis"}


def _assignments(sheet: Sheet) -> list[int]:
    """The columns that Canvas' number in brackets marks as an assignment's."""
    return [place for place, text in enumerate(sheet.headings) if _TITLE.fullmatch(text)]


def _column(sheet: Sheet, titles: Sequence[str], wanted: str | None) -> int:
    """The column of the assignment."""
    found = [(place, _TITLE.fullmatch(text)) for place, text in enumerate(sheet.headings)]
    bare = {place: title["title"] for place, title in found if title}
    sought = [wanted] if wanted is not None else list(dict.fromkeys(titles))
    places = called(bare, sought)
    if wanted is not None and not places:
        whole = {n: text for n, text in enumerate(sheet.headings) if text.strip() not in _OWN}
        places = called(whole, sought)
    if len(places) != 1:
        there = ", ".join(shown(sheet.headings[place]) for place in bare) or "none"
        names = shown(" or ".join(sought))
        raise UsageError(
            f"{sheet.path} has {len(places) or 'no'} columns called {names}; its assignments:"
            f" {there}. Say which by --column HEADING"
        )
    return places[0]
