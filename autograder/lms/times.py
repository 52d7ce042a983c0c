"""Times as systems and people write them into names and lists."""

from __future__ import annotations

import datetime as dt
import re

_YEARS = range(1990, 2200)
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
)
_NUMBERS = {word: number for words in _MONTHS for number, word in enumerate(words.split(), start=1)}
_SPELT = re.compile(
    r"(?:[^\W\d]+, )?(?P<day>[0-9]{1,2})\.? (?P<month>[^\W\d]+) (?P<year>[0-9]{4}),? "
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?: ?(?P<half>[AP])M)?",
    re.IGNORECASE,
)
_DASHED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})")


def read_time(text: str) -> dt.datetime | None:
    """The time in ISO 8601, as Blackboard writes it (2026-03-01-12-00-00), or as Moodle does in
    English and German; without a zone where none is said. None for any other: 01/02/2026 is in
    January here and in February there.
    """
    text = _DASHED.sub(r"\1 \2:\3:\4", " ".join(text.split()))
    found = _spelt(text) if _SPELT.fullmatch(text) else _iso(text)
    return found if found is not None and found.year in _YEARS else None


def in_utc(time: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """The time in UTC; one without a zone is that of `zone`, or of this machine."""
    if time.tzinfo is None and zone is not None:
        time = time.replace(tzinfo=zone)
    return time.astimezone(dt.UTC)


def _iso(text: str) -> dt.datetime | None:
    if ":" not in text:  # a day alone is no time
        return None
    try:
        return dt.datetime.fromisoformat(re.sub(r" ?UTC\Z", "Z", re.sub(r" (?=Z|[+-])", "", text)))
    except ValueError:
        return None


def _spelt(text: str) -> dt.datetime | None:
    found = _SPELT.fullmatch(text)
    month = found and _NUMBERS.get(found["month"].casefold())
    if not found or not month:
        return None
    hour, half = int(found["hour"]), found["half"]
    if half:
        hour = hour % 12 + (12 if half in "pP" else 0)
    day, year, minute = (int(found[name]) for name in ("day", "year", "minute"))
    try:
        return dt.datetime(year, month, day, hour, minute)  # noqa: DTZ001 — none is said
    except ValueError:
        return None
