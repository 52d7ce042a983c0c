"""The folder `data` of a course: `public/` goes to students, `hidden/` to the judge, made.json says
what was asked for.

Nobody but its owner may enter it; a room gets one of the folders in it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import UsageError

MADE = "made.json"
PLACE = "LABKIT_DATA"  # the variable in which the course's part of labkit looks for the folder


def prepared(course: Course) -> Path | None:
    """The course's folder of real data; None where everything is drawn.

    Raises:
        UsageError: the course is set to real data that has not been prepared, or differently.
    """
    if not course.settings.data and not course.settings.backbone:
        return None
    folder = course.root / "data"
    try:
        made = json.loads((folder / MADE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(
            f"course.toml asks for real data, but {folder} holds none yet; run: autograder data"
        ) from None
    if made["asked"] != asked(course):
        raise UsageError(
            f"{folder} was made for other settings: course.toml's [data.…], "
            "[backbone] or secret_seed have changed since; run: autograder data"
        )
    return folder


def asked(course: Course) -> dict[str, Any]:
    """What the course asks for; its secret seed only as a hash."""
    return {
        "collections": {
            name: dataclasses.asdict(source) | {"classes": list(source.classes)}
            for name, source in sorted(course.settings.data.items())
        },
        "backbone": course.settings.backbone.from_ if course.settings.backbone else "",
        "seed": hashlib.sha256(course.secret_seed.encode()).hexdigest()[:16],
    }


def public_files(data: Path | None) -> list[Path]:
    """What of the folder goes to students."""
    return sorted((data / "public").glob("*.npz")) if data else []


def digest_of(data: Path | None) -> bytes:
    """Changes with everything in the folder; nothing without one."""
    return (data / MADE).read_bytes() if data else b""


def use(place: Mapping[str, Any]) -> None:
    """Import labkit from a desk, and let it take its data from a folder if there is one, in this
    process and those that it starts.
    """
    desk = str(place["desk"])
    if desk not in _desks:
        for name in [name for name in sys.modules if name.partition(".")[0] == "labkit"]:
            del sys.modules[name]
        sys.path[:] = [*(entry for entry in sys.path if entry not in _desks), desk]
        _desks[:] = [desk]
    if place["data"]:
        os.environ[PLACE] = str(place["data"])
    else:
        os.environ.pop(PLACE, None)


_desks: list[str] = []  # the one in use
