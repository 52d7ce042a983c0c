"""Runs that another machine stored, taken over into this course's `runs/`.

They are foreign: copied as plain files, executed and followed nowhere, and taken only if they are
what grading the same submission with the same course would have stored here.
"""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from autograder.answers.artefacts import MAX_BYTES, MAX_JSON, open_regular
from autograder.bench import Bench, open_bench
from autograder.course import Course, valid_name
from autograder.errors import ArtefactError, IsolationError, RunRefused, UsageError
from autograder.faults import told
from autograder.files import demand_writable, lock, named, replacing, sweep, temporary_folder
from autograder.grading.keys import Parts, run_parts, verdict_parts
from autograder.grading.keys import changed as changed_parts
from autograder.grading.results import NEVER_RAN
from autograder.grading.stages import (
    DEPENDS,
    OWN,
    SEED_BITS,
    changed_questions,
    differs,
    due,
    executed_notebook,
    own_parts,
    verdict_without_run,
)
from autograder.judge.room import Judged, add_up
from autograder.progress import progress_bar
from autograder.records import Damaged, Verdict, read_run, read_verdict
from autograder.rooms.limits import Limits
from autograder.showing import shown
from autograder.tables import unknown

MOST_BYTES = MAX_BYTES + MAX_JSON  # of one file: that of the arrays of an answer
_DEPTH = 3  # artefacts/<task>/<file>
_REASONS = 4  # that are told
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A folder in which another machine keeps a run."""

    assignment: str
    student: str
    folder: Path


@dataclass(frozen=True)
class Merged:
    """What became of it."""

    stored: Stored
    what: Literal["taken over", "here already", "refused", "left out"]
    why: str = ""
    too_open: bool = False  # refused because its rooms were less closed than the course demands

    def __str__(self) -> str:
        stored = self.stored
        why = f": {self.why}" if self.why else ""
        return shown(
            f"{stored.assignment}, {stored.student}: {self.what}{why} ({stored.folder})", 600
        )


def merge(
    course: Course, folders: Sequence[Path], console: Console, *, trust: bool, explain: bool = False
) -> list[Merged]:
    """Take over every run in the folders that passes; with `explain` only say which would.

    What is here already counts, else what lies in the folder that is named first.

    Raises:
        UsageError: there is none in any of them.
        OSError: nothing can be written here.
    """
    found = [one for folder in folders for one in _runs_in(folder)]
    if not found:
        raise UsageError(
            f"no run in {', '.join(shown(one) for one in folders)}: expected a folder runs/ with"
            " <assignment>/<student>/, as `autograder grade --shard` leaves it"
        )
    ours = course.assignments()
    benches = {name: open_bench(course, name) for name in ours if name in _names(found)}
    demand_writable(course.runs)
    sweep(course.runs, *(course.runs / name for name in benches))
    merged = []
    with progress_bar(console) as progress:
        bar = progress.add_task("runs", total=len(found))
        for one in found:
            if one.assignment in benches:
                bench = benches[one.assignment]
                merged.append(_merged(bench, one, trust=trust, explain=explain))
            else:
                why = unknown("assignment", one.assignment, ours)
                merged.append(Merged(one, "refused", why))
            progress.advance(bar)
    return merged


def take_over(bench: Bench, student: str, source: Path, *, trust: bool) -> None:
    """Put a copy of a foreign run where this course keeps the student's, if it is what would be
    stored here.

    Raises:
        RunRefused: it isn't; says why.
        IsolationError: it was run in rooms less closed than the course demands, and not in `trust`.
        OSError: it can't be read, or nothing be written here.
    """
    with replacing(bench.run_dir(student)) as made:
        _copy_checked(bench, student, source, made, trust=trust)


def unlike(bench: Bench, there: Mapping[str, Parts]) -> str:
    """What course, libraries and our code are elsewhere and not here, by name; "" if nothing."""
    here = {**run_parts(bench), **verdict_parts(bench)}
    parts = {**there["verdict"], **there["run"]}
    names = [name for name in changed_parts(parts, here) if name not in OWN]
    told = [_other(name, here.get(name), parts.get(name)) for name in names]
    more = f" and {len(told) - _REASONS} more" if len(told) > _REASONS else ""
    return "; ".join(told[:_REASONS]) + more


# --- which there are ---------------------------------------------------------------------------


def _runs_in(folder: Path) -> Iterator[Stored]:
    """The runs in a folder `runs`, or in the one that holds it."""
    inner = folder / "runs"
    place = inner if inner.is_dir() and not inner.is_symlink() else folder
    for assignment in _folders(place):
        for student in _folders(assignment):
            if os.path.lexists(student / DEPENDS):
                yield Stored(assignment.name, student.name, student)


def _folders(place: Path) -> list[Path]:
    """Those in it that are folders themselves, by name; what is hidden is work in progress."""
    with os.scandir(place) as entries:
        found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [place / name for name in sorted(found) if not name.startswith(".")]


def _names(found: Sequence[Stored]) -> set[str]:
    return {one.assignment for one in found}


# --- one of them -------------------------------------------------------------------------------


def _merged(bench: Bench, one: Stored, *, trust: bool, explain: bool) -> Merged:
    try:
        if not valid_name(one.student):
            return Merged(one, "refused", "no student can have that name")
        here = bench.course.submission(bench.name, one.student).parent
        if not here.is_dir():
            return Merged(one, "refused", f"nothing is handed in here: there is no {here}")
        with lock(bench.lock_place(one.student)):
            if due(bench, one.student).do == "nothing":
                return _beside_ours(bench, one, trust=trust)
            if explain:
                _looked_at(bench, one, trust=trust)
            else:
                take_over(bench, one.student, one.folder, trust=trust)
    except (RunRefused, IsolationError) as error:
        return Merged(one, "refused", str(error), isinstance(error, IsolationError))
    except OSError as error:
        if not _in(error, one.folder):
            raise
        return Merged(one, "refused", told(error))
    return Merged(one, "taken over")


def _beside_ours(bench: Bench, one: Stored, *, trust: bool) -> Merged:
    """What is here counts; another result of the same submission is told of."""
    theirs = _looked_at(bench, one, trust=trust)
    ours = read_verdict(bench.run_dir(one.student) / "verdict.json")
    if theirs.score != ours.score or theirs.status != ours.status:
        why = (
            f"another run of the same submission counts, with {ours.score:g} points"
            f" ({ours.status}); this one has {theirs.score:g} ({theirs.status})"
        )
        return Merged(one, "left out", why)
    return Merged(one, "here already")


def _looked_at(bench: Bench, one: Stored, *, trust: bool) -> Verdict:
    """The foreign verdict, if it passes."""
    with temporary_folder(".merge", str(bench.course.runs)) as made:
        return _copy_checked(bench, one.student, one.folder, made, trust=trust)


def _in(error: OSError, folder: Path) -> bool:
    return isinstance(error.filename, str) and Path(error.filename).is_relative_to(folder)


def _copy_checked(bench: Bench, student: str, source: Path, made: Path, *, trust: bool) -> Verdict:
    _copy(source, made, bench.course.limits)
    verdict = _checked(bench, student, made)
    executed = (made / "run.json").exists()
    if executed and not trust and not bench.course.content_with(verdict.isolation):
        raise IsolationError(
            f"the course demands rooms of isolation «{bench.course.isolation}», it was run in"
            f" «{verdict.isolation}»; if you know who wrote the submissions, use"
            " --trust-submissions"
        )
    return verdict


def _copy(source: Path, target: Path, limits: Limits) -> None:
    """Copy regular files of limited size and number; anything else refuses the whole.

    Raises:
        RunRefused: there is something else.
    """
    todo, files, size = [(source, target, 0)], 0, 0
    while todo:
        here, there, depth = todo.pop()
        there.mkdir(exist_ok=True)
        for entry in _entries(here, limits.folder_files):
            path = Path(entry.path).relative_to(source)
            files += 1
            if entry.is_dir(follow_symlinks=False) and depth < _DEPTH - 1:
                todo.append((here / entry.name, there / entry.name, depth + 1))
                continue
            size += _copy_file(here / entry.name, there / entry.name, shown(path))
            if files > limits.folder_files or size > limits.folder_bytes + MOST_BYTES:
                raise RunRefused("it holds more files or bytes than a run may")


def _entries(folder: Path, most: int) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return [entry for entry, _ in zip(found, range(most + 1), strict=False)]


def _copy_file(source: Path, target: Path, name: str) -> int:
    if not stat.S_ISREG(source.lstat().st_mode):
        raise RunRefused(f"«{name}» is no plain file")
    try:
        stream = open_regular(source, MOST_BYTES)
    except ArtefactError as error:
        raise RunRefused(str(error)) from None
    size = 0
    with stream, named(target), target.open("wb") as copy:
        while block := stream.read(_BLOCK):
            size += copy.write(block)
    return size


# --- whether it is what would be here -----------------------------------------------------------


def _checked(bench: Bench, student: str, folder: Path) -> Verdict:
    """The verdict in a copied run.

    Raises:
        RunRefused: it is not what grading the submission here would store.
    """
    stored = own_parts(folder, bench.name, student)
    if stored is None:
        raise RunRefused("it is damaged, or the run of another submission")
    if "verdict" not in stored:
        raise RunRefused("it is not judged yet; let that machine grade it to the end")
    if other := unlike(bench, stored):
        raise RunRefused(f"another version of the course: {other}")
    if differs(bench, student, stored["run"]):
        raise RunRefused("the submission is another one here")
    verdict = read_verdict(folder / "verdict.json")
    if (folder / "run.json").exists():
        good = _adds_up(bench, folder, verdict)
    else:
        good = verdict == verdict_without_run(bench, student)
    if not good:
        raise RunRefused("its verdict is not what its checks come to, or damaged")
    return verdict


def _other(name: str, here: str | None, there: str | None) -> str:
    if not here or not there:
        return f"{shown(name)} is only {'there' if there else 'here'}"
    if name == "Python" or name.startswith("package "):
        return f"{shown(name)} is {shown(there, 30)} there, {here} here"
    return f"{shown(name)} changed"


def _adds_up(bench: Bench, folder: Path, verdict: Verdict) -> bool:
    """Whether points and status are what the checks come to, and all else is there that is shown
    or asked again about.
    """
    try:
        run = read_run(folder / "run.json")
    except Damaged:
        return False
    below = any(check.weight < 0 for task in verdict.tasks for check in task.checks)
    if below or run.status in NEVER_RAN or run.seed not in range(1 << SEED_BITS):
        return False
    judged = {task.task: Judged(task.checks, task.leans) for task in verdict.tasks}
    summed = add_up(run, bench.assignment, judged)
    return (
        dataclasses.replace(summed, seconds=verdict.seconds) == verdict
        and executed_notebook(folder) is not None
        and (folder / "artefacts").is_dir()
        and not changed_questions(bench, folder)
    )
