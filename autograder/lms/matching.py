"""Whose a delivery is: the students' ids in the course, or why that can't be told. Nothing is
guessed: one number, login or address that one student has; a name only where nothing better is
there and nobody else has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograder.course import valid_name
from autograder.lms.roster import STUDENT, Person, Roster, letters
from autograder.showing import quoted, shown

# under which kinds of names a roster may have what a system gives
_SOUGHT = {
    "canvas": ("canvas",),
    "moodle": ("moodle",),
    "login": ("login", "student"),
    "sis": ("sis", "number", "student", "login"),
    "email": ("email", "student"),
    "anonymous": ("student",),
    "folder": STUDENT,
}
_TITLES = {
    "canvas": "Canvas' number",
    "moodle": "participant",
    "login": "the username",
    "sis": "the number",
    "email": "the address",
    "anonymous": "the anonymous number",
    "folder": "the folder",
    "ending": "a username at the end of",
    "group": "the group",
    "name": "the name",
}


class Unmatched(Exception):
    """Why it can't be told whose something is."""


def match(called: Mapping[str, str], roster: Roster | None) -> tuple[str, ...]:
    """The students whom a system calls so: one, or all of a group.

    Raises:
        Unmatched: it can't be told.
    """
    if roster is None:
        return (_own_id(called),)
    found = {person.student: person for person in _people(called, roster)}
    if len(found) > 1:
        raise Unmatched(
            f"{_said(called)} is that of {len(found)} students: {shown(', '.join(found))}"
        )
    if not found:
        return _by_name(called, roster)
    (person,) = found.values()
    if "moodle" not in called and "canvas" not in called:
        return (person.student,)
    return _agreeing(called, person, roster)


def _own_id(called: Mapping[str, str]) -> str:
    """Without a roster the system's own name for somebody."""
    kind = next((kind for kind in _SOUGHT if kind in called), None)
    if kind is None:
        raise Unmatched(f"{_said(called)}: only a roster says who that is; name one with --roster")
    if not valid_name(called[kind]):
        raise Unmatched(f"{quoted(called[kind])} can't name a student's folder")
    return called[kind]


def _people(called: Mapping[str, str], roster: Roster) -> Iterator[Person]:
    for kind, value in called.items():
        for sought in _SOUGHT.get(kind, ()):
            yield from roster.who(sought, value)
    if "ending" in called:  # <title>_<username>, and both may hold underscores
        parts = called["ending"].split("_")
        for count in range(1, len(parts)):
            yield from roster.who("login", "_".join(parts[count:]))
            yield from roster.who("student", "_".join(parts[count:]))


def _agreeing(called: Mapping[str, str], person: Person, roster: Roster) -> tuple[str, ...]:
    """The student with this number, or the group whose name stands beside it: Canvas writes one
    member's number, Moodle the group's own, which may be a member's too. Whoever calls himself as
    a group that he is not in hands in nothing for it.
    """
    name = called.get("name", "")
    if not name or not person.spellings or letters(name) in person.spellings:
        return (person.student,)
    members = _members(name, roster)
    if person.student in members:
        return members
    if "canvas" in called and not members:  # people change their names; the number stays theirs
        return (person.student,)
    raise Unmatched(
        f"{_said(called)} is {quoted(person.name)} in the roster, and {quoted(name)} here"
    )


def _by_name(called: Mapping[str, str], roster: Roster) -> tuple[str, ...]:
    """The group, or the only one with this name if the roster knows nothing better."""
    name = called.get("group") or called.get("name") or called.get("folder") or ""
    known = "canvas" in called and "canvas" in roster.kinds  # then a member's number would be too
    if members := () if known else _members(name, roster):
        return members
    better = {sought for kind in called if kind != "folder" for sought in _SOUGHT.get(kind, ())}
    people = () if better & roster.kinds else roster.named(name)
    if len(people) == 1:
        return (people[0].student,)
    if people:
        names = shown(", ".join(one.student for one in people))
        raise Unmatched(f"{len(people)} students have the name {quoted(name)}: {names}")
    raise Unmatched(f"{_said(called)} is not in the roster")


def _members(group: str, roster: Roster) -> tuple[str, ...]:
    groups = roster.members(group)
    if len(groups) > 1:
        raise Unmatched(f"several groups are called {quoted(group)}: {shown(', '.join(groups))}")
    return tuple(person.student for people in groups.values() for person in people)


def _said(called: Mapping[str, str]) -> str:
    kind = next((kind for kind in _TITLES if kind in called), "name")
    return f"{_TITLES[kind]} {quoted(called.get(kind, ''))}"
