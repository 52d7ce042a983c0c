"""The folder that Gradescope builds its container from: set-up script, `run_autograder`, this
package's wheel, and of the course what grading one assignment takes.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from pathlib import Path

from autograder.bench import open_bench
from autograder.course import Course, Isolation
from autograder.data.prepared import prepared
from autograder.errors import UsageError
from autograder.files import replacing, whole_copies, write
from autograder.lms.harness import COURSE, not_graded
from autograder.wheel import write_requirements

SCRIPTS = Path(__file__).parent.parent / "templates" / "gradescope"
_STOPPED = "The autograder did not come to its end: an error, or too little memory or time."
_IGNORED = shutil.ignore_patterns("__pycache__", ".*")


def make_folder(course: Course, assignment: str, folder: Path, isolation: Isolation) -> None:
    """Make it, where nothing is yet.

    Raises:
        UsageError: there is something already, or the assignment can't be graded as it is.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: name one that does not exist yet")
    open_bench(course, assignment)  # says what is missing
    parts = _parts(course, assignment)
    words = {"@isolation@": isolation, "@python@": _python()}
    with replacing(folder) as made:
        settings = course.root / "course.toml"
        said = settings.read_text(encoding="utf-8") if settings.is_file() else ""
        write(made / COURSE / "course.toml", said)
        for part in parts:
            _copy(part, made / COURSE / _inside(course, part))
        for script in sorted(SCRIPTS.iterdir()):
            text = script.read_text(encoding="utf-8")
            for name, word in words.items():
                text = text.replace(name, word)
            write(made / script.name, text)
            (made / script.name).chmod(0o755)
        write(made / "not_graded.json", json.dumps(not_graded(_STOPPED), indent=2) + "\n")
        write_requirements(made, course.settings.rooms.libraries)


def _python() -> str:
    """This Python or a later one of its kind: libraries are installed in the versions that fit."""
    major, minor = sys.version_info[:2]
    return f">={platform.python_version()},<{major}.{minor + 1}"


def _parts(course: Course, assignment: str) -> list[Path]:
    """What grading takes of a course; not the known submissions, nor the solutions, nor
    nbgrader_config.py, in which the gradebook's password may stand.
    """
    folders = [course.template(assignment).parent, course.graders / assignment, course.labkit]
    data = prepared(course)
    return [part for part in [*folders, *([data] if data else [])] if part.exists()]


def _inside(course: Course, part: Path) -> Path:
    """Its place in the course.

    Raises:
        UsageError: it lies elsewhere.
    """
    try:
        return Path(os.path.normpath(part)).relative_to(course.root)
    except ValueError:
        raise UsageError(
            f"{part} lies outside of the course {course.root}: only what is in it can be packed"
        ) from None


def _copy(part: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_copies():
        shutil.copytree(part, target, ignore=_IGNORED)
