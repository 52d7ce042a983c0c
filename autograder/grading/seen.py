"""What was last seen of each verdict, so that a report can say what has changed since.

`runs/.reports/<assignment>/seen.json` holds of each student the endings as they are and as they
were before they last changed. It is written with the report, whoever has replaced a verdict, and
nothing depends on it: where it is gone or damaged, nothing is known to have changed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.files import write
from autograder.records import Damaged, Verdict, read_json

_NAMES = 3  # of checks in one line
_WORDS = {
    "passed": ("passes now", "pass now"),
    "failed": ("fails now", "fail now"),
    "blocked": ("is blocked now", "are blocked now"),
    "broken": ("waits for a person now", "wait for a person now"),
}


@dataclass(frozen=True)
class Look:
    """What is kept of a verdict."""

    key: str  # of the run
    status: str
    scores: Mapping[str, float]  # by task
    endings: Mapping[str, Mapping[str, str]]  # by task and check


@dataclass(frozen=True)
class Seen:
    """A verdict as it is, and as it was before."""

    now: Look
    before: Look | None = None
    when: str = ""  # the change was seen


@dataclass(frozen=True)
class Change:
    """What is otherwise in a student's verdict, a line a task."""

    student: str
    points: float
    lines: tuple[str, ...]
    when: str = ""
    again: bool = False  # the submission was run again, not only judged


History = Mapping[str, Seen]


@dataclass(frozen=True)
class Changes:
    """What is known of a class: everything that is kept, and what a call has brought."""

    history: History = field(default_factory=dict)
    fresh: tuple[Change, ...] = ()

    @property
    def last(self) -> list[Change]:
        """The last change of each student."""
        pairs = ((student, seen, seen.before) for student, seen in self.history.items())
        return [_change(student, old, seen.now, seen.when) for student, seen, old in pairs if old]


def changes(history: History, verdicts: Iterable[Verdict]) -> Changes:
    """What these verdicts change in what was seen."""
    when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    now, fresh = dict(history), []
    for verdict in verdicts:
        look, known = _look(verdict), history.get(verdict.student)
        if known is None:
            now[verdict.student] = Seen(look)
        elif _told(known.now) != _told(look):
            now[verdict.student] = Seen(look, known.now, when)
            fresh.append(_change(verdict.student, known.now, look, when))
    return Changes(now, tuple(fresh))


def first_seen(verdicts: Iterable[Verdict]) -> History:
    """What is known of verdicts that no report has seen."""
    return {verdict.student: Seen(_look(verdict)) for verdict in verdicts}


def read_seen(course: Course, assignment: str) -> History:
    """What was seen; nothing where that can't be read."""
    try:
        data = read_json(seen_path(course, assignment))
        return {student: _seen(one) for student, one in data.items()}
    except (OSError, Damaged, AttributeError, LookupError, TypeError, ValueError, OverflowError):
        return {}


def write_seen(course: Course, assignment: str, history: History) -> None:
    """Keep it for the next report, unless it is kept already."""
    if history != read_seen(course, assignment):
        data = {student: dataclasses.asdict(one) for student, one in history.items()}
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        write(seen_path(course, assignment), text + "\n")


def seen_path(course: Course, assignment: str) -> Path:
    """Where it is kept."""
    return course.runs / ".reports" / assignment / "seen.json"


def _look(verdict: Verdict) -> Look:
    return Look(
        verdict.key,
        verdict.status,
        {task.task: task.score for task in verdict.tasks},
        {task.task: {one.check: one.ending for one in task.checks} for task in verdict.tasks},
    )


def _told(look: Look) -> tuple[Any, ...]:
    """What counts as a change: a run that ends as the one before is none."""
    return look.status, look.scores, look.endings


def _seen(data: Any) -> Seen:
    before = data["before"] and _read(data["before"])
    return Seen(_read(data["now"]), before, str(data["when"]))


def _read(data: Any) -> Look:
    return Look(
        str(data["key"]),
        str(data["status"]),
        {str(task): _points(score) for task, score in data["scores"].items()},
        {
            str(task): {str(name): str(ending) for name, ending in checks.items()}
            for task, checks in data["endings"].items()
        },
    )


def _points(data: Any) -> float:
    if not math.isfinite(points := float(data)):  # JSON as Python reads it has more numbers
        raise ValueError(data)
    return points


def _change(student: str, old: Look, new: Look, when: str) -> Change:
    lines = [f"{old.status.replace('_', ' ')}, now {new.status.replace('_', ' ')}"]
    lines = lines if old.status != new.status else []
    if any(old.endings.values()) and any(new.endings.values()):  # else nothing ran
        for task in {**new.scores, **old.scores}:
            lines += _line(task, old, new)
    points = round(sum(new.scores.values()) - sum(old.scores.values()), 4)
    return Change(student, points, tuple(lines), when, old.key != new.key)


def _line(task: str, old: Look, new: Look) -> list[str]:
    was, now = old.endings.get(task, {}), new.endings.get(task, {})
    points = round(new.scores.get(task, 0.0) - old.scores.get(task, 0.0), 2)
    ended: dict[str, list[str]] = {}
    for check, ending in now.items():
        if was.get(check) != ending:
            ended.setdefault(ending, []).append(check)
    gone = [check for check in was if check not in now]
    parts = [
        f"{_names(checks)} {_WORDS.get(ending, (ending, ending))[len(checks) > 1]}"
        for ending, checks in ended.items()
    ]
    parts += [f"{_names(gone)} no longer checked"] if gone else []
    if not parts and not points:
        return []
    return [f"{task} {points:+g}: {'; '.join(parts) or 'the checks count otherwise'}"]


def _names(checks: Sequence[str]) -> str:
    more = f" and {len(checks) - _NAMES} more" if len(checks) > _NAMES else ""
    return f"{', '.join(checks[:_NAMES])}{more}"
