"""What this machine can do for grading, looked up and tried out,
each line with what to do where it falls short.
"""

from __future__ import annotations

import collections
import dataclasses
import importlib.util
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from autograder.cli.walls import read_machine, walls
from autograder.course import DEFAULT_SEED, LEVELS, Course, find_course
from autograder.errors import AutograderError, NoCourse, UsageError
from autograder.faults import advice_on
from autograder.grading.address import FILE, address, demand_driver, nbgrader_config, shown_address
from autograder.rooms import libraries
from autograder.rooms.backend import (
    NAMES,
    Backend,
    judges_backend,
    students_backend,
    version,
)
from autograder.rooms.cards import allotment, driver_folders, find_cards, missing
from autograder.showing import shown

_MANY_MODULES: dict[Backend, str] = {"tensorflow": "python/framework", "jax": "_src"}
_WITHOUT = (
    "mend it before nbgrader's own commands are used: they go on without it, and run what students"
    " wrote outside of all rooms"
)
ROOM_BYTES = 1.5e9  # of memory that one submission's room may well need
FREE_BYTES = 5e9  # of disk that runs, notebooks and pages of a class take


@dataclass(frozen=True)
class Finding:
    """One thing that was looked up: how it is, whether that will do,
    and what helps where it won't.
    """

    what: str
    found: str
    good: bool
    remedy: str = ""
    instead: str = ""  # what makes up for it

    @property
    def mark(self) -> Text:
        """One of three."""
        if self.good:
            return Text("✔ ok", style="green")
        return Text("– made up for") if self.instead else Text("✘ look", style="bold red")


@click.command("doctor")
@click.option(
    "--no-rooms",
    is_flag=True,
    help="Don't open a room to try how closed it is (saves a second or two).",
)
def doctor_command(no_rooms: bool) -> None:
    """Say what this machine can do, and what is missing.

    Exit status 0 if everything will do, else 1.
    """
    console = Console()
    findings = list(_findings(rooms=not no_rooms))
    for finding in findings:
        _show(finding, console)
    if not all(finding.good or finding.instead for finding in findings):
        raise SystemExit(1)


def _show(finding: Finding, console: Console) -> None:
    """Mark, name and what was found side by side; what helps on a line of its own, to be copied."""
    row = Table.grid(Column(width=13), Column(width=12), Column(), padding=(0, 2, 0, 0))
    by = f"; by {finding.instead}" if finding.instead else ""
    row.add_row(finding.mark, Text(finding.what), Text(finding.found + by))
    console.print(row)
    if not finding.good and finding.remedy:
        console.print(Text(f"   → {finding.remedy}", style="yellow"), soft_wrap=True)


def _findings(*, rooms: bool) -> Iterator[Finding]:
    yield _python()
    yield from _packages()
    yield _processors()
    try:
        course = find_course(Path.cwd())
    except NoCourse:
        course = Course(Path.cwd())
        found = f"none at {course.root}: demo and verify bring their own"
        yield Finding("course", found, good=True)
    except UsageError as error:
        course = Course(Path.cwd())
        yield Finding("course", str(error), good=False, remedy="see docs/instructor.md")
    else:
        yield from _course(course)
    yield _disk(course.root)
    backend = _backend(course)
    yield backend
    if backend.good:
        yield _bytecode(students_backend(course.settings.rooms.backend))
    yield _libraries(course)
    gpu = _gpu(course)
    if rooms and backend.good:
        yield from _isolation(_bare(course))
        gpu = _seen(course, gpu) if gpu.good else gpu
    yield gpu


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python",
        f"{version} in {sys.prefix}",
        sys.version_info >= (3, 11),
        "use Python 3.11 or newer",
    )


def _packages() -> Iterator[Finding]:
    for package in ("keras", "nbgrader"):
        found = version(package)
        remedy = "make setup, or install autograder anew"
        yield Finding(package, found or "not installed", bool(found), remedy)


