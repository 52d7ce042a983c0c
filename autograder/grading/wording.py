"""What a student is told of checks and of a submission, in words, wherever they read it."""

from __future__ import annotations

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
