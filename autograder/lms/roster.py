"""Who is who: a student's id in the course, and what other systems call the same person.

Any CSV that a system exports will do, read by its headings: Canvas' gradebook, Moodle's grading
worksheet or list of participants, Blackboard's grade file, a Gradescope roster, or one's own with a
column `student`. The id is the first of the columns that `STUDENT` lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import valid_name
from autograder.errors import UsageError
from autograder.lms.sheets import Sheet, read_sheet
from autograder.showing import quoted

# kind of name -> headings under which systems export it, in small letters
KINDS: Mapping[str, tuple[str, ...]] = {
    "student": ("student_id", "student id", "nbgrader id"),
    "login": ("sis login id", "username", "login", "user name", "benutzername"),
    "sis": ("sis user id", "sid"),
    "number": ("id number", "idnumber", "id-nummer"),
    "email": ("email", "email address", "e-mail", "e-mail-adresse", "sis email"),
    "canvas": ("canvas id",),
    "moodle": ("identifier", "moodle participant"),
    "name": ("full name", "name", "vollständiger name"),
    "first": ("first name", "firstname", "vorname"),
    "last": ("last name", "lastname", "surname", "nachname"),
    "group": ("group", "groups", "group name", "team", "gruppe"),
}
# the first of these that is there names the student's folder in submitted/
STUDENT = ("student", "login", "number", "sis", "email", "canvas", "moodle")


@dataclass(frozen=True)
class Person:
    """A student, and by kind (KINDS) what other systems call them."""

    student: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """Everyone in a class, in the order of the file."""

    path: Path
    people: tuple[Person, ...]

    def who(self, kind: str, value: str) -> tuple[Person, ...]:
        """All whom this kind of name calls so; letter case and outer blanks do not count."""
        wanted = value.strip().casefold()
        return tuple(
            person
            for person in self.people
            if wanted and person.names.get(kind, "").strip().casefold() == wanted
        )


def read_roster(path: Path) -> Roster:
    """The people in a CSV file.

    Raises:
        UsageError: no column names students, one is named twice or not at all; says where.
    """
    sheet = read_sheet(path)
    places = _places(sheet)
    kind = next((kind for kind in STUDENT if kind in places), None)
    if kind is None:
        known = ", ".join(names[0] for names in KINDS.values())
        raise UsageError(
            f"{path}: no column says who the students are; expected one of student, {known}; found"
            f" {', '.join(sheet.headings)}"
        )
    people: dict[str, Person] = {}
    for number, row in enumerate(sheet.rows, 2):
        names = {kind: row[place].strip() for kind, place in places.items() if row[place].strip()}
        if "moodle" in names:
            names["moodle"] = re.sub(r"^\D+", "", names["moodle"])
        student = names.get(kind, "")
        if not student:  # Canvas has a row of possible points, and a test student without login
            continue
        if not valid_name(student):
            raise UsageError(f"{path}: row {number}: {quoted(student)} can't name a folder")
        if student in people:
            raise UsageError(f"{path}: row {number}: {quoted(student)} stands there twice")
        people[student] = Person(student, {"student": student, **names})
    return Roster(path, tuple(people.values()))


def _places(sheet: Sheet) -> dict[str, int]:
    """The column of each kind of name; Canvas writes its own number under `ID`, and the name under
    `Student`.
    """
    found = {
        kind: place for kind, names in KINDS.items() if (place := sheet.column(*names)) is not None
    }
    headings = [heading.strip().casefold() for heading in sheet.headings]
    if headings[:2] == ["student", "id"]:
        return {**found, "name": 0, "canvas": 1}
    if headings[:3] == ["lastname", "firstname", "id"]:
        return {**found, "canvas": 2}
    own = sheet.column("student", "id")
    return found if own is None else {**found, "student": own}
