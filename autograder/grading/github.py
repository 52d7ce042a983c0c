"""What GitHub Actions shows of a batch: a summary of the step, and annotations for whoever has to
act.

A runner obeys each line of a step's output that begins with `::name` or holds `##[name]`, whoever
wrote it (actions/runner, `ActionCommand.cs`). So it is told to obey nothing while a batch prints,
until it reads a word that nobody can guess.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.faults import told
from autograder.grading.batch import Graded
from autograder.grading.report import people, task_row
from autograder.grading.results import NEVER_RAN, percent
from autograder.grading.screen import by_reason
from autograder.records import Verdict
from autograder.showing import shown

SUMMARY, ACTIONS = "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"
SUMMARY_LIMIT = 1024 * 1024  # bytes of a step, whoever writes them; GitHub drops a larger file
MOST = 10  # annotations of a step
_WORD = secrets.token_hex(16)
_MESSAGE, _CELL, _NAMES = 1_000, 240, 8  # characters, characters, students
_CUT = "\n\n_Cut here: GitHub takes 1 MiB a step. The report has all of it._\n"


@dataclass(frozen=True)
class Note:
    """One annotation."""

    level: Literal["error", "warning", "notice"]
    title: str
    message: str

    def __str__(self) -> str:
        """The command that makes it, in one line."""
        title = _escaped(shown(self.title)).replace(":", "%3A").replace(",", "%2C")
        return f"::{self.level} title={title}::{_escaped(shown(self.message, _MESSAGE))}"


@contextmanager
def unheard() -> Iterator[None]:
    """Whatever is printed meanwhile orders a GitHub runner nothing."""
    if os.environ.get(ACTIONS) != "true":
        yield
        return
    print(f"::stop-commands::{_WORD}", flush=True)
    try:
        yield
    finally:
        print(f"::{_WORD}::", flush=True)


def annotate(graded: Sequence[Graded], faults: Sequence[str] = ()) -> None:
    """On a GitHub runner, print the annotations, from within `unheard`."""
    lines = [str(note) for note in notes(graded, faults)]
    if lines and os.environ.get(ACTIONS) == "true":
        print(f"::{_WORD}::", *lines, f"::stop-commands::{_WORD}", sep="\n", flush=True)


def notes(graded: Sequence[Graded], faults: Sequence[str] = ()) -> list[Note]:
    """What an operator has to act on, the worst first, no more than GitHub shows."""
    found = [Note("error", "machine or gradebook", fault) for fault in dict.fromkeys(faults)]
    found += [note for one in graded for note in _notes(one)]
    found.sort(key=lambda note: ("error", "warning", "notice").index(note.level))
    if len(found) <= MOST:
        return found
    more = len(found) - MOST + 1
    return [*found[: MOST - 1], Note("notice", f"{more} more", "The report of the class has them.")]


def write_summary(graded: Sequence[Graded], faults: Sequence[str] = ()) -> list[str]:
    """Append the summary to the step's, where GitHub asks for one; why that failed."""
    if not (place := os.environ.get(SUMMARY)):
        return []
    text = "\n".join(["", *_summary(graded, faults), ""])
    try:
        with Path(place).open("ab") as stream:
            stream.write(_within(text, SUMMARY_LIMIT - stream.tell()))
    except OSError as error:
        return [f"the summary for GitHub: {told(error)}"]
    return []


# --- annotations -----------------------------------------------------------------------------


def _notes(graded: Graded) -> Iterator[Note]:
    name = graded.assignment
    for why, students in by_reason(graded.problems).items():
        yield Note("error", f"{name}: not complete", f"{_names(students)}: {why}")
    broken: dict[tuple[str, str], list[str]] = {}
    found: dict[tuple[str, str], str] = {}
    others: dict[str, list[str]] = {}
    for verdict, _ in people(graded.verdicts):
        checks = _broken(verdict)
        for place, text in checks:
            broken.setdefault(place, []).append(verdict.student)
            found.setdefault(place, text)
        if not checks:
            others.setdefault(verdict.status, []).append(verdict.student)
    for (task, check), students in broken.items():
        said = f"waits for a person, {_names(students)}: {found[task, check]}"
        yield Note("warning", f"{name}, {task}: the check {check} is broken", said)
    for status, students in others.items():
        level: Literal["notice", "warning"] = "notice" if status == "missing" else "warning"
        yield Note(level, f"{name}: {status.replace('_', ' ')}", _names(students))


def _broken(verdict: Verdict) -> list[tuple[tuple[str, str], str]]:
    return [
        ((task.task, check.check), check.found)
        for task in verdict.tasks
        for check in task.checks
        if check.ending == "broken"
    ]


def _names(students: Sequence[str]) -> str:
    more = f" and {len(students) - _NAMES} more" if len(students) > _NAMES else ""
    return f"{', '.join(students[:_NAMES])}{more}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


# --- summary ---------------------------------------------------------------------------------


def _summary(graded: Sequence[Graded], faults: Sequence[str]) -> Iterator[str]:
    for one in graded:
        yield f"### {_plain(one.assignment)}: {_counts(one)}"
    yield from (f"- {_plain(fault, _MESSAGE)}" for fault in dict.fromkeys(faults))
    for one in graded:
        yield from _tasks(one)
    waiting = [row for one in graded for row in _waiting(one)]
    if waiting:
        yield from ("", "#### Who needs a person", "")
        yield from _table(("assignment", "student", "status", "why"), waiting)


def _counts(graded: Graded) -> str:
    statuses = Counter(verdict.status.replace("_", " ") for verdict in graded.verdicts)
    without = graded.problems.keys() - {verdict.student for verdict in graded.verdicts}
    parts = [f"{count} {status}" for status, count in statuses.most_common()]
    parts += [f"{len(without)} not graded"] if without else []
    parts += [f"mean {percent(graded.verdicts):.0f} %"] if graded.verdicts else []
    return ", ".join(parts) or "nobody"


def _tasks(graded: Graded) -> Iterator[str]:
    ran = [verdict for verdict in graded.verdicts if verdict.status not in NEVER_RAN]
    points = {task.task: task.max_score for verdict in ran for task in verdict.tasks}
    if points:
        yield from ("", f"#### {_plain(graded.assignment)} by task", "")
        found = [(task_row(task, ran), most) for task, most in points.items()]
        rows = [
            (_plain(row["task"]), f"{most:g}", f"{row['mean']:.0f} %", row["full"], row["zero"])
            for row, most in found
        ]
        yield from _table(("task", "points", "mean", "full marks", "zero"), rows)


def _waiting(graded: Graded) -> Iterator[tuple[str, ...]]:
    for student, why in graded.problems.items():
        yield tuple(map(_plain, (graded.assignment, student, "not complete", why)))
    for verdict, reasons in people(graded.verdicts):
        status = verdict.status.replace("_", " ")
        yield tuple(map(_plain, (graded.assignment, verdict.student, status, "; ".join(reasons))))


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(map(str, row))} |"


def _plain(text: str, width: int = _CELL) -> str:
    """A text as Markdown that shows just this: punctuation written so that it marks nothing up."""
    return re.sub(r"[!-/:-@\[-`{-~]", lambda found: f"&#{ord(found[0])};", shown(text, width))


def _within(text: str, room: int) -> bytes:
    """As many of the lines as there is room for, and a note if those are not all."""
    if len(data := text.encode()) <= room:
        return data
    room -= len(_CUT.encode())
    if room < 0:
        return b""
    kept = data[:room].rpartition(b"\n")[0]
    return kept + _CUT.encode()
