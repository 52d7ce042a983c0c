"""Whether the one folder that holds a whole download is a student's own, or one around the class.

What lies in a student's own folder was named by that student, who may call it as others' hand-ins
are called. So a folder is looked into only where its name can be nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from autograder.lms.roster import STUDENT, Person, Roster, letters

Whose = Literal["student", "class", "unknown"]
_CLASS = {"class", "students", "submissions", "submitted"}
# as Gradescope's and Blackboard's downloads are called
_DOWNLOAD = re.compile(r"assignment_[0-9]+_export|gradebook_.+_[0-9]{4}(?:-[0-9]{2}){5}")
_AGAIN = re.compile(r" ?\([0-9]+\)\Z")  # what browsers add to the name of a second download
_SHORT = 3  # so few letters may stand in any word


@dataclass(frozen=True)
class Known:
    """Who is known in a course, and its assignments."""

    assignments: Collection[str] = ()
    roster: Roster | None = None
    students: Collection[str] = ()  # who has a folder in submitted/

    def whose(self, folder: str, download: str) -> Whose:
        """Whose a folder is that holds all of a download of this name. That submitted/ lacks it
        says nothing: somebody may hand in for the first time.
        """
        if folder in self.students or self._in_roster(folder):
            return "student"
        name = _AGAIN.sub("", folder)
        if name.casefold() in self._around() or _DOWNLOAD.fullmatch(name):
            return "class"
        own = download.removesuffix(".zip")
        if self.roster and folder in {own, _AGAIN.sub("", own)} and not self._mentions(folder):
            return "class"
        return "unknown"

    def _around(self) -> set[str]:
        """Words for all of a class, the assignments, and GitHub Classroom's folder of one."""
        names = {name.casefold() for name in self.assignments}
        dashed = {name.replace("_", "-") for name in names}
        return _CLASS | names | {f"{name}-submissions" for name in names | dashed}

    def _in_roster(self, folder: str) -> bool:
        """Whether a student or a group is called so, in whatever way."""
        if not (roster := self.roster):
            return False
        ids = any(roster.who(kind, folder) for kind in STUDENT)
        return ids or bool(roster.named(folder) or roster.members(folder))

    def _mentions(self, folder: str) -> bool:
        """Whether a student's id, number, address or name is part of it."""
        within, words = letters(folder), {letters(word) for word in re.split(r"[\W_]+", folder)}
        return any(
            name in words or (len(name) > _SHORT and name in within)
            for person in (self.roster.people if self.roster else ())
            for name in _names(person)
        )


def _names(person: Person) -> Iterator[str]:
    yield from person.spellings
    ids = (letters(person.names.get(kind, "")) for kind in STUDENT)
    yield from filter(None, ids)
