"""What goes to students: the released notebook, labkit with the assignment's public checks, and
what lies beside the notebook; as a folder and as a zip.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course, read_assignment
from autograder.desk import LABKIT, beside, check_public, place_labkit
from autograder.errors import UsageError
from autograder.files import contents, replacing, whole_copies, write
from autograder.proofs.proof import not_released

_IGNORED = shutil.ignore_patterns("__pycache__", ".*")
# what nbformat raises
_NO_NOTEBOOK = (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same zip whenever it is made


@dataclass(frozen=True)
class Handout:
    """What was made of an assignment."""

    folder: Path
    zip: Path
    files: int
    size: int  # bytes of the zip
    anew: str | None  # why its release was made anew; None where it was as it should be


def hand_out(course: Course, name: str, into: Path) -> Handout:
    """Make the folder and the zip of an assignment; where its source has changed, the release too.

    Raises:
        UsageError: there is no such assignment, its public checks raise, nbgrader refuses to
            release it, or something else is in the place.
    """
    from autograder.grading.gradebook import release

    if not os.path.isfile(course.source(name)):  # noqa: PTH113 — also of names too long for a path
        read_assignment(course, name)
    folder, archive = into / name, into / f"{name}.zip"
    _demand_free(course, name, folder)
    check_public(course, name)
    anew = stale(course, name)
    if anew is not None:
        release(course, name)
    read_assignment(course, name)
    template = course.template(name)
    place_labkit(course, name, template.parent)  # for nbgrader's exchange, which takes it there
    with replacing(folder) as made, whole_copies():
        made.chmod(0o755)
        shutil.copyfile(template, made / template.name)
        place_labkit(course, name, made)
        for path in beside(course, name):
            if path.is_dir():
                shutil.copytree(path, made / path.name, ignore=_IGNORED)
            else:
                shutil.copyfile(path, made / path.name)
    data = _zipped(folder)
    write(archive, data)
    return Handout(folder, archive, sum(1 for _ in contents([folder])), len(data), anew)


def stale(course: Course, name: str) -> str | None:
    """Why a release is not what its source gives; None where it is, or where there is no source.

    Raises:
        UsageError: the source is no notebook.
    """
    source, template = course.source(name), course.template(name)
    if not source.is_file():
        return None
    if not template.is_file():
        return "it was not released"
    wanted = _notebook(source)
    try:
        cell = not_released(wanted, _notebook(template), course)
    except UsageError as error:
        return str(error)
    if cell is not None:
        return f"the cell «{cell}» is not what the source gives"
    asked, given = (_beside(place.parent) for place in (source, template))
    changed = sorted(one for one in {*asked, *given} if asked.get(one) != given.get(one))
    return f"{changed[0]} is not what lies beside the source" if changed else None


def _notebook(path: Path) -> Any:
    try:
        return nbformat.read(path, as_version=4)
    except _NO_NOTEBOOK as error:
        raise UsageError(f"{path} is not a notebook ({error})") from None


def _beside(folder: Path) -> dict[str, bytes]:
    """The files beside a notebook."""
    places = (path for path in folder.glob("[!.]*") if path.name not in {LABKIT, "__pycache__"})
    kept = (path for path in places if path.suffix != ".ipynb")
    return {name: path.read_bytes() for name, path in contents(kept)}


def _demand_free(course: Course, name: str, folder: Path) -> None:
    """What is replaced must be something that was made here before."""
    own = [course.source(name), course.template(name), course.graders / name / name]
    if folder.resolve() in {path.parent.resolve() for path in own}:
        raise UsageError(f"{folder} is the course's own: say another folder by --into")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is no folder: move it away, or say another by --into")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / LABKIT).is_dir():
        raise UsageError(f"{folder} holds something else: move it away, or say another by --into")


def _zipped(folder: Path) -> bytes:
    """The folder as a zip, whose bytes depend on nothing but names and contents."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in contents([folder]):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix; read by all
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
