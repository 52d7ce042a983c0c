"""Where a course says that a collection comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ORIGINS = ("cifar10", "folder")
BACKBONES = ("minivgg", "vgg16")
COLLECTIONS = ("fewshot", "pretrain", "shapes")


@dataclass(frozen=True)
class Source:
    """Real images for one collection."""

    origin: str  # one of ORIGINS
    path: str = ""  # of a folder with a sub-folder for each class, from the course's own
    classes: tuple[str, ...] = ()  # none: the first that there are


def read_source(collection: str, table: Any) -> Source:
    """One table `[data.<collection>]` of a course.toml.

    Raises:
        ValueError: it says something that is not possible, in words.
    """
    if collection == "biased":
        raise ValueError(
            '"biased" can only be drawn: its audit needs two groups, which real images do not tell'
        )
    if collection not in COLLECTIONS:
        raise ValueError(
            f"there is no collection {collection!r} to replace; there are: {', '.join(COLLECTIONS)}"
        )
    if not isinstance(table, dict) or table.get("from") not in ORIGINS:
        found = table.get("from") if isinstance(table, dict) else table
        raise ValueError(
            f'expected from = "cifar10" or from = "folder" in [data.{collection}], not {found!r}'
        )
    if strange := sorted(set(table) - {"from", "path", "classes"}):
        raise ValueError(
            f"there is no {strange[0]!r} in [data.{collection}]; there are: from, path, classes"
        )
    path, classes = table.get("path", ""), table.get("classes", [])
    if not isinstance(path, str) or bool(path) != (table["from"] == "folder"):
        raise ValueError(
            f'[data.{collection}] needs path = "…" exactly where from = "folder"; path is {path!r}'
        )
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise ValueError(f"classes in [data.{collection}] is a list of names, not {classes!r}")
    if len(set(classes)) < len(classes):
        raise ValueError(f"classes in [data.{collection}] names one twice: {', '.join(classes)}")
    return Source(table["from"], path, tuple(classes))


def read_backbone(table: Any) -> str:
    """The table `[backbone]` of a course.toml.

    Raises:
        ValueError: there is no such backbone.
    """
    name = table.get("from") if isinstance(table, dict) and set(table) == {"from"} else table
    if name not in BACKBONES:
        raise ValueError(
            'expected from = "vgg16" or from = "minivgg", and nothing else, in [backbone]; '
            f"not {name!r}"
        )
    return str(name)
