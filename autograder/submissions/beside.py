"""What lies beside a submitted notebook: looked at, never opened, followed or taken along."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.showing import shown

MOST_FILES, MOST_BYTES = 200, 64 * 1024 * 1024
_LOOKED_AT = 5_000  # entries, then there are enough
_NAMED = 4
STAMP = "timestamp.txt"  # when it was handed in, written by whoever collected it
SECRET = "submission_secret.txt"  # noqa: S105 — a file, by which the exchange gives feedback back
STAMP_BYTES = 1_000
_OWN = {STAMP, SECRET, "labkit"}  # labkit is released with each notebook
_SPECIAL = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


@dataclass(frozen=True)
class Beside:
    """What is said of it: to the student, and to the instructor."""

    remarks: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()


def read_stamp(folder: Path) -> str | None:
    """What the file says that tells when something was handed in; None if there is none that
    could.
    """
    return _short_text(folder / STAMP)


def read_secret(folder: Path) -> str | None:
    """The secret that nbgrader's exchange has put beside a submission; None if there is none."""
    found = _short_text(folder / SECRET)
    return found if found and re.fullmatch("[0-9a-f]{32,256}", found) else None


def look_beside(notebook: Path, released: Collection[str] = ()) -> Beside:
    """What lies beside a notebook, what was released with it left out."""
    known = _OWN | {notebook.name, *released}
    names: list[str] = []
    special: list[str] = []
    books: list[str] = []
    size = count = 0
    for path, info in _entries(notebook.parent, known):
        count += 1
        size += info.st_size
        name = shown(path.relative_to(notebook.parent), 60)
        kind = next((word for is_it, word in _SPECIAL if is_it(info.st_mode)), None)
        if kind:
            special.append(f"«{name}» is {kind}")
        elif path.parent == notebook.parent and path.suffix.lower() == ".ipynb":
            books.append(f"«{name}»")
        elif path.parent == notebook.parent:
            names.append(f"«{name}»")
    remarks, incidents = [], []
    if os.path.lexists(notebook.with_name(STAMP)) and not read_stamp(notebook.parent):
        incidents.append(f"{STAMP} is no short text: when it was handed in is not known")
    if special:
        told = f"beside the notebook, {_some(special)}: it was neither followed nor opened"
        remarks.append(told)
        incidents.append(told)
    if count > MOST_FILES or size > MOST_BYTES:
        more = "more than " * (count >= _LOOKED_AT)
        told = f"{more}{count:,} files, {size / 1024 / 1024:,.0f} MiB, lay beside the notebook"
        remarks.append(f"{told}: only the notebook is graded; hand in no more than it needs")
        incidents.append(f"{told}: they were left out")
    elif names:
        remarks.append(
            f"{_some(names)} beside the notebook {'was' if len(names) == 1 else 'were'} left out:"
            " only the notebook is graded, and what it needs has to stand in it"
        )
    if books:
        told = f"of several notebooks «{shown(notebook.name, 60)}» is graded, not {_some(books)}"
        remarks.append(f"{told}; hand in one")
        incidents.append(told)
    return Beside(tuple(remarks), tuple(incidents))


def _short_text(path: Path) -> str | None:
    """What a file of a line or two says; a link is not followed, and a pipe not waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_size > STAMP_BYTES:
            return None
        return os.read(handle, STAMP_BYTES).decode(errors="replace").strip() or None
    finally:
        os.close(handle)


def _entries(folder: Path, known: Collection[str]) -> Iterator[tuple[Path, os.stat_result]]:
    """All there is, links not followed, up to a number that is too many anyway."""
    todo, count = [folder], 0
    while todo:
        here = todo.pop()
        try:
            with os.scandir(here) as found:
                entries = [entry for entry, _ in zip(found, range(_LOOKED_AT), strict=False)]
        except OSError:
            continue
        for entry in sorted(entries, key=lambda one: one.name):
            if here == folder and (entry.name in known or entry.name.startswith(".")):
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISDIR(info.st_mode):
                todo.append(Path(entry.path))
            count += 1
            if count > _LOOKED_AT:
                return
            yield Path(entry.path), info


def _some(told: list[str]) -> str:
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return ", ".join(told[:_NAMED]) + more
