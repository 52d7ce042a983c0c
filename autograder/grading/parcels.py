"""What travels to the workers of a cluster and back: archives of plain files.

There go the course, once a worker, and a job for each submission; home comes a run. What is
unpacked is foreign: plain files of limited size and number, or nothing.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

import nbformat

from autograder.bench import Bench
from autograder.course import Course
from autograder.data.prepared import prepared
from autograder.errors import RunRefused
from autograder.files import contents, named
from autograder.grading.stages import Due, Job
from autograder.showing import shown
from autograder.submissions.rebuilding import Rebuilt, sections

MOST_FILES = 50_000
_BLOCK, _LONGEST = 1 << 20, 255
_JOB, _RUN = "job.json", "run"


def pack_course(course: Course, benches: Iterable[Bench], stream: IO[bytes]) -> None:
    """All of a course that grading these assignments takes, each part where courses have it unless
    told otherwise: no solution, no submission, no gradebook, no configuration of nbgrader's.
    """
    settings = course.root / "course.toml"
    places = [("labkit_course", course.labkit)]
    for bench in benches:
        places.append((f"release/{bench.name}", course.template(bench.name).parent))
        places.append((f"graders/{bench.name}", course.graders / bench.name))
    if data := prepared(course):
        places.append(("data", data))
    with _archive(stream) as tar:
        said = settings.read_bytes() if settings.is_file() else b""
        _add(tar, "course.toml", io.BytesIO(said), len(said))
        for name, place in places:
            for _, file in contents([place] if place.is_dir() else []):
                _add_file(tar, f"{name}/{file.relative_to(place).as_posix()}", file)


def pack_job(job: Job, stored: Path) -> bytes:
    """A job, and the stored run where answers of it are judged or kept."""
    rebuilt, stream = job.rebuilt, io.BytesIO()
    data = {
        "student": job.student,
        "do": job.due.do,
        "reasons": job.due.reasons,
        "tasks": job.due.tasks,
        "parts": job.parts,
        "notebook": rebuilt and rebuilt.notebook,
        "remarks": rebuilt and rebuilt.remarks,
        "incidents": rebuilt and rebuilt.incidents,
    }
    said = json.dumps(data).encode()
    with _archive(stream) as tar:
        _add(tar, _JOB, io.BytesIO(said), len(said))
        if job.due.do != "run":
            _add_run(tar, stored, f"{_RUN}/")
    return stream.getvalue()


def read_job(folder: Path) -> tuple[Job, Path | None]:
    """The job in an unpacked parcel, and the folder of the stored run that came with it."""
    data: dict[str, Any] = json.loads((folder / _JOB).read_text(encoding="utf-8"))
    rebuilt = None
    if data["notebook"] is not None:
        notebook = nbformat.from_dict(data["notebook"])
        said = (tuple(data["remarks"]), tuple(data["incidents"]))
        rebuilt = Rebuilt(notebook, sections(notebook), *said)
    due = Due(data["do"], tuple(data["reasons"]), tuple(data["tasks"]))
    stored = folder / _RUN
    job = Job(data["student"], due, rebuilt, data["parts"])
    return job, stored if stored.is_dir() else None


def pack_run(folder: Path, stream: IO[bytes]) -> None:
    """All files of a run."""
    with _archive(stream) as tar:
        _add_run(tar, folder)


def unpack(archive: Path, folder: Path, most_bytes: int) -> None:
    """Put what an archive holds into a folder.

    Raises:
        RunRefused: it holds anything but plain files of plain names, or too much.
        OSError: they can't be written.
    """
    try:
        with archive.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            for number, member in enumerate(tar):
                if number >= MOST_FILES:
                    raise RunRefused(f"it holds more than {MOST_FILES:,} files")
                most_bytes -= _extract(tar, member, folder, most_bytes)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise RunRefused(f"it is no archive: {shown(error)}") from None


def _archive(stream: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT)


def _add_run(tar: tarfile.TarFile, folder: Path, before: str = "") -> None:
    for file in _files(folder):
        _add_file(tar, f"{before}{file.relative_to(folder).as_posix()}", file)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))


def _add_file(tar: tarfile.TarFile, name: str, file: Path) -> None:
    with file.open("rb") as stream:
        _add(tar, name, stream, os.fstat(stream.fileno()).st_size)


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes], size: int) -> None:
    """With nothing but name and size in its head: the same files are the same archive."""
    head = tarfile.TarInfo(name)
    head.size = size
    tar.addfile(head, stream)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, most: int) -> int:
    name = PurePosixPath(member.name)
    plain = member.isreg() and not member.issparse() and not name.is_absolute()
    long = any(len(part.encode()) > _LONGEST for part in name.parts)
    if not plain or long or not name.parts or {"..", "\0"} & {*name.parts, *member.name}:
        raise RunRefused(f"«{shown(member.name)}» is no plain file")
    if member.size > most:
        raise RunRefused("it holds more bytes than a run may")
    target, source = folder / name, tar.extractfile(member)
    assert source is not None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with named(target), target.open("xb") as copy:
            while block := source.read(_BLOCK):
                copy.write(block)
    except (FileExistsError, NotADirectoryError):
        raise RunRefused(f"«{shown(member.name)}» is there twice") from None
    return member.size
