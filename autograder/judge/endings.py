"""The one place where "returned or raised" becomes passed, failed, blocked or broken.

Points come only from *passed*, and only this ending needs a check that ran to its end. *failed* is
the student's, *blocked* waits for something else, and everything that we did not think of is
*broken*: ours, held back for a person, neither zero nor full; so is what waits for that. So
`except Exception` has its place here: a stranger must not end the judging of the others.
"""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.architecture import Architecture, Mismatch
from autograder.architecture.draw import draw
from autograder.architecture.missing import Missing
from autograder.errors import AutograderError
from autograder.judge.expectations import Blocked, Failure
from autograder.judge.hints import Hint, hint_for
from autograder.records import Check, Ending

TEXT_LIMIT = 600  # characters of one field of a check
PICTURE_LIMIT = 200_000
_TERMINAL = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.?)", re.DOTALL)


@dataclass(frozen=True)
class Announcement:
    """What is known of a check before it runs: it goes into its record unchanged."""

    check: str
    weight: float
    sentence: str
    hint: str = ""
    hints: Mapping[str, Hint] = field(default_factory=dict)  # of the assignment
    folder: Path = Path()  # the grader's
    reported: bool = False  # whether it rests on what was reported from the student's process


def check_of(
    announced: Announcement,
    raised: BaseException | None,
    seen: Sequence[Architecture] = (),
    finished: frozenset[str] = frozenset(),
    remarks: Sequence[str] = (),
    held: str = "",
) -> Check:
    """The record of a check that returned (None) or raised.

    `seen` are the architectures that it looked at, `finished` the tasks of which every check has
    passed: they can't be what another task waits for. `remarks`, which take no points, are the hint
    of a check that passes. `held` are the words for what a blocked check waits for, where a person
    has to look at that.
    """
    try:
        if raised is None:
            return _record(announced, "passed", hint="\n".join(dict.fromkeys(remarks)))
        return _check(announced, raised, seen, finished, held)
    except Exception as error:
        # a hint that nobody wrote, a picture that can't be drawn: ours as well
        return _record(
            announced,
            "broken",
            found=f"{_line(error, announced)} (while reporting {_line(raised, announced)})",
        )


def broken(announced: Announcement, reason: str) -> Check:
    """The record of a check that could not be run at all."""
    return _record(announced, "broken", found=reason)


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text that may be the student's, fit for a report:
    no control or direction characters, at most `limit` long.
    """
    plain = "".join(
        c for c in _TERMINAL.sub("", text) if c == "\n" or unicodedata.category(c)[0] != "C"
    )
    lines = [" ".join(line.split()) for line in plain.splitlines()]
    short = "\n".join(line for line in lines if line)
    return short if len(short) <= limit else short[: limit - 1].rstrip() + "…"


def _check(
    announced: Announcement,
    raised: BaseException,
    seen: Sequence[Architecture],
    finished: frozenset[str],
    held: str,
) -> Check:
    if isinstance(raised, Failure | Mismatch | AssertionError):
        closed = dict.fromkeys(name for architecture in seen for name in unreadable(architecture))
        if closed:
            return broken(
                announced, f"I can't see inside {', '.join(closed)}: a person has to look"
            )
        return _failed(announced, raised, seen)
    if isinstance(raised, Blocked):
        return _blocked(announced, raised, finished, held)
    ours = isinstance(raised, AutograderError)
    return broken(announced, str(raised) if ours else _line(raised, announced))


def unreadable(architecture: Architecture) -> list[str]:
    """The layers that could not be opened, or of which nobody but the student room says what comes
    out, so that a claim about the structure is no verdict: «name» (class).
    """
    return [
        f"«{node.name}» ({node.cls})"
        for node in architecture.nodes
        if node.kind in {"opaque", "lambda"} or node.id in architecture.as_read.doubts
    ]


def _failed(announced: Announcement, raised: BaseException, seen: Sequence[Architecture]) -> Check:
    if not isinstance(raised, Failure | Mismatch):  # a plain assert
        return _record(
            announced, "failed", expected=announced.sentence, found=str(raised), hint=announced.hint
        )
    misconception = getattr(raised, "misconception", None)
    known = str(hint_for(announced.hints, misconception)) if misconception else ""
    same = clean(raised.expected) == clean(raised.found)
    return _record(
        announced,
        "failed",
        expected=raised.expected,
        found=f"{raised.found}, which only reads the same" if same else raised.found,
        hint=getattr(raised, "hint", "") or known or announced.hint,
        misconception=misconception,
        picture=(
            _picture(seen[-1], raised.place, raised.missing, announced.sentence)
            if seen and (raised.place or raised.missing)
            else None
        ),
    )


def _blocked(
    announced: Announcement, raised: Blocked, finished: frozenset[str], held: str
) -> Check:
    """What waits for something that is held back can't be settled either, so it waits for the same
    person: as blocked it would be a zero that nothing speaks for.
    """
    if held:
        return broken(announced, f"a person has to look first at {held}")
    if raised.by in finished:
        return _record(
            announced,
            "failed",
            expected=announced.sentence,
            found=raised.reason,
            hint=announced.hint,
        )
    waits = "" if raised.by.startswith("test_") else f"this waits for «{raised.by}»: "
    return _record(announced, "blocked", found=waits + raised.reason)


def _picture(
    architecture: Architecture, place: Iterable[int], missing: Iterable[Missing], title: str
) -> str | None:
    svg = draw(architecture, dict.fromkeys(place, "wrong"), title, missing)
    return svg if len(svg) <= PICTURE_LIMIT else None


def _record(
    announced: Announcement,
    ending: Ending,
    *,
    expected: str = "",
    found: str = "",
    hint: str = "",
    misconception: str | None = None,
    picture: str | None = None,
) -> Check:
    return Check(
        check=announced.check,
        ending=ending,
        weight=announced.weight,
        sentence=announced.sentence,
        expected=clean(expected),
        found=clean(found),
        hint=clean(hint),
        misconception=misconception,
        picture=picture,
        reported=announced.reported,
    )


def _line(error: BaseException | None, announced: Announcement) -> str:
    """An error in one line, with the place in the grader's folder where it was raised."""
    if error is None:
        return "a passed check"
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}: "
        for frame in frames
        if Path(frame.filename).parent == announced.folder
    ]
    return f"{places[-1] if places else ''}{type(error).__name__}: {error}"
