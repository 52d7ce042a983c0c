"""What a grader says: expectations, and the marks that weigh and order them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from autograder.architecture.missing import Missing

Mark = Callable[[Any], Any]


class Failure(Exception):
    """The student's answer is not what was asked for.

    Args:
        expected: what a right answer has, in a sentence without its last full stop.
        found: what this one has instead.
        hint: one step towards the remedy; a misconception's own hint is used where this is empty.
        mistake: the id of a known mistake, a table in the hints of the assignment.
        place: ids of the nodes of the answer's architecture where it goes wrong; they are marked in
            the picture.
        missing: what the architecture lacks; it is drawn dashed where it belongs.
    """

    def __init__(
        self,
        expected: str,
        found: str,
        hint: str = "",
        mistake: str | None = None,
        place: Iterable[int] = (),
        missing: Iterable[Missing] = (),
    ) -> None:
        super().__init__(f"expected {expected}; found {found}")
        self.expected = expected
        self.found = found
        self.hint = hint
        self.misconception = mistake
        self.place = tuple(place)
        self.missing = tuple(missing)


class Blocked(Exception):
    """The claim can't be judged before something else is right;
    `by` is a task, or a check of the same task.
    """

    def __init__(self, by: str, reason: str = "") -> None:
        super().__init__(f"waits for {by}: {reason}")
        self.by = by
        self.reason = reason


def expect(
    condition: object,
    expected: str,
    found: object,
    mistake: str | Callable[[], str | None] | None = None,
    hint: str = "",
    place: Iterable[int] = (),
    missing: Iterable[Missing] = (),
) -> None:
    """Raise a Failure unless the condition holds. A mistake that takes long to find out is given as
    a function, which is called only then.

    Only a plain true counts: an array or anything else that merely is not false is the grader's own
    mistake.
    """
    if type(condition).__name__ not in {"bool", "bool_"}:  # of Python, of NumPy 2, of NumPy 1
        raise TypeError(f"expect() takes a condition that is True or False, not {condition!r}")
    if not condition:
        known = mistake() if callable(mistake) else mistake
        said = str(found)
        said = repr(found) if said == expected else said
        raise Failure(expected, said, hint, known, place, missing)


def weight(share: float) -> Mark:
    """The check counts `share` times as much as one without this mark (1)."""
    return pytest.mark.weight(share)


def needs(*names: str) -> Mark:
    """The check is blocked until the checks of this file,
    or the whole tasks, of these names have passed.
    """
    return pytest.mark.needs(*names)


def hint(text: str) -> Mark:
    """What to say where the check fails and nothing more exact is known."""
    return pytest.mark.hint(text)


def reported(check: Any) -> Any:
    """The check rests on what code of ours reported from inside the student's process, which the
    judge can't work out anew: a notebook that tampers with that code can make it up. The record of
    the check says so.
    """
    return pytest.mark.reported(check)


def cases(*questions: str) -> Mark:
    """The check is made for the answers to each of these questions, its argument `case`, and passes
    if it does for all; the first that it does not pass for decides.
    """
    return pytest.mark.cases(*questions)


def apart(found: float, wanted: float, form: str) -> tuple[str, str]:
    """Two numbers that differ as they are written in a form such as ".2f" or ".1%", with as many
    more digits as tell them from each other.
    """
    said = format(found, form), format(wanted, form)
    for digits in range(int(form[1:-1]) + 1, 18):
        if said[0] != said[1]:
            break
        said = format(found, f".{digits}{form[-1]}"), format(wanted, f".{digits}{form[-1]}")
    return said


def listed(items: Iterable[str], limit: int = 4) -> str:
    """Some names in words, cut where there are many."""
    shown = [f"«{item}»" for item in items]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more or "none"
