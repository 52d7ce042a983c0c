"""Downloads of what a class handed in: who handed in what, read off the names that systems give.

canvas       <name>[_LATE]_<user>_<attachment>_<file>; [LATE_]anon_<id>_<attachment>_<file>
             (content_zipper.rb). Of a group one member's number under the group's name.
moodle       <name>_<participant>_assignsubmission_<kind>/<file>, before 4.1 with a `_` at the end
             of the folder, and `_<file>` without folders (downloader.php). Of a team its name and
             number; without a number those who are in no team.
blackboard   <title>_<username>_attempt_<YYYY-MM-DD-HH-MM-SS>_<file>, the word for attempt in the
             site's language, and a receipt <…>.txt beside whose first line ends in (username)
             (from public programs that read them: the source is closed)
gradescope   assignment_<n>_export/submission_<id>/<file> and submission_metadata.yml (likewise)
folders      <student>/<file>, or <student>/<assignment>/<file>; so too what GitHub Classroom clones
nbgrader     <student>/<assignment>/<file>, and beside them when and by what secret it was handed in

One folder may be around all of it. What lies in a student's own folder (Moodle, Gradescope,
folders, nbgrader) was named by that student and is never read as another's: see around.py.

Canvas and Moodle write no time of submission, and the times in their zip files are those of the
download. A name is read from the left where the file's own name comes last, since that may hold
anything; Canvas and Moodle see to it that a person's name does not look like what follows it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

import yaml

from autograder.errors import Unreadable, UsageError
from autograder.lms.archive import Contents, Entry, Refused
from autograder.lms.around import Known, Whose
from autograder.lms.roster import PARTICIPANT
from autograder.lms.times import read_time
from autograder.showing import shown
from autograder.submissions.beside import SECRET, STAMP, STAMP_BYTES

System = Literal["canvas", "moodle", "blackboard", "gradescope", "folders", "nbgrader"]
SYSTEMS: tuple[System, ...] = get_args(System)
_NAMING: tuple[System, ...] = ("canvas", "moodle", "blackboard", "gradescope")  # told by names
TITLES: Mapping[System, str] = {
    "canvas": "Canvas",
    "moodle": "Moodle",
    "blackboard": "Blackboard",
    "gradescope": "Gradescope",
    "folders": "a folder for each student",
    "nbgrader": "nbgrader's folders",
}
_METADATA = "submission_metadata.yml"
_METADATA_BYTES = 64 << 20
_RECEIPT_BYTES = 1 << 20
_CANVAS = re.compile(
    r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<order>[0-9]+)_(?P<file>.+)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<order>[0-9]+)_(?P<file>.+)"
)
_CANVAS_TYPED = re.compile(
    r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<file>(?:text|link)\.html)"
)
_MOODLE = re.compile(r"(?P<name>.*?)(?:_(?P<number>[0-9]+))?_assignsubmission_(?P<rest>[a-z]+_?.*)")
_BLACKBOARD = re.compile(
    r"(?P<head>.+?)_(?P<word>[^\W\d_]+)_(?P<time>[0-9]{4}(?:-[0-9]{2}){5})(?:\.txt|_(?P<file>.+))"
)
# of submission_metadata.yml: the names of submissions, who handed them in, and when
_WANTED = re.compile(
    r"^(?:submission_.*\n|  :created_at:.*\n|  :submitters:.*\n(?:  [- ].*\n)*)", re.MULTILINE
)
_GRADESCOPE = re.compile(r"submission_(?P<order>[0-9]+)/(?P<file>.+)")


@dataclass(frozen=True)
class Delivery:
    """What one person or group handed in at one time."""

    label: str  # as the system writes it
    called: tuple[Mapping[str, str], ...]  # each of those whose it is: kinds of names, and names
    files: Mapping[str, Entry]  # by the names under which they were handed in
    order: int = 0  # a later one's is higher; 0 where the system does not say
    time: dt.datetime | None = None
    late: bool = False  # as the system says
    exchanged: bool = False  # what nbgrader's exchange writes beside a submission is nbgrader's


@dataclass(frozen=True)
class Download:
    """All of it, and the files whose names are not the system's."""

    system: System
    deliveries: tuple[Delivery, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class _Part:
    """One file of a delivery."""

    label: str
    called: Mapping[str, str]
    file: str
    entry: Entry
    order: int = 0
    time: dt.datetime | None = None
    late: bool = False
    exchanged: bool = False


@dataclass
class _Parts:
    """What has been read, and what is not the system's."""

    found: list[_Part] = field(default_factory=list)
    odd: list[Refused] = field(default_factory=list)


def read_download(
    contents: Contents, assignment: str, known: Known | None = None, system: System | None = None
) -> Download:
    """Who handed in what. Times that the system writes without a zone have none. In nbgrader's
    folders lie other assignments than this too: those that are known are passed over.

    Raises:
        UsageError: the names are those of no one system, or may be a student's as well.
    """
    known = known or Known([assignment])
    _demand_files(contents)
    system, entries = _told(contents, known, system)
    if system == "gradescope":
        return _gradescope(contents, entries)
    readers = {
        "canvas": lambda: _canvas(entries),
        "moodle": lambda: _moodle(entries),
        "blackboard": lambda: _blackboard(entries),
        "folders": lambda: _folders(entries, assignment, known.assignments),
        "nbgrader": lambda: _folders(entries, assignment, known.assignments, nbgraders=True),
    }
    parts = readers[system]()
    together: dict[tuple[str, int], list[_Part]] = {}
    for part in parts.found:
        kept = 0 if system == "canvas" else part.order  # Canvas counts files, not attempts
        together.setdefault((part.label, kept), []).append(part)
    deliveries = tuple(_delivery(several, parts.odd) for several in together.values())
    return Download(system, deliveries, tuple(parts.odd))


def _delivery(parts: Sequence[_Part], odd: list[Refused]) -> Delivery:
    """All of them together; of those that would have one name the last counts."""
    parts = sorted(parts, key=lambda part: part.order, reverse=True)
    files: dict[str, Entry] = {}
    folders: set[str] = set()
    for part in parts:
        above = {str(one) for one in PurePosixPath(part.file).parents}
        if part.file in files or part.file in folders or above & files.keys():
            odd.append(Refused(part.entry.name, "another file of theirs has this name"))
            continue
        files[part.file] = part.entry
        folders |= above
    first, late = parts[0], any(part.late for part in parts)
    return Delivery(
        first.label, (first.called,), files, first.order, first.time, late, first.exchanged
    )


def _demand_files(contents: Contents) -> None:
    if not contents.entries:
        said = [f"«{shown(one.name)}»: {one.reason}" for one in contents.refused[:1]]
        more = f" ({len(contents.refused) - 1} more)" if len(contents.refused) > 1 else ""
        raise UsageError(
            ": ".join([f"{contents.path} holds no file that can be collected", *said]) + more
        )


def _told(
    contents: Contents, known: Known, wanted: System | None
) -> tuple[System, Sequence[Entry]]:
    """Whose names these are, and the entries without a folder that is around all of them."""
    outer = contents.entries
    if wanted is not None and wanted not in _NAMING:
        return wanted, _inside(contents, known)
    systems = _NAMING if wanted is None else (wanted,)
    if found := _only(contents, outer, systems):
        return found, outer
    top, inner = _unwrapped(outer)
    whose = _whose(contents, top, known)
    if whose == "unknown" and wanted is None:
        _refuse_either(contents, top, inner, known)
    some = outer if whose == "student" else inner
    if found := _only(contents, some, systems):
        return found, some
    system = max(systems, key=lambda one: _count(one, some))
    if count := _count(system, some):
        if wanted is not None:
            return wanted, some
        other = next(entry.name for entry in some if not _fits(system, entry.name))
        raise UsageError(
            f"{contents.path}: {count} of {len(some)} names are as {TITLES[system]} writes them,"
            f" others are not, such as «{shown(other)}»; --from {system} takes the former and"
            " lists the others"
        )
    if wanted is None and all("/" in entry.name for entry in outer):
        return "folders", _inside(contents, known)
    raise _not_told(contents, top if whose == "student" else "", wanted)


def _only(contents: Contents, entries: Sequence[Entry], systems: Sequence[System]) -> System | None:
    """The system that writes all of these names.

    Raises:
        UsageError: it may be any of several, since a file may be called as another names them.
    """
    found = [
        system
        for system in systems
        if (count := _count(system, entries)) == len(entries) or (count and system == "gradescope")
    ]
    if len(found) > 1:
        raise UsageError(
            f"{contents.path}: the names are as {' and '.join(TITLES[one] for one in found)} write"
            f" them; say which by {' or '.join(f'--from {one}' for one in found)}"
        )
    return found[0] if found else None


def _count(system: System, entries: Sequence[Entry]) -> int:
    return sum(_fits(system, entry.name) for entry in entries)


def _whose(contents: Contents, top: str, known: Known) -> Whose:
    """Whose the one folder is that holds all: what a system calls one hand-in is a student's."""
    if not top:
        return "class"
    if any(_fits(one, top) for one in _NAMING) or _GRADESCOPE.fullmatch(f"{top}/x"):
        return "student"
    return known.whose(top, contents.path.resolve().name)


def _refuse_either(contents: Contents, top: str, inner: Sequence[Entry], known: Known) -> None:
    """A folder that may be a student's, with what may be others' in it.

    Raises:
        UsageError: says both readings, and how to say which it is.
    """
    system = max(_NAMING, key=lambda one: _count(one, inner))
    if _count(system, inner):
        other = f"one around what {TITLES[system]} gives (then say --from {system})"
    elif _are_students(inner, known):
        tops = ", ".join(f"«{shown(name)}»" for name in sorted(_tops(inner))[:2])
        other = f"one around those of {tops} (then unpack it and collect the folder «{shown(top)}»)"
    else:
        return
    raise UsageError(
        f"{contents.path}: everything lies in «{shown(top)}», which may be the folder of one"
        f" student (then say --from folders) or {other}"
    )


def _not_told(contents: Contents, student: str, wanted: System | None) -> UsageError:
    what = "Canvas, Moodle, Blackboard or Gradescope write them" if wanted is None else ""
    hint = f"; «{shown(student)}» is one student's own folder" if student else ""
    return UsageError(
        f"{contents.path}: expected names as"
        f" {what or f'{TITLES[wanted or SYSTEMS[0]]} writes them'}, or a folder for each student;"
        f" found «{shown(contents.entries[0].name)}»{hint}"
    )


def _fits(system: System, name: str) -> bool:
    if system == "moodle":
        return "_assignsubmission_" in name.split("/", maxsplit=1)[0]
    if system == "gradescope":  # without it nobody knows whose submission is which
        return name == _METADATA
    patterns = {
        "canvas": (_CANVAS, _CANVAS_ANONYMOUS, _CANVAS_TYPED),
        "blackboard": (_BLACKBOARD,),
    }
    found = any(pattern.fullmatch(name) for pattern in patterns.get(system, ()))
    return found and "/" not in name


def _unwrapped(entries: Sequence[Entry]) -> tuple[str, Sequence[Entry]]:
    """The folder that is around all of them and the entries without it; "" if there is none."""
    tops = _tops(entries)
    if len(tops) > 1 or any("/" not in entry.name for entry in entries):
        return "", entries
    inner = [replace(entry, name=entry.name.partition("/")[2]) for entry in entries]
    return tops.pop(), inner


def _inside(contents: Contents, known: Known) -> Sequence[Entry]:
    """Of folders: those of students, without one that is known to be around them."""
    top, inner = _unwrapped(contents.entries)
    around = _are_students(inner, known) and _whose(contents, top, known) == "class"
    return inner if around else contents.entries


def _are_students(entries: Sequence[Entry], known: Known) -> bool:
    """Whether these may be the folders of several students, and not assignments of one."""
    tops = _tops(entries)
    several = len(tops) > 1 and tops.isdisjoint(known.assignments)
    return several and all("/" in entry.name for entry in entries)


def _tops(entries: Sequence[Entry]) -> set[str]:
    return {entry.name.partition("/")[0] for entry in entries}


def _canvas(entries: Iterable[Entry]) -> _Parts:
    parts = _Parts()
    for entry in entries:
        name = "" if "/" in entry.name else entry.name
        if found := _CANVAS_ANONYMOUS.fullmatch(name):
            called = {"anonymous": f"anon_{found['user']}"}
        elif found := _CANVAS.fullmatch(name) or _CANVAS_TYPED.fullmatch(name):
            called = {"canvas": found["user"], "name": found["name"]}
        else:
            parts.odd.append(_not_as(entry, "canvas"))
            continue
        order = int(found.groupdict().get("order") or 0)
        label = f"{called.get('name', 'anon')}_{found['user']}"
        late = bool(found["late"])
        parts.found.append(_Part(label, called, found["file"], entry, order, late=late))
    return parts


def _not_as(entry: Entry, system: System) -> Refused:
    return Refused(entry.name, f"this is no name that {TITLES[system]} writes")


def _moodle(entries: Iterable[Entry]) -> _Parts:
    parts = _Parts()
    for entry in entries:
        top, _, below = entry.name.partition("/")
        found = _MOODLE.fullmatch(top)
        flat = found and re.fullmatch("([a-z]+)_(.+)", found["rest"])
        file = below or (flat[2] if flat else "")
        if not found or not file:
            parts.odd.append(_not_as(entry, "moodle"))
            continue
        if number := found["number"]:
            called, label = {"moodle": number, "name": found["name"]}, f"{found['name']}_{number}"
        else:
            called, label = {"group": found["name"]}, found["name"]
        parts.found.append(_Part(label, called, file, entry))
    names = {part.called["name"] for part in parts.found if "name" in part.called}
    several = len({part.label for part in parts.found}) > 1
    if (len(names) == 1 and several) or all(PARTICIPANT.fullmatch(name) for name in names):
        parts.found = [_nameless(part) for part in parts.found]  # blind: only the numbers count
    return parts


def _nameless(part: _Part) -> _Part:
    number = part.called.get("moodle")
    return replace(part, called={"moodle": number}) if number else part


def _blackboard(entries: Iterable[Entry]) -> _Parts:
    parts = _Parts()
    logins: dict[str, str] = {}
    found: list[tuple[Entry, re.Match[str], dt.datetime]] = []
    receipts: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        match = None if "/" in entry.name else _BLACKBOARD.fullmatch(entry.name)
        time = match and read_time(match["time"])
        if not match or not time:
            parts.odd.append(_not_as(entry, "blackboard"))
        elif match["file"] is None:
            logins |= _receipt(entry, match["head"])
            receipts[match["head"], match["time"]] = entry
        else:
            found.append((entry, match, time))
    with_files = {(match["head"], match["time"]) for _, match, _ in found}
    parts.odd += [
        Refused(entry.name, "no file was handed in with it")
        for key, entry in receipts.items()
        if key not in with_files
    ]
    logins |= _parted({match["head"] for _, match, _ in found}, logins)
    for entry, match, time in found:
        head = match["head"]
        called = {"login": logins[head]} if head in logins else {"ending": head}
        order = int(match["time"].replace("-", ""))
        parts.found.append(_Part(head, called, match["file"], entry, order, time))
    return parts


def _receipt(entry: Entry, head: str) -> dict[str, str]:
    """The username that Blackboard's receipt gives in its first line."""
    try:
        text = _text(entry, _RECEIPT_BYTES)
    except Unreadable:
        return {}
    found = re.search(r"\(([^()]+)\)\s*\Z", text.lstrip("\ufeff").partition("\n")[0])
    return {head: found[1]} if found and head.endswith(f"_{found[1]}") else {}


def _parted(heads: Collection[str], known: Mapping[str, str]) -> dict[str, str]:
    """The usernames at the end of <title>_<username>, where only one title can be meant."""
    titles = {head.removesuffix(f"_{login}") for head, login in known.items()}
    if not titles:
        titles = set.intersection(*(set(_beginnings(head)) for head in heads)) if heads else set()
    if len(titles) != 1:
        return {}
    title = f"{titles.pop()}_"
    return {
        head: head.removeprefix(title)
        for head in heads
        if head not in known and head.startswith(title)
    }


def _beginnings(head: str) -> Iterator[str]:
    parts = head.split("_")
    return ("_".join(parts[:count]) for count in range(1, len(parts)))


def _gradescope(contents: Contents, entries: Sequence[Entry]) -> Download:
    metadata = next(entry for entry in entries if entry.name == _METADATA)
    said = _yaml(metadata, f"{contents.path}: {_METADATA}")
    files: dict[str, dict[str, Entry]] = {}
    odd = []
    for entry in entries:
        if found := _GRADESCOPE.fullmatch(entry.name):
            files.setdefault(entry.name.split("/", maxsplit=1)[0], {})[found["file"]] = entry
        elif entry is not metadata:
            odd.append(_not_as(entry, "gradescope"))
    deliveries = []
    for label, some in files.items():
        record = said.get(label)
        record = record if isinstance(record, dict) else {}
        called = tuple(_submitters(record.get(":submitters")))
        if called:
            order, time = int(label.rpartition("_")[2]), _time(record.get(":created_at"))
            deliveries.append(Delivery(label, called, some, order, time))
        else:
            odd.append(Refused(label, f"{_METADATA} does not say whose it is"))
    return Download("gradescope", tuple(deliveries), tuple(odd))


def _submitters(said: Any) -> Iterator[dict[str, str]]:
    kinds = {":sid": "sis", ":email": "email", ":name": "name"}
    for one in said if isinstance(said, list) else []:
        names = one if isinstance(one, dict) else {}
        found = {kinds[key]: value for key, value in names.items() if key in kinds and value}
        if all(isinstance(value, str) for value in found.values()) and found:
            yield found


def _yaml(entry: Entry, place: str) -> dict[Any, Any]:
    """Texts, lists and tables of texts, from the part of the file that is needed: the rest may be
    long. PyYAML's faster loader would crash on deep nesting.
    """
    try:
        text = "".join(_WANTED.findall(_text(entry, _METADATA_BYTES)))
        found = yaml.load(text or "{}", Loader=yaml.BaseLoader)  # noqa: S506
    except Unreadable as error:
        raise UsageError(f"{place}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{place} can't be read: {shown(' '.join(str(error).split()))}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{place}: expected a table of submissions")
    return found


def _time(said: Any) -> dt.datetime | None:
    """A time as YAML writes it: without a zone it is in UTC."""
    found = read_time(said) if isinstance(said, str) else None
    return found.replace(tzinfo=dt.UTC) if found and found.tzinfo is None else found


def _folders(
    entries: Sequence[Entry], assignment: str, others: Collection[str], *, nbgraders: bool = False
) -> _Parts:
    parts = _Parts()
    elsewhere = tuple(f"{other}/" for other in others if other != assignment)
    split = [(entry, *entry.name.partition("/")[::2]) for entry in entries]
    split = [one for one in split if not one[2].startswith(elsewhere)]
    within = f"{assignment}/"
    inner = {student for _, student, rest in split if nbgraders or rest.startswith(within)}
    for entry, student, rest in split:
        if not rest:
            parts.odd.append(Refused(entry.name, "it lies in no student's folder"))
        elif student in inner and not rest.startswith(within):
            parts.odd.append(Refused(entry.name, f"it lies outside the folder {assignment}"))
        else:
            file = rest.removeprefix(within)
            parts.found.append(_Part(student, {"folder": student}, file, entry))
    students = {student for _, student, rest in split if rest}
    # few of them, or a single one, are no folders of nbgrader's, but some student's own
    if nbgraders or 2 * len(inner) > max(len(students), 2):
        _take_stamps(parts, inner)
    else:
        _leave_stamps(parts, inner)
    return parts


def _take_stamps(parts: _Parts, inner: Collection[str]) -> None:
    """The times that nbgrader wrote beside the submissions, instead of the files."""
    stamps = {
        part.label: _stamp(part.entry)
        for part in parts.found
        if part.file == STAMP and part.label in inner
    }
    parts.found = [
        replace(part, time=stamps.get(part.label), exchanged=part.label in inner)
        for part in parts.found
        if part.file != STAMP or part.label not in inner
    ]


def _leave_stamps(parts: _Parts, inner: Collection[str]) -> None:
    """What looks as if nbgrader had written it, in what may be a student's own folder."""
    written = {
        part.entry.name
        for part in parts.found
        if part.file in {STAMP, SECRET} and part.label in inner
    }
    parts.found = [part for part in parts.found if part.entry.name not in written]
    why = "the student may have written it; if these are nbgrader's folders, say --from nbgrader"
    parts.odd += [Refused(name, why) for name in sorted(written)]


def _stamp(entry: Entry) -> dt.datetime | None:
    """What nbgrader wrote beside a submission: without a zone it is in UTC."""
    try:
        return _time(_text(entry, STAMP_BYTES).strip())
    except Unreadable:
        return None


def _text(entry: Entry, most: int) -> str:
    """Raises Unreadable: it is damaged or too large."""
    name = PurePosixPath(entry.name).name
    if entry.size > most:
        raise Unreadable(f"{shown(name)} has more than {most:,} bytes")
    return b"".join(entry.chunks()).decode(errors="replace")
