"""New courses and assignments: the one in templates/course, under other names; and what CI services
and clusters need to grade a course, from templates/ci.
"""

from __future__ import annotations

import builtins
import contextlib
import keyword
import platform
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.files import clear, write, write_all
from autograder.showing import shown

STARTER = Path(__file__).parent / "templates" / "course"
CI = Path(__file__).parent / "templates" / "ci"
WHEELS = "wheels"
PYTHON = "3.12"  # its version there
ASSIGNMENT, TASK = "starter", "build_model"  # their names there
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
TAKEN = {*dir(builtins), "keras", "labkit", "layers"}  # what the notebook has already
SHARED = {"course.toml": "course.toml", "nbgrader_config.py": "nbgrader_config.py",
          "gitignore": ".gitignore"}  # fmt: skip


def new_course(folder: Path) -> Course:
    """A course without assignments, with a secret seed of its own.

    Raises:
        UsageError: there is something in the folder already.
        OSError: it can't be written; nothing is left behind then.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty: a new course begins in a folder of its own")
    texts = {
        folder / target: (STARTER / name).read_text(encoding="utf-8")
        for name, target in SHARED.items()
    }
    seed = secrets.token_hex(16)
    with _all_or_nothing(texts if folder.exists() else [folder]):
        write_all({target: text.replace("SEED", seed) for target, text in texts.items()})
    return find_course(folder)


def new_assignment(course: Course, name: str, task: str = TASK) -> dict[str, Path]:
    """An assignment of one task, released by nbgrader: what was made, and where.

    Raises:
        UsageError: a name can't be used, or is in use already; nothing is left behind then.
    """
    from autograder.grading.gradebook import release

    _demand_names(name, task)
    places = {
        "source": course.source(name).parent,
        "graders": course.graders / name,
        "bank": course.bank / name,
    }
    made = {**places, "release": course.template(name).parent}
    for place in made.values():
        if place.exists():
            raise UsageError(f"there is an assignment «{name}» already: {place}")
    with _all_or_nothing(made.values()):
        for part, place in places.items():
            for path in sorted((STARTER / part / ASSIGNMENT).glob("*.*")):
                text = path.read_text(encoding="utf-8")
                target = place / path.name.replace(ASSIGNMENT, name).replace(TASK, task)
                write(target, text.replace(ASSIGNMENT, name).replace(TASK, task))
        release(course, name)
    return made


def new_ci(course: Course, service: str) -> list[Path]:
    """What a CI service or a cluster needs to grade the course; and, unless the course says already
    what is to be installed there, a requirements.txt and the wheel of this package.

    Raises:
        UsageError: another file of that name is there already; nothing is made then.
    """
    from autograder.wheel import REQUIREMENTS, write_requirements

    here = ".".join(platform.python_version_tuple()[:2])
    texts = {
        course.root / path.relative_to(CI / service): path.read_text("utf-8").replace(PYTHON, here)
        for path in sorted((CI / service).rglob("*"))
        if path.is_file()
    }
    for target, text in texts.items():
        if target.exists() and target.read_bytes() != text.encode():
            raise UsageError(f"{target} is there already: move it away, or change it yourself")
    known = (course.root / REQUIREMENTS).exists()
    promised = course.settings.rooms.libraries
    made = () if known else write_requirements(course.root, promised, WHEELS)
    for target, text in texts.items():
        write(target, text)
    return [*texts, *made]


def _demand_names(name: str, task: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(
            f"«{shown(name)}» can't be an assignment's name: use letters, digits, - and _"
        )
    usable = NAME.fullmatch(task) and task.isidentifier() and not task.startswith("test_")
    if not usable or keyword.iskeyword(task) or task in TAKEN:
        raise UsageError(
            f"«{shown(task)}» can't be a task's name: expected that of a function, such as {TASK}"
        )


@contextlib.contextmanager
def _all_or_nothing(places: Iterable[Path]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for place in places:
            clear(place)
        raise
