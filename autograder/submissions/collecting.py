"""From a download to `submitted/`: what goes where and why, and then the files.

Each student's folder is replaced whole, and says in `.collected.json` where it is from, so the next
call knows what is newer. What somebody has put or changed there by hand stays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from autograder.course import Course, read_assignment
from autograder.errors import FaultError, Unreadable, UsageError
from autograder.files import digest_of_file, named, replacing, sweep, temporary_folder
from autograder.lms.archive import Contents, Entry, Refused
from autograder.lms.downloads import Delivery, Download
from autograder.lms.matching import Unmatched, match
from autograder.lms.roster import Roster, letters
from autograder.lms.times import in_utc, read_time
from autograder.records import Collected, Damaged, read_collected, to_json
from autograder.showing import quoted, shown
from autograder.submissions.beside import SECRET, STAMP, read_stamp
from autograder.submissions.reading import read_submission

RECORD = ".collected.json"
Action = Literal["new", "newer", "unchanged", "older", "kept"]
_TIME = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's, and it takes a time without a zone for UTC
_ENOUGH = 50  # notebooks tell which assignment it is
# what Canvas adds to the name of a file whose like it has already
_AGAIN = r"-(?:[0-9]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"


@dataclass(frozen=True)
class Step:
    """What is to be done for one student, and why."""

    student: str
    folder: Path
    action: Action
    files: Mapping[str, Entry]
    record: Collected
    reason: str = ""
    late: bool = False


@dataclass(frozen=True)
class Plan:
    """What is to be done with a download."""

    steps: tuple[Step, ...]
    refused: tuple[Refused, ...]  # what could not be matched or taken
    outdated: int  # earlier attempts of those whose later one is there
    absent: tuple[str, ...]  # who stands in the roster alone
    unread: Mapping[str, str]  # times of submission in the roster that can't be read, by student
    zoneless: bool = False  # whether a time of submission was without its zone


@dataclass(frozen=True)
class Rules:
    """How a download is collected."""

    assignment: str
    source: str
    roster: Roster | None = None
    zone: dt.tzinfo | None = None  # of times that say none; None: this machine's
    due: dt.datetime | None = None
    force: bool = False  # take this download's, whatever lies there


def assignment_of(course: Course, contents: Contents, wanted: str | None) -> str:
    """The assignment that was handed in: the one `wanted`, or the one whose cells the notebooks
    carry, or whose name.

    Raises:
        UsageError: there is no such assignment, it is another's download, or it can't be told.
    """
    if wanted is not None:
        read_assignment(course, wanted)
    cells = {name: _cell_ids(course.template(name)) for name in course.assignments()}
    notebooks = [entry for entry in contents.entries if entry.name.lower().endswith(".ipynb")]
    found = _carried(notebooks, cells, wanted)
    if wanted is not None:
        if found and wanted not in found:
            raise UsageError(
                f"{contents.path}: no notebook carries the cells of {wanted}, but some do those of"
                f" {', '.join(found)}; is it another assignment's download?"
            )
        return wanted
    names = [*found] or [name for name in cells if any(_named(one, name) for one in notebooks)]
    if len(names) != 1:
        what = (
            f"several assignments: {', '.join(names)}" if names else "no assignment of the course"
        )
        raise UsageError(
            f"{contents.path} holds notebooks of {what}; name the assignment:"
            f" autograder collect {shown(contents.path.name)} ASSIGNMENT"
        )
    return names[0]


def plan(
    course: Course,
    contents: Contents,
    download: Download,
    rules: Rules,
    advance: Callable[[], None] = lambda: None,
) -> Plan:
    """What is to be done with a download; nothing is written. `advance` is called for each of its
    deliveries.
    """
    refused = [*contents.refused, *download.refused]
    by_student = _by_student(download, rules, refused)
    steps, unread, outdated, zoneless = [], {}, 0, False
    digests: dict[tuple[str, int], dict[str, str]] = {}
    for student, several in sorted(by_student.items()):
        try:
            delivery = _newest(student, several)
            outdated += len(several) - 1
            key = (delivery.label, delivery.order)
            if key not in digests:
                digests[key] = _digests(delivery)
                advance()
        except Unmatched as error:
            refused += [Refused(one.label, str(error)) for one in several]
            continue
        said = _said_time(student, rules)
        time = delivery.time or read_time(said)
        if said and time is None:
            unread[student] = said
        zoneless = zoneless or (time is not None and time.tzinfo is None)
        record = _record(delivery, download.system, rules, time, digests[key])
        steps.append(_step(course, student, delivery, record, rules))
    absent = [
        person.student
        for person in (rules.roster.people if rules.roster else ())
        if person.student not in by_student
    ]
    return Plan(tuple(steps), tuple(refused), outdated, tuple(absent), unread, zoneless)


def carry_out(step: Step) -> None:
    """Put a student's files in place, all of them at once.

    Raises:
        Unreadable: the download is not what it was when it was planned.
        FaultError: the folder could not be replaced.
    """
    sweep(step.folder.parent)
    try:
        with replacing(step.folder) as workplace:
            for name, entry in step.files.items():
                if _written(entry, workplace / name) != step.record.files[name]:
                    raise Unreadable(f"{shown(name)} has changed since the call began")
            if step.record.time is not None:
                _put(workplace / STAMP, step.record.time)
            _put(workplace / RECORD, to_json(step.record))
    except BaseException:
        with contextlib.suppress(OSError):  # unless there is something in it
            step.folder.parent.rmdir()
        raise
    if _read_record(step.folder) != step.record:
        raise FaultError(f"{step.folder} could not be replaced; see what is in its way")


def _cell_ids(path: Path) -> set[str]:
    try:
        cells = read_submission(path).cells
    except Unreadable:
        return set()
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}
    return ids - {None}


def _carried(
    notebooks: Iterable[Entry], cells: Mapping[str, set[str]], wanted: str | None
) -> Counter[str]:
    """The assignments whose cells the notebooks carry, each counted where it has the most, until
    there is the one that is wanted, or there are enough.
    """
    found: Counter[str] = Counter()
    with temporary_folder("collect") as folder:
        for number, entry in enumerate(notebooks):
            path = folder / f"{number}.ipynb"
            with contextlib.suppress(Unreadable):
                _written(entry, path)
                carried = _cell_ids(path)
                counts = {name: len(carried & ids) for name, ids in cells.items()}
                most = max(counts.values(), default=0)
                best = [name for name, count in counts.items() if count == most]
                found.update(best if most and len(best) == 1 else [])
            path.unlink(missing_ok=True)
            if wanted in found or found.total() >= _ENOUGH:
                break
    return found


def _named(entry: Entry, assignment: str) -> bool:
    path = PurePosixPath(entry.name)
    stem = re.escape(assignment)
    named = re.fullmatch(rf"(?:.*_)?{stem}(?:{_AGAIN})?\.ipynb", path.name)
    return bool(named) or assignment in path.parts[:-1]


def _files(delivery: Delivery, assignment: str) -> tuple[dict[str, Entry], list[Refused]]:
    """The files by the names that they get, and those that are not taken."""
    left = [
        Refused(entry.name, f"the name {quoted(name)} is none that may be handed in")
        for name, entry in delivery.files.items()
        if _reserved(name, delivery)
    ]
    files = {name: entry for name, entry in delivery.files.items() if not _reserved(name, delivery)}
    again = re.compile(rf"{re.escape(assignment)}{_AGAIN}\.ipynb")
    renamed = [name for name in files if again.fullmatch(name)]
    own = f"{assignment}.ipynb"
    taken = {part for name in files for part in (name, name.partition("/")[0])}
    if len(renamed) == 1 and own not in taken:
        files = {own if name in renamed else name: entry for name, entry in files.items()}
    if not files and not left:
        left = [Refused(delivery.label, "there is no file in it")]
    return files, left


def _by_student(
    download: Download, rules: Rules, refused: list[Refused]
) -> dict[str, list[Delivery]]:
    """All that each student handed in; what is not taken goes to `refused`."""
    found: dict[str, list[Delivery]] = {}
    for delivery in download.deliveries:
        files, left = _files(delivery, rules.assignment)
        refused += left
        students = _students(delivery, rules.roster, refused)
        for student in students if files else ():
            found.setdefault(student, []).append(dataclasses.replace(delivery, files=files))
    return found


def _reserved(name: str, delivery: Delivery) -> bool:
    """Hidden, or what only we write, or nbgrader's exchange: it gives a page to whoever has the
    secret, and one page to all who have the same.
    """
    parts = name.split("/")
    ours = {STAMP} if delivery.exchanged else {STAMP, SECRET}
    return any(part.startswith(".") for part in parts) or parts[0].casefold() in ours


def _students(delivery: Delivery, roster: Roster | None, refused: list[Refused]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for called in delivery.called:
        try:
            found |= dict.fromkeys(match(called, roster))
        except Unmatched as error:
            refused.append(Refused(delivery.label, str(error)))
    return tuple(found)


def _newest(student: str, several: Sequence[Delivery]) -> Delivery:
    """The last of what a student handed in.

    Raises:
        Unmatched: it can't be told which that is.
    """
    last = max(several, key=lambda one: one.order)
    if [one.order for one in several].count(last.order) > 1 or _namesakes(several):
        labels = ", ".join(quoted(one.label, 40) for one in several)
        raise Unmatched(f"all of these are {quoted(student)}'s: {labels}")
    return last


def _namesakes(several: Sequence[Delivery]) -> bool:
    """Whether people of several numbers go by one name: anybody may call himself as another."""
    numbers: dict[str, set[str]] = {}
    for called in (called for one in several for called in one.called if "canvas" in called):
        numbers.setdefault(letters(called.get("name", "")), set()).add(called["canvas"])
    return any(len(found) > 1 for found in numbers.values())


def _digests(delivery: Delivery) -> dict[str, str]:
    """Raises Unmatched: a file in it can't be read."""
    found = {}
    for name, entry in delivery.files.items():
        try:
            found[name] = _hashed(entry.chunks())
        except Unreadable as error:
            raise Unmatched(f"{shown(name)}: {error}") from None
    return found


