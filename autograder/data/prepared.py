"""The folder `data` of a course: `public/` goes to students,
`hidden/` to the judge, made.json says what was asked for.

Nobody but its owner may enter it; a room gets one of the folders in it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import UsageError
from autograder.labkit.real import PLACE

MADE = "made.json"


def prepared(course: Course) -> Path | None:
    """The course's folder of real data; None where everything is drawn.

    Raises:
        UsageError: the course is set to real data that has not been prepared, or differently.
    """
    if not course.data and course.backbone == "minivgg":
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
        "collections": {name: dataclasses.asdict(source) | {"classes": list(source.classes)}
                        for name, source in sorted(course.data.items())},
        "backbone": course.backbone,
        "seed": hashlib.sha256(course.secret_seed.encode()).hexdigest()[:16],
    }  # fmt: skip


def public_files(data: Path | None) -> list[Path]:
    """What of the folder goes to students."""
    return sorted((data / "public").glob("*.npz")) if data else []


def digest(data: Path | None) -> bytes:
    """Changes with everything in the folder; nothing without one."""
    return (data / MADE).read_bytes() if data else b""


def use(data: Path | str | None) -> None:
    """Let labkit take its data from this folder, if there is one,
    in this process and those that it starts.
    """
    if data:
        os.environ[PLACE] = str(data)
