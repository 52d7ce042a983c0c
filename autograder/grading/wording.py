"""What a student is told of checks and of a submission, in words, wherever they read it."""

from __future__ import annotations

import datetime as dt
import re

from autograder.records import Check

ENDINGS = {
    "passed": "passed",
    "failed": "failed",
    "blocked": "blocked",
    "broken": "needs a person",
}
STATUSES = {
    "graded": "Graded.",
    "needs_review": "Part of this could not be judged automatically: a person will look at it.",
    "timeout": "Your notebook ran out of time; what was finished before is graded.",
    "out_of_memory": (
        "Your notebook ran out of memory; "
        "the tasks that did are marked below, the others are graded."
    ),
    "crashed": (
        "Your notebook crashed Python; the tasks that did are marked below, the others are graded."
    ),
    "unreadable": (
        "Your file could not be read as a notebook, "
        "so nothing could be graded. A person will look at it."
    ),
    "missing": "The notebook was not in your submission.",
}
_INTERNAL = re.compile(r"Traceback|\b\w*(Error|Exception|Interrupt|Exit|Warning)\b")


def told_expected(check: Check) -> str:
    """What the student reads under «expected»."""
    return "" if check.ending == "passed" else check.expected


def told_found(check: Check) -> str:
    """What the student reads under «found»: an error of ours may quote hidden data."""
    if check.ending == "broken" and _INTERNAL.search(check.found):
        return "this check could not be carried out; your points for it are not decided yet"
    return check.found


def told_hint(check: Check) -> str:
    """Under which word the student reads what stands under `hint`."""
    return "remark" if check.ending == "passed" else "hint"


def told_points(auto: float | None, manual: float | None, extra: float | None) -> str:
    """What a person has changed about the points that the graders gave; empty where nothing was."""
    said = [f"with {number(extra)} extra"] if extra else []
    if manual is not None and manual != auto:
        said.append("set by hand" + ("" if auto is None else f"; the graders gave {number(auto)}"))
    return ", ".join(said)


def told_late(seconds: float, penalty: float) -> str:
    """How late it was handed in and what that costs; empty where it was in time."""
    late = f"Handed in {_duration(seconds)} late" if seconds > 0 else "Handed in late"
    if penalty:
        return f"{late}: {number(penalty)} points less."
    return f"{late}; nothing is taken off for that." if seconds > 0 else ""


def told_time(time: dt.datetime) -> str:
    """A time that is in UTC."""
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def number(points: float | None) -> str:
    """Points as they are written: two digits, and no zeros behind them."""
    return f"{round(float(points or 0.0), 2):g}"


def _duration(seconds: float) -> str:
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(seconds // size)) > (name == "day"):
            return f"{count} {name}{'s' * (count > 1)}"
    return "less than a minute"
