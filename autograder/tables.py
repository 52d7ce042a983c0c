"""Tables of TOML files, read strictly: what is unknown, missing or of another type is said, with
its file and line.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar

from autograder.errors import UsageError
from autograder.showing import quoted, shown

T = TypeVar("T")
# a field's type: what it is in TOML, and in words
_KINDS: dict[Any, tuple[Any, str]] = {
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (int | float, "a number"),
    bool: (bool, "true or false"),
    tuple: (list, "a list"),
    Mapping: (Mapping, "a table"),
}


@dataclass(frozen=True)
class Place:
    """Where a table stands: its file, the file's text, and the names of the tables around it."""

    file: str
    text: str = ""
    names: tuple[str, ...] = ()

    def inside(self, name: str) -> Place:
        """The place of what goes by that name in here."""
        return dataclasses.replace(self, names=(*self.names, name))

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        names = f": {shown('.'.join(self.names))}" if self.names else ""
        return f"{self.file}{line}{names}"

    @property
    def line(self) -> int | None:
        """The number of the line that says the last of the names, after those of the others."""
        lines, at = self.text.splitlines(), 0
        for depth, name in enumerate(self.names):
            dotted = ".".join(self.names[: depth + 1])
            said = re.compile(
                rf'\s*\[*\s*(?:{re.escape(dotted)}|"?{re.escape(name)}"?)\s*(?:\]|=|\.)'
            )
            at = next((n for n in range(at, len(lines)) if said.match(lines[n])), at)
        return at + 1 if self.names and at < len(lines) else None


def read_toml(path: Path) -> tuple[dict[str, Any], Place]:
    """The tables of a file, and where they stand.

    Raises:
        UsageError: it is not there, or not TOML.
    """
    return parse_toml(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a file of the course.

    Raises:
        UsageError: it is not there, can't be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} is missing") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error}") from None
    except (OSError, ValueError) as error:  # a folder, no permission, a name that none can have
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{shown(path, 300)} can't be read: {why}") from None


def parse_toml(text: str, file: str, before: int = 0) -> tuple[dict[str, Any], Place]:
    """The tables of a text out of a file, of which so many lines stand before it; and where the
    tables stand.

    Raises:
        UsageError: it is not TOML; the message says in which line.
    """
    try:
        return tomllib.loads(text), Place(file, text)
    except tomllib.TOMLDecodeError as error:
        said = re.fullmatch(r"(.*) \(at line (\d+), column \d+\)", str(error))
        line = before + (int(said[2]) if said else len(text.splitlines()))
        raise UsageError(f"{file}:{line}: not TOML: {shown(said[1] if said else error)}") from None
    except RecursionError:
        raise UsageError(f"{file}: tables or lists are nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise UsageError(f"{file}: a number in it can't be read: {shown(error)}") from None


def record(cls: type[T], table: Any, place: Place, **given: Any) -> T:
    """The dataclass `cls` from a table; `given` are fields that the table does not hold. A field
    `from_` is the key `from`, which Python keeps for itself.

    Raises:
        UsageError: a key is unknown or missing, a value is of another type than its field, or the
            dataclass refuses them together with a ValueError.
    """
    if not isinstance(table, Mapping):
        raise UsageError(f"{place}: expected a table, found {quoted(table)}")
    kinds = typing.get_type_hints(cls)
    fields = {
        one.name.removesuffix("_"): one
        for one in dataclasses.fields(cls)  # type: ignore[arg-type]
        if one.name not in given
    }
    _demand_keys(table, fields, place)
    names = {key: fields[key].name for key in table}
    values = {
        name: value(kinds[name], table[key], place.inside(key)) for key, name in names.items()
    }
    try:
        return cls(**values, **given)
    except ValueError as error:
        raise UsageError(f"{place}: {shown(error, 300)}") from None


def _demand_keys(table: Mapping[str, Any], fields: Mapping[str, Any], place: Place) -> None:
    for key in table:
        if key not in fields:
            raise UsageError(f"{place.inside(key)}: {unknown('key', key, fields)}")
    for name, one in fields.items():
        if name not in table and one.default is one.default_factory is dataclasses.MISSING:
            raise UsageError(f"{place}: the key {name} is missing")


def value(kind: Any, found: Any, place: Place) -> Any:
    """What was found, as a value of that type: of a list a tuple, of a table a dataclass or a dict.

    Raises:
        UsageError: it is of another type.
    """
    if typing.get_origin(kind) in {UnionType, typing.Union}:
        kind, other = typing.get_args(kind)
        if other is float:  # one of some words, or a number
            return _word_or_number(typing.get_args(kind), found, place)
        # else None: a table that need not be there
    if kind is Any:
        return found
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return record(kind, found, place)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return _one_of(arguments, found, place)
    return _plain(origin or kind, arguments, found, place)


def _plain(kind: Any, arguments: tuple[Any, ...], found: Any, place: Place) -> Any:
    _demand(kind, found, place)
    if kind is tuple:
        return tuple(value(arguments[0], item, place) for item in found)
    if kind is Mapping:
        return {key: value(arguments[1], item, place.inside(key)) for key, item in found.items()}
    return found


def _word_or_number(words: tuple[Any, ...], found: Any, place: Place) -> Any:
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    if found not in words:
        raise UsageError(f"{place} is {', '.join(words)} or a number, not {quoted(found)}")
    return found


def _one_of(choices: tuple[Any, ...], found: Any, place: Place) -> Any:
    if found not in choices:
        raise UsageError(f"{place} is one of {', '.join(map(str, choices))}, not {quoted(found)}")
    return found


def _demand(kind: Any, found: Any, place: Place) -> None:
    plain, words = _KINDS[kind]
    if not isinstance(found, plain) or (isinstance(found, bool) and kind is not bool):
        raise UsageError(f"{place} is {words}, not {quoted(found)}")


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """What to answer to a name that is none: the nearest right one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    known_ones = shown(", ".join(names) or "none", 1_000)
    rest = f"did you mean «{shown(near[0])}»?" if near else f"there are: {known_ones}"
    return f"there is no {kind} «{shown(name)}»; {rest}"
