"""Who is who: a student's id in the course, and what other systems call the same person.

Any CSV that a system exports will do, read by its headings: Canvas' gradebook, Moodle's grading
worksheet or list of participants, Blackboard's grade file, a Gradescope roster, or one's own with a
column `student`. The id is the first of the columns that `STUDENT` lists.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course import Course, valid_name
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
    "group": ("group", "groups", "group name", "team", "gruppe", "gruppen"),
    "submitted": ("submitted", "last modified (submission)", "zuletzt geändert (abgabe)"),  # when
}
# the first of these that is there names the student's folder in submitted/
STUDENT = ("student", "login", "number", "sis", "email", "canvas", "moodle")
# what Moodle writes before a participant's number, where `Identifier` is called otherwise
PARTICIPANT = re.compile(
    r"(?:participante?|partecipante|teilnehmer(?:/?in)?|participant.e) ?([0-9]+)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Person:
    """A student, and by kind (KINDS) what other systems call them."""

    student: str
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        """As people say it; empty where the file has none."""
        first, last = self.names.get("first", ""), self.names.get("last", "")
        return self.names.get("name") or f"{first} {last}".strip()

    @property
    def groups(self) -> tuple[str, ...]:
        """Their groups: the field may be a list."""
        said = self.names.get("group", "")
        listed = [one.strip() for one in re.split("[,;|]", said)]
        return tuple(dict.fromkeys(one for one in [said.strip(), *listed] if one))

    @property
    def spellings(self) -> frozenset[str]:
        """The letters of the name as systems write it: some turn first and last name round."""
        first, last = self.names.get("first", ""), self.names.get("last", "")
        before, comma, after = self.names.get("name", "").partition(",")
        names = (before + after, f"{after} {before}" if comma else "", first + last, last + first)
        return frozenset(letters(name) for name in names) - {""}


@dataclass(frozen=True)
class Roster:
    """Everyone in a class, in the order of the file."""

    path: Path
    people: tuple[Person, ...]

    def who(self, kind: str, value: str) -> tuple[Person, ...]:
        """All whom this kind of name calls so; letter case and outer blanks do not count."""
        return tuple(self._called.get((kind, plain(value)), ()))

    def named(self, name: str) -> tuple[Person, ...]:
        """All who have this name, of which only the letters count."""
        return tuple(self._spelt.get(letters(name), ()))

    def members(self, group: str) -> Mapping[str, Sequence[Person]]:
        """The groups with this name, of which only the letters count, and who is in them."""
        return self._groups.get(letters(group), {})

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of names that it has of anybody."""
        return frozenset(kind for person in self.people for kind in person.names)

    @cached_property
    def _spelt(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        for person in self.people:
            for spelling in person.spellings:
                found.setdefault(spelling, []).append(person)
        return found

    @cached_property
    def _groups(self) -> dict[str, dict[str, list[Person]]]:
        found: dict[str, dict[str, list[Person]]] = {}
        for person in self.people:
            for group in filter(letters, person.groups):
                found.setdefault(letters(group), {}).setdefault(group, []).append(person)
        return found

    @cached_property
    def _called(self) -> dict[tuple[str, str], list[Person]]:
        found: dict[tuple[str, str], list[Person]] = {}
        for person in self.people:
            for kind, value in person.names.items():
                if wanted := plain(value):
                    found.setdefault((kind, wanted), []).append(person)
        return found


def plain(value: str) -> str:
    """A name for comparing: letter case, outer blanks and how accents are written do not count."""
    return unicodedata.normalize("NFC", value.strip().casefold())


def course_roster(course: Course, file: Path | None) -> Roster | None:
    """The people in a file, else in the course's own roster.csv; None without either.

    Raises:
        UsageError: it is no roster.
    """
    own = course.root / "roster.csv"
    return read_roster(file or own) if file or own.is_file() else None


def letters(name: str) -> str:
    """What is left of a name in every system: some drop blanks, apostrophes, hyphens."""
    return re.sub(r"[\W_]", "", plain(name))


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
    """The column of each kind of name. Canvas writes its own number under `ID`, and the name under
    `Student`; Moodle the participant under `ID` where it speaks German.
    """
    found = {
        kind: place for kind, names in KINDS.items() if (place := sheet.column(*names)) is not None
    }
    headings = [heading.strip().casefold() for heading in sheet.headings]
    if headings[:2] == ["student", "id"]:
        return {**found, "name": 0, "canvas": 1}
    if headings[:3] == ["lastname", "firstname", "id"]:
        return {**found, "canvas": 2}
    if headings[0] in {"id", "identificador", "identifiant", "identificativo"} and all(
        PARTICIPANT.fullmatch(row[0].strip()) for row in sheet.rows if row[0].strip()
    ):
        return {**found, "moodle": 0}
    own = sheet.column("student", "id")
    return found if own is None else {**found, "student": own}
