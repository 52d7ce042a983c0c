"""What a run and a verdict depend on, part by part, so that a change can be told by its name.

A run depends on the submission as it is rebuilt, its questions, what the room sees, the code that
reads, runs and exports, limits and packages; a verdict on the run, the hidden folder, hidden data,
and the code that judges. Questions are compared as data (stages.py): they are drawn anew for each
run. A key is a hash of all parts.
"""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from autograder.bench import Bench
from autograder.data.prepared import digest_of, prepared
from autograder.files import contents, digest
from autograder.rooms.backend import (
    PACKAGES,
    Backend,
    judges_backend,
    students_backend,
    version,
)

PACKAGE = Path(__file__).parent.parent
RUN_CODE = ("submissions", "answers/questions.py", "rooms", "records.py")
JUDGE_CODE = (
    "judge",
    "architecture",
    "answers",
    "records.py",
    "rooms/initial.py",
    "rooms/libraries.py",
)
LIBRARIES = ("h5py", "ipykernel", "keras", "numpy", "pytest")

Parts = dict[str, str]  # what is depended on, as a person knows it: a hash of it


@lru_cache(maxsize=16)
def run_parts(bench: Bench) -> Parts:
    """What all runs of an assignment depend on; submission and questions are each run's own."""
    limits, rooms = dataclasses.asdict(bench.course.limits), bench.course.settings.rooms
    return {
        f"release/{bench.name}": digest(bench.assignment.template_path.read_bytes()),
        "given_cells": digest(bench.course.settings.given_cells),
        **{f"limit {name}": digest(repr(value)) for name, value in limits.items()},
        "[rooms] gpu": digest(str(rooms.gpu)),
        "[rooms] libraries": digest(*rooms.libraries),
        **{f"package {name}": version(name) for name in rooms.libraries},
        **_shared(bench, RUN_CODE, students_backend(rooms.backend)),
    }


@lru_cache(maxsize=16)
def verdict_parts(bench: Bench) -> Parts:
    """What all verdicts on an assignment depend on, the run excepted."""
    return {
        **{f"points of {task.id}": digest(repr(task)) for task in bench.assignment.tasks},
        "secret_seed": digest(bench.course.secret_seed),
        **_files("graders/", bench.hidden.folder.parent, [bench.name]),
        **_shared(bench, JUDGE_CODE, judges_backend()),
    }


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names of the parts that are not as they were."""
    return [name for name in {**now, **before} if before.get(name) != now.get(name)]


def key(parts: Mapping[str, object]) -> str:
    """One hash for all parts."""
    return digest(json.dumps(parts, sort_keys=True))


def _shared(bench: Bench, code: Iterable[str], backend: Backend) -> Parts:
    """What the room sees besides, our code, and the libraries."""
    data = digest_of(prepared(bench.course))
    return {
        **_files("released ", bench.desk, sorted(path.name for path in bench.desk.iterdir())),
        **({"data": digest(data)} if data else {}),
        **_files("autograder/", PACKAGE, code),
        "backend": backend,
        **{f"package {name}": version(name) for name in (*LIBRARIES, *PACKAGES[backend])},
        "Python": platform.python_version(),
    }


def _files(prefix: str, root: Path, places: Iterable[str]) -> Parts:
    files = [path for _, path in contents(root / place for place in places)]
    return {
        f"{prefix}{path.relative_to(root).as_posix()}": digest(path.read_bytes()) for path in files
    }
