"""Where a course says that a collection comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.errors import UsageError
from autograder.tables import unknown

ORIGINS = ("cifar10", "folder")
BACKBONES = ("vgg16",)


@dataclass(frozen=True)
class Source:
    """Real images for one collection."""

    origin: str  # one of ORIGINS
    path: str = ""  # of a folder with a sub-folder for each class, from the course's own
    classes: tuple[str, ...] = ()  # none: the first that there are


def read_source(name: str, table: Any, collections: Mapping[str, Any]) -> Source:
    """One table `[data.<collection>]` of a course.toml; `collections` are the course's own.

    Raises:
        UsageError: it says something that is not possible, in words.
    """
    if name not in collections:
        raise UsageError(f"course.toml: {unknown('collection', name, collections)}")
    if reason := collections[name].drawn_only:
        raise UsageError(f'course.toml: "{name}" can only be drawn: {reason}')
    if not isinstance(table, dict) or table.get("from") not in ORIGINS:
        found = table.get("from") if isinstance(table, dict) else table
        raise UsageError(
            f'course.toml: expected from = "cifar10" or from = "folder" in [data.{name}], '
            f"not {found!r}"
        )
    if strange := sorted(set(table) - {"from", "path", "classes"}):
        raise UsageError(
            f"course.toml: there is no {strange[0]!r} in [data.{name}]; "
            "there are: from, path, classes"
        )
    path = table.get("path", "")
    if not isinstance(path, str) or bool(path) != (table["from"] == "folder"):
        raise UsageError(
            f'course.toml: [data.{name}] needs path = "…" exactly where from = "folder"; '
            f"path is {path!r}"
        )
    return Source(table["from"], path, _classes(table.get("classes", []), name))


def _classes(found: Any, collection: str) -> tuple[str, ...]:
    place = f"course.toml: classes in [data.{collection}]"
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise UsageError(f"{place} is a list of names, not {found!r}")
    if len(set(found)) < len(found):
        raise UsageError(f"{place} names one twice: {', '.join(found)}")
    return tuple(found)


def read_backbone(table: Mapping[str, Any]) -> str:
    """The table `[backbone]` of a course.toml; "" for none.

    Raises:
        UsageError: there is no such backbone.
    """
    if not table:
        return ""
    if set(table) != {"from"} or table["from"] not in BACKBONES:
        raise UsageError(
            f'course.toml: expected from = "{BACKBONES[0]}", and nothing else, in [backbone], or no'
            f" [backbone] at all; not {dict(table)!r}"
        )
    return str(table["from"])
