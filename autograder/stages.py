"""One submission through its stages, each from the files of the one before: rebuilt, run, judged.

What is stored is used again as long as nothing that it depends on has changed; what is published is
published whole.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import hashlib
import importlib.metadata
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Assignment, Course, read_assignment
from autograder.data.prepared import digest as digest_of_data
from autograder.data.prepared import prepared, public_files
from autograder.errors import RoomError, Unreadable, UsageError
from autograder.graders import Grader, graders
from autograder.notebook import Rebuilt, rebuild
from autograder.records import (
    Run,
    Status,
    TaskVerdict,
    Verdict,
    publish,
    read_run,
    read_verdict,
    to_json,
)
from autograder.submitted import read_submission

PACKAGE = Path(__file__).parent
RUN_CODE = ("rooms", "labkit", "notebook.py", "questions.py")
JUDGE_CODE = ("judge", "architecture", "labkit", "artefacts.py", "questions.py")


class Overloaded(RoomError):
    """A submission ran out of time on an overloaded machine:
    that does not count, it is run again alone.
    """


@dataclass(frozen=True)
class Bench:
    """What all submissions of one assignment have in common."""

    course: Course
    assignment: Assignment
    template: Any  # the released notebook
    graders: dict[str, Grader]
    run_key: str  # hash of all that a run depends on, the submission excepted
    judge_key: str  # hash of all that a verdict depends on, the run excepted


def open_bench(course: Course, name: str) -> Bench:
    """Read everything that grading this assignment takes.

    Raises:
        UsageError: it is not released, or there are no graders for it.
    """
    assignment = read_assignment(course, name)
    found = graders(name, course.graders)
    asked = [_without_tests(grader.path.read_text(encoding="utf-8")) for grader in found.values()]
    versions = [importlib.metadata.version(package) for package in ("keras", "numpy", "tensorflow")]
    data = digest_of_data(prepared(course))
    run_key = _hash(
        assignment.template_path.read_bytes() + data,
        repr((asked, versions, dataclasses.asdict(course.limits))),
        *_contents(PACKAGE / part for part in RUN_CODE),
    )
    judge_key = _hash(
        repr((assignment.tasks, course.secret_seed)) + data.decode(),
        *_contents([course.graders / name, PACKAGE / "hints" / f"{name}.toml"]),
        *_contents(PACKAGE / part for part in JUDGE_CODE),
    )
    template = nbformat.read(assignment.template_path, as_version=4)
    return Bench(course, assignment, template, found, run_key, judge_key)


@contextlib.contextmanager
def open_rooms(course: Course) -> Iterator[Any]:
    """Warm rooms that see nothing of the course, wherever it lies."""
    from autograder.rooms.warm import warm_rooms

    names = (
        "source",
        "graders",
        "submitted",
        "autograded",
        "feedback",
        "data",
        "course.toml",
        "gradebook.db",
    )
    hidden = [path for name in names if (path := course.root / name).exists()]
    with warm_rooms(hidden=hidden, data=public_files(prepared(course))) as rooms:
        yield rooms


def settled(bench: Bench, student: str) -> Verdict | None:
    """The stored verdict on the student's submission,
    unless something that it depends on has changed since.
    """
    folder = bench.course.run_dir(bench.assignment.name, student)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if (folder / "judge.key").read_text(encoding="ascii") == bench.judge_key:
            verdict, run = _read(folder)
            key = run.key if run else verdict.key
            return verdict if key == submission_key(bench, student) else None
    return None


def stored_verdict(course: Course, assignment: str, student: str) -> Verdict:
    """The verdict as it lies there, whatever has changed since.

    Raises:
        UsageError: there is none.
    """
    folder = course.run_dir(assignment, student)
    try:
        return _read(folder)[0]
    except FileNotFoundError:
        raise UsageError(
            f"{folder} holds no verdict: grade it first (autograder grade {assignment})"
        ) from None


def ensure_verdict(bench: Bench, student: str, rooms: Any, *, alone: bool = True) -> Verdict:
    """The verdict on the student's submission, from the stored files as far as they still hold.

    Raises:
        RoomError: a room could not be opened or died for a reason that is ours; nothing is stored
            then.
        Overloaded: it ran out of time, but others were running (not `alone`) on more than the
            machine can do.
    """
    if (verdict := settled(bench, student)) is not None:
        return verdict
    try:
        rebuilt = rebuild(bench.template, read_submission(_present(bench, student)))
    except Unreadable as error:
        missing = not bench.course.submission(bench.assignment.name, student).exists()
        return _settle_without_run(
            bench, student, "missing" if missing else "unreadable", str(error)
        )
    ensure_run(bench, student, rebuilt, rooms, alone=alone)
    return judge_again(bench, student, rooms)


def ensure_run(
    bench: Bench, student: str, rebuilt: Rebuilt, rooms: Any, *, alone: bool = True
) -> Run:
    """The run of the student's submission; done now unless there is one of just this submission."""
    from autograder.rooms.student import run_submission

    folder = bench.course.run_dir(bench.assignment.name, student)
    key = submission_key(bench, student)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if (run := read_run(folder / "run.json")).key == key:
            return run
    seed = secrets.randbits(31)
    with _published_as(folder) as workplace:
        run = run_submission(
            rebuilt,
            bench.assignment.name,
            student,
            {task: grader.questions(seed) for task, grader in bench.graders.items()},
            {task: grader.needs for task, grader in bench.graders.items()},
            workplace,
            rooms,
            bench.course.limits,
            seed=seed,
            key=key,
        )
        late = any(
            status == "timeout"
            for status in (run.status, *(section.status for section in run.sections))
        )
        if late and not alone and os.getloadavg()[0] > 1.25 * (os.cpu_count() or 1):
            raise Overloaded(
                f"{student} ran out of time while the machine had more to do than it can"
            )
    return run