def _hashed(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for data in chunks:
        digest.update(data)
    return digest.hexdigest()


def _written(entry: Entry, path: Path) -> str:
    """Write a file; its digest."""
    with named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:

            def through() -> Iterator[bytes]:
                for data in entry.chunks():
                    stream.write(data)
                    yield data

            digest = _hashed(through())
            stream.flush()
            os.fsync(stream.fileno())
    return digest


def _put(path: Path, text: str) -> None:
    with named(path):
        path.write_text(text, encoding="utf-8")


def _said_time(student: str, rules: Rules) -> str:
    """What the roster says of when the student handed in."""
    people = rules.roster.who("student", student) if rules.roster else ()
    said = people[0].names.get("submitted", "") if people else ""
    return said if re.search("[0-9]", said) else ""


def _record(
    delivery: Delivery,
    system: str,
    rules: Rules,
    time: dt.datetime | None,
    digests: dict[str, str],
) -> Collected:
    times = [entry.time.timestamp() for entry in delivery.files.values() if entry.time]
    return Collected(
        rules.source,
        system,
        delivery.order,
        max(times, default=0.0),
        in_utc(time, rules.zone).strftime(_TIME) if time else None,
        digests,
    )


def _step(
    course: Course, student: str, delivery: Delivery, record: Collected, rules: Rules
) -> Step:
    folder = course.submission(rules.assignment, student).parent
    time = read_time(record.time or "")
    late = delivery.late or bool(time and rules.due and time > rules.due)
    action, reason = _decided(folder, record)
    if rules.force and action in {"kept", "older"} and not is_barred(folder):
        action, reason = "newer", ""
    return Step(student, folder, action, delivery.files, record, reason, late)


def _decided(folder: Path, new: Collected) -> tuple[Action, str]:
    """What is to become of a student's folder."""
    if is_barred(folder):
        return "kept", "a link or a file is in its place"
    if not os.path.lexists(folder):
        return "new", ""
    old, there = _read_record(folder), _there(folder)
    if there == new.files:
        timed = old is not None and read_stamp(folder) == old.time != new.time is not None
        return ("newer", "its time is known now") if timed else ("unchanged", "")
    return _compared(folder, there, new, old)


def _compared(
    folder: Path, there: Mapping[str, str], new: Collected, old: Collected | None
) -> tuple[Action, str]:
    """What is to become of a folder with other files in it."""
    if old is None or there != old.files:
        return "kept", "what lies there was put or changed by hand"
    if read_stamp(folder) != old.time:
        return "kept", f"its {STAMP} was written by hand"
    newer = _newer(new, old)
    if newer is None:
        return "kept", f"it can't be told whether it is newer than what is from {shown(old.source)}"
    return ("newer", "") if newer else ("older", f"what is from {shown(old.source)} is newer")


def _newer(new: Collected, old: Collected) -> bool | None:
    """Whether something is newer; None if that can't be told."""
    orders = (new.order, old.order) if new.system == old.system else (0, 0)
    for one, other in (orders, (_seconds(new), _seconds(old)), (new.seen, old.seen)):
        if one and other and one != other:
            return one > other
    return None


def _seconds(record: Collected) -> float:
    time = read_time(record.time or "")
    return time.timestamp() if time else 0.0


def is_barred(folder: Path) -> bool:
    """Whether a link or a file is where a student's folder would be, which nothing replaces."""
    return any(
        one.is_symlink() or (os.path.lexists(one) and not one.is_dir())
        for one in (folder, folder.parent)
    )


def _there(folder: Path) -> dict[str, str]:
    """The digests of the files in a student's folder, and what is no file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name in {RECORD, STAMP} or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or not path.is_file():
            found[name] = "no file"
            continue
        found[name] = digest_of_file(path)
    return found


def _read_record(folder: Path) -> Collected | None:
    path = folder / RECORD
    if path.is_symlink() or not path.is_file():  # a pipe would be waited for
        return None
    try:
        return read_collected(path)
    except (OSError, Damaged):
        return None
