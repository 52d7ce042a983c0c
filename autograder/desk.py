"""What lies on a student's desk: labkit as it goes with an assignment, and the files beside the
released notebook.

    labkit/            the general part
    ├─ course/         what the course adds to it (and in real/ data that it has prepared)
    └─ public.py       the public checks, from the hidden folder
    …                  what the instructor put beside the notebook

It is the same in a release, in the student room and (for graders that draw hidden data) in the
judge room.
"""

from __future__ import annotations

import compileall
import re
import shutil
import subprocess
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.data.prepared import prepared, public_files
from autograder.errors import UsageError
from autograder.files import contents, digest, replacing, temporary_folder, whole_copies
from autograder.judge.hidden_side import PUBLIC

LABKIT = "labkit"
DAY = 24 * 3600.0  # seconds
_GENERAL = Path(__file__).parent / "labkit"
_IGNORED = shutil.ignore_patterns("__pycache__", ".*")


def place_labkit(course: Course, assignment: str, folder: Path) -> Path:
    """Put labkit into a folder, whole, in place of what is there under that name: where it lies
    now.
    """
    target, real = folder / LABKIT, public_files(prepared(course))
    with replacing(target) as made, whole_copies():
        shutil.copytree(_GENERAL, made, ignore=_IGNORED, dirs_exist_ok=True)
        if course.labkit.is_dir():
            shutil.copytree(course.labkit, made / "course", ignore=_IGNORED)
            for file in real:
                (made / "course" / "real").mkdir(exist_ok=True)
                shutil.copy(file, made / "course" / "real")
        if (public := course.graders / assignment / PUBLIC).is_file():
            shutil.copy(public, made / PUBLIC)
    return target


def desk(course: Course, assignment: str) -> Path:
    """The desk of an assignment, made once for each state of what is on it."""
    parts = [_GENERAL, course.labkit, course.graders / assignment / PUBLIC]
    parts += [*beside(course, assignment), *public_files(prepared(course))]
    sources = contents(part for part in parts if part.exists())
    state = digest(*(f"{name} {digest(path.read_bytes())}" for name, path in sources))
    place = course.runs.resolve() / ".desks" / assignment / state
    if not place.is_dir():
        with replacing(place) as made, whole_copies():
            place_labkit(course, assignment, made)
            compileall.compile_dir(made, quiet=2)
            for path in beside(course, assignment):
                copy: Any = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, made / path.name)
            made.chmod(0o755)
        _clear(place)
    return place


def _clear(place: Path) -> None:
    """Remove the desks beside this one that nobody has made today."""
    for other in place.parent.glob("[!.]*"):
        if other != place and time.time() - other.stat().st_mtime > DAY:
            shutil.rmtree(other, ignore_errors=True)


def beside(course: Course, assignment: str) -> list[Path]:
    """What was released beside the notebook, labkit left out."""
    folder = course.template(assignment).parent
    return sorted(
        path
        for path in folder.glob("[!.]*")
        if path.suffix != ".ipynb" and path.name not in {LABKIT, "__pycache__"}
    )


def course_part(course: Course) -> Any:
    """What the course adds to labkit, imported; None where it adds nothing.

    Raises:
        UsageError: it raises.
    """
    if not course.labkit.is_dir():
        return None
    folder = course.labkit.resolve()
    name = f"labkit_course_{digest(str(folder))[:8]}"
    if name not in sys.modules:
        spec = spec_from_file_location(name, folder / "__init__.py")
        if spec is None or spec.loader is None:
            raise UsageError(f"{folder}: expected a package, with an __init__.py")
        sys.modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(sys.modules[name])
        except Exception as error:
            del sys.modules[name]
            raise UsageError(f"{folder}: {type(error).__name__}: {error}") from None
    return sys.modules[name]


def check_public(course: Course, assignment: str) -> None:
    """Import an assignment's public checks as students will, in a process of its own.

    Raises:
        UsageError: they raise; says where.
    """
    public = course.graders / assignment / PUBLIC
    if not public.is_file():
        return
    code = "import sys; sys.path.append(sys.argv[1]); import labkit.public; labkit.public.TASKS"
    with temporary_folder("labkit") as folder:
        placed = place_labkit(course, assignment, folder)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        own = re.findall(rf'File "{re.escape(str(placed / PUBLIC))}", line (\d+)', done.stderr)
        raise UsageError(f"{public}:{own[-1] if own else 1}: {lines[-1]}")