def _backend(course: Course) -> Finding:
    """What Keras computes with, in students' rooms and in the judge's."""
    try:
        ours, judges = students_backend(course.settings.rooms.backend), judges_backend()
    except UsageError as error:
        return Finding("backend", str(error), good=False)
    found = f"{NAMES[ours]} {version(ours)}"
    if judges != ours:
        found += f" in students' rooms, {NAMES[judges]} {version(judges)} in the judge's"
    return Finding("backend", found, good=True)


def _bytecode(backend: Backend) -> Finding:
    """Without compiled bytecode an import of TensorFlow takes 13 s
    of processor time instead of 5.
    """
    spec = importlib.util.find_spec(backend)  # finds, does not import
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / _MANY_MODULES[backend]
    sources = {path.stem for path in folder.glob("*.py")}
    compiled = {
        path.name.split(".")[0]
        for path in folder.glob(f"__pycache__/*.{sys.implementation.cache_tag}.pyc")
    }
    share = len(sources & compiled) / max(len(sources), 1)
    remedy = f"{sys.executable} -m compileall -q -j 0 {Path(spec.origin).parents[1]}"
    return Finding(
        "bytecode", f"{share:.0%} of a sample of {NAMES[backend]} is compiled", share > 0.9, remedy
    )


def _processors() -> Finding:
    import psutil

    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total
    fits = max(1, int((memory - 2e9) / ROOM_BYTES))
    found = f"{cores} cores, {memory / 1e9:.0f} GB: up to {min(cores, fits)} submissions at a time"
    return Finding(
        "machine",
        found,
        fits >= cores,
        f"grade with --jobs {fits}: more rooms do not fit into the memory",
    )


def _course(course: Course) -> Iterator[Finding]:
    names = course.assignments()
    yield Finding(
        "course",
        f"{course.root}: {', '.join(names) or 'nothing released'}",
        bool(names),
        "autograder release",
    )
    own = course.secret_seed != DEFAULT_SEED
    seed = (
        "your own"
        if own
        else "the default, which anyone can know: set your own in course.toml to grade for real"
    )
    yield Finding("secret seed", seed, good=True)
    yield from _gradebook(course)


def _gradebook(course: Course) -> Iterator[Finding]:
    try:
        nbgrader_config(course)
    except UsageError as error:
        yield Finding("gradebook", str(error), good=False, remedy=_WITHOUT)
        return
    try:
        url = address(course)
    except UsageError as error:
        yield Finding("gradebook", str(error), good=False)
        return
    if not url.startswith(FILE):
        yield _of_server(url)
    elif (path := Path(url.removeprefix(FILE))).exists():
        yield _in_file(path)


def _of_server(url: str) -> Finding:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError

    place, remedy = shown_address(url), "see docs/operator.md, «A gradebook on PostgreSQL»"
    try:
        demand_driver(url)
        with create_engine(url).connect() as connection:
            version = connection.scalar(text("SELECT version()"))
    except (AutograderError, SQLAlchemyError) as error:
        return Finding("gradebook", f"{place}: {shown(error, 200)}", good=False, remedy=remedy)
    return Finding("gradebook", f"{place}: {shown(version, 40)}", good=True)


def _in_file(path: Path) -> Finding:
    try:
        with sqlite3.connect(f"file:{quote(str(path))}?mode=ro", timeout=1, uri=True) as database:
            sound = database.execute("PRAGMA quick_check").fetchone()[0]
            count = database.execute("SELECT count(*) FROM submitted_assignment")
            submissions = count.fetchone()[0]
    except sqlite3.Error as error:
        return Finding(
            "gradebook",
            f"{path}: {error}",
            good=False,
            remedy=advice_on(error) or "restore it from a copy, or grade into a new one",
        )
    return Finding(
        "gradebook",
        f"{path}: {submissions} submissions, check: {sound}",
        sound == "ok",
        "restore a copy of it",
    )


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free
    return Finding(
        "disk",
        f"{free / 1e9:.1f} GB free at {root}",
        free > FREE_BYTES,
        f"{FREE_BYTES / 1e9:.0f} GB are wanted",
    )