def judge_again(bench: Bench, student: str, rooms: Any) -> Verdict:
    """A new verdict from the stored answers; nothing of the student's is executed.

    Raises:
        UsageError: there are no answers to judge, or they belong to another version of the
            submission.
    """
    from autograder.judge.room import judge

    folder = bench.course.run_dir(bench.assignment.name, student)
    try:
        run = read_run(folder / "run.json")
    except FileNotFoundError:
        # unreadable or missing: there was nothing to run
        if (verdict := settled(bench, student)) is not None:
            return verdict
        raise UsageError(
            f"{folder} holds no run to judge; grade {student} without --regrade"
        ) from None
    if run.key.partition("-")[0] != submission_key(bench, student).partition("-")[0]:
        raise UsageError(
            f"the submission of {student} has changed since it was run; grade it without --regrade"
        )
    judge(folder, bench.assignment, rooms, bench.course)
    replace(folder / "judge.key", bench.judge_key)
    return _read(folder)[0]


def digest(course: Course, assignment: str, student: str) -> str:
    """Hash of what goes into the gradebook for the student:
    the verdict, and when it was handed in.
    """
    stamp = course.submission(assignment, student).with_name("timestamp.txt")
    verdict = course.run_dir(assignment, student) / "verdict.json"
    return _hash(*(path.read_bytes() if path.is_file() else b"" for path in (verdict, stamp)))


def submission_key(bench: Bench, student: str) -> str:
    """Hash of the submission and of everything else that its run depends on,
    with a dash between the two.
    """
    path = bench.course.submission(bench.assignment.name, student)
    if path.is_file() and not path.is_symlink():
        return f"{_hash(path.read_bytes())}-{bench.run_key}"
    return f"{_hash(repr(_beside(path)))}-{bench.run_key}"


def _read(folder: Path) -> tuple[Verdict, Run | None]:
    """The stored verdict, its seconds those of running and judging together,
    and the run, if anything ran.
    """
    verdict = read_verdict(folder / "verdict.json")
    if not (folder / "run.json").exists():
        return verdict, None
    run = read_run(folder / "run.json")
    return dataclasses.replace(verdict, seconds=round(run.seconds + verdict.seconds, 3)), run


def _present(bench: Bench, student: str) -> Path:
    path = bench.course.submission(bench.assignment.name, student)
    if not path.exists() and not path.is_symlink():
        found = _beside(path)
        instead = (
            f"the folder holds {', '.join(f'«{name}»' for name in found)}"
            if found
            else "the folder is empty"
        )
        raise Unreadable(
            f"expected a notebook «{path.name}», but {instead}. "
            "Hand it in again under the name it came with."
        )
    return path


def _beside(path: Path) -> list[str]:
    return (
        sorted(other.name for other in path.parent.iterdir())[:10] if path.parent.is_dir() else []
    )


def _settle_without_run(bench: Bench, student: str, status: Status, why: str) -> Verdict:
    tasks = tuple(TaskVerdict(task.id, 0.0, task.points, ()) for task in bench.assignment.graded)
    verdict = Verdict(
        assignment=bench.assignment.name,
        student=student,
        key=submission_key(bench, student),
        status=status,
        isolation="not needed: nothing was executed",
        score=0.0,
        max_score=sum(task.max_score for task in tasks),
        seconds=0.0,
        tasks=tasks,
        remarks=(why,),
    )
    folder = bench.course.run_dir(bench.assignment.name, student)
    with _published_as(folder) as workplace:
        workplace.mkdir(parents=True)
        replace(workplace / "judge.key", bench.judge_key)
        publish(workplace / "verdict.json", to_json(verdict))
    return verdict


@contextlib.contextmanager
def _published_as(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to work in, which takes its place once all is written;
    what stood there goes.
    """
    workplace = folder.with_name(f".{folder.name}-{secrets.token_hex(6)}")
    workplace.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield workplace
        stale = workplace.with_name(workplace.name + "-stale")
        with contextlib.suppress(FileNotFoundError):
            folder.rename(stale)
        # somebody else, with the same key, was first: theirs stays
        with contextlib.suppress(OSError):
            workplace.rename(folder)
        shutil.rmtree(stale, ignore_errors=True)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def replace(path: Path, text: str) -> None:
    """Write the file aside and rename it, so that nobody ever reads half of it."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _without_tests(source: str) -> str:
    """The part of a grader file that its questions can depend on: all but tests and docstrings."""
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return ast.unparse(tree)


def _contents(places: Iterable[Path]) -> Iterator[bytes]:
    """Names and bytes of all files in the places, in a fixed order."""
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                yield json.dumps(str(file.relative_to(place.parent))).encode()
                yield file.read_bytes()


def _hash(*parts: bytes | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]