def _libraries(course: Course) -> Finding:
    """What students may import besides the standard library and the backend."""
    promised = course.settings.rooms.libraries
    versions = {name: version(name) for name in promised}
    found = ", ".join(f"{name} {versions[name] or 'is missing'}" for name in promised)
    absent = libraries.missing(promised)
    return Finding("libraries", found or "none listed", not absent, libraries.installing(absent))


def _bare(course: Course) -> Course:
    """The same course: walls stand without cards and libraries as well."""
    rooms = dataclasses.replace(course.settings.rooms, gpu="none", libraries=())
    return Course(course.root, dataclasses.replace(course.settings, rooms=rooms))


def _gpu(course: Course, top: Path = Path("/")) -> Finding:
    """Which GPUs rooms get, before any room is opened."""
    gpu = course.settings.rooms.gpu
    try:
        cards, wanted = find_cards(top), allotment(gpu, course.jobs, top)
    except UsageError as error:
        return Finding("GPU", str(error), good=False)
    if not cards:
        return Finding("GPU", missing(top), good=True)
    models = collections.Counter(card.name for card in cards)
    found = ", ".join(f"{many} × {name}" for name, many in models.items())
    if wanted is None:
        return Finding("GPU", f"{found}, not used: [rooms] gpu is «none»", good=True)
    rooms = "1 room" if wanted.rooms == 1 else f"{wanted.rooms} rooms"
    return Finding("GPU", f"{found}, {rooms} at a time", good=True)


def _seen(course: Course, gpu: Finding) -> Finding:
    """What the framework sees of the GPUs in a room, where rooms get some."""
    from autograder.grading.stages import open_rooms
    from autograder.rooms.canaries import look_at_gpus
    from autograder.rooms.warm import WarmRooms

    if allotment(course.settings.rooms.gpu, course.jobs) is None:
        return gpu
    try:
        with open_rooms(course, warm=False) as rooms, rooms.seat() as seated:
            assert not isinstance(seated, WarmRooms)
            computing, name = look_at_gpus(seated), NAMES[rooms.backend]
    except AutograderError as error:
        return Finding("GPU", f"{gpu.found}; no room opened: {error}", good=False)
    if computing.trouble or not computing.seen:
        found = f"{gpu.found}, and {name} sees none in a room: {computing.trouble}"
        return Finding("GPU", found, good=False, remedy=_cuda(rooms.backend))
    found = f"{gpu.found}, seen by {name} in a room as {', '.join(computing.seen)}"
    return Finding("GPU", found, good=True)


def _cuda(backend: Backend) -> str:
    """The first that is missing of what CUDA takes."""
    if not driver_folders():
        return (
            "libcuda.so.1 is missing, which comes with the driver; in a container: docker run"
            " --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility"
        )
    if not Path("/dev/nvidia-uvm").exists():
        return "sudo nvidia-modprobe -u -c 0, which makes /dev/nvidia-uvm"
    return {
        "tensorflow": "pip install 'tensorflow[and-cuda]'",
        "jax": "pip install 'jax[cuda13]'; with a driver before 580: 'jax[cuda12]'",
    }[backend]


def _isolation(course: Course) -> Iterator[Finding]:
    from autograder.grading.stages import open_rooms

    try:
        with open_rooms(course, warm=False) as rooms:
            facts = rooms.layers
    except AutograderError as error:
        yield Finding("rooms", str(error), good=False)
        return
    level = facts["isolation"].partition(":")[0]
    enough = level in LEVELS and LEVELS.index(level) >= LEVELS.index(course.isolation)
    remedy = f"the course demands «{course.isolation}»: see the lines below, or grade elsewhere"
    yield Finding("isolation", facts["isolation"], enough, remedy)
    for wall in walls(facts, read_machine()):
        yield Finding(f"  {wall.name}", wall.found, wall.stands, wall.remedy, wall.instead)
