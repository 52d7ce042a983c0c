"""The judge room: runs the hidden graders on one run and adds up the points.
No student code runs in it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Assignment, Course, Task
from autograder.data.prepared import digest, prepared, use
from autograder.errors import RoomError
from autograder.judge.calibration import calibration_records
from autograder.judge.endings import Claim, broken
from autograder.judge.hidden import edition
from autograder.judge.plugin import Judging
from autograder.records import Check, Run, Status, TaskVerdict, Verdict, read_run, to_json

TARGET = "autograder.judge.room:run_graders"
READY = "autograder.judge.hidden:make_ready"
_DRAWING = threading.Lock()
SECONDS = 300  # for all graders of one run; as a rule they take two
_UNUSED = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "stepwise",
    "terminal",
    "threadexception",
    "unraisableexception",
)
_OPTIONS = (
    "--noconftest",
    "--assert=plain",
    "--capture=no",
    "--import-mode=importlib",
    f"--config-file={os.devnull}",
)


def judge(run_dir: Path, assignment: Assignment, rooms: Any, settings: Course) -> Verdict:
    """Judge a run and write its verdict.json; an earlier one, by other graders, is replaced.

    `rooms` are warm rooms, or None for a process of its own without a sandbox (by hand, and in
    tests).
    """
    started = time.perf_counter()
    run = read_run(run_dir / "run.json")
    payload = {
        "run_dir": str(run_dir.resolve()),
        "graders": str(settings.graders.resolve() / assignment.name),
        "tasks": [task.id for task in assignment.graded],
        "secret": settings.secret_seed,
        "calibration": calibration_records(assignment.name, settings.root / "calibration"),
        "data": str(prepared(settings) or ""),
    }
    checks = _checks(payload, rooms, settings)
    verdict = dataclasses.replace(
        add_up(run, assignment, checks), seconds=round(time.perf_counter() - started, 3)
    )
    _replace(run_dir / "verdict.json", to_json(verdict))
    return verdict


def add_up(run: Run, assignment: Assignment, checks: Mapping[str, Iterable[Check]]) -> Verdict:
    """The verdict that the checks of each task come to:
    a task's points, shared out among its checks by weight.
    """
    tasks = tuple(_task_verdict(task, tuple(checks.get(task.id, ()))) for task in assignment.graded)
    return Verdict(
        assignment=run.assignment,
        student=run.student,
        key=run.key,
        status=_status(run, tasks),
        isolation=run.isolation,
        score=round(sum(task.score for task in tasks), 4),
        max_score=round(sum(task.max_score for task in tasks), 4),
        seconds=0.0,
        tasks=tasks,
        remarks=run.remarks,
    )


def run_graders(payload: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Run the grader files of the tasks on the run: {task: its checks}. Both sides are JSON values.

    This is what a fork of the warm judge room calls: Keras is imported there, but not yet in use.
    """
    os.environ.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", CUDA_VISIBLE_DEVICES="-1")
    # the same bits on any machine
    os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    use(payload.get("data"))
    run_dir, folder = Path(payload["run_dir"]), Path(payload["graders"])
    files = {task: folder / f"{task}.py" for task in payload["tasks"]}
    there = [str(path) for path in files.values() if path.exists()]
    run = read_run(run_dir / "run.json")
    judging = Judging(
        run_dir, run, payload["secret"], Path(payload.get("store", ".")), payload["calibration"]
    )
    unused = [f"-pno:{name}" for name in _UNUSED]
    known = set(sys.modules)
    if there:
        pytest.main([*there, f"--rootdir={folder}", *_OPTIONS, *unused], plugins=[judging])
    # pytest would take them for the graders of another folder
    for name in set(sys.modules) - known:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(f"{folder}{os.sep}"):
            del sys.modules[name]
    return {
        task: [dataclasses.asdict(check) for check in _complete(task, judging, folder)]
        for task in files
    }


def _complete(task: str, judging: Judging, folder: Path) -> list[Check]:
    """The checks of a task; one that was collected and left no record is broken,
    and so is a task without checks.
    """
    checks = list(judging.checks.get(task, ()))
    silent = judging.collected.get(task, set()) - {check.check for check in checks}
    checks += [
        broken(_no_claim(folder.name, name), "the check left no record") for name in sorted(silent)
    ]
    if task in judging.problems or not checks:
        why = judging.problems.get(task, f"there is no grader {task}.py in {folder.name}")
        checks.append(broken(_no_claim(folder.name, "grader"), why))
    return checks


def _no_claim(assignment: str, check: str) -> Claim:
    return Claim(assignment, check, 1.0, "The grader of this task can be run.")


def _checks(payload: dict[str, Any], rooms: Any, settings: Course) -> dict[str, list[Check]]:
    """All checks; if judging all tasks together kills the room, each alone,
    so that only the culprit is held back.
    """
    try:
        return _read(_call(payload, rooms, settings))
    except RoomError:
        alone = {task: _alone(task, payload, rooms, settings) for task in payload["tasks"]}
        if len(alone) == sum(isinstance(result, RoomError) for result in alone.values()):
            raise  # it isn't the answers
        assignment = Path(payload["graders"]).name
        return {
            task: (
                [broken(_no_claim(assignment, "grader"), str(result))]
                if isinstance(result, RoomError)
                else result
            )
            for task, result in alone.items()
        }


def _alone(
    task: str, payload: dict[str, Any], rooms: Any, settings: Course
) -> list[Check] | RoomError:
    try:
        return _read(_call({**payload, "tasks": [task]}, rooms, settings))[task]
    except RoomError as error:
        return error


def _call(payload: Mapping[str, Any], rooms: Any, settings: Course) -> Mapping[str, Any]:
    if rooms is None:
        return _call_process(payload)
    store = _hidden(payload, rooms, settings)
    seen = (Path(payload["run_dir"]), Path(payload["graders"]), store, *_real(payload))
    answer: Mapping[str, Any] = _answer(
        TARGET, {**payload, "store": str(store)}, rooms, settings, seen
    )
    return answer


def _hidden(payload: Mapping[str, Any], rooms: Any, settings: Course) -> Path:
    """The folder with the hidden scenes; they are drawn once,
    in a judge room that holds nothing of any student.
    """
    records = [record for record in payload["calibration"].values() if "scenes" in record]
    sets = sorted(
        {(record.get("collection", "shapes"), record["scenes"]) for record in records}
        | {(collection, n) for record in records for collection, n in record.get("also", ())}
    )
    closed = settings.runs.resolve() / ".judge"
    store = closed / edition(payload["secret"], sets, digest(prepared(settings)))
    with _DRAWING:
        if not store.exists():
            closed.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="drawn-", ignore_cleanup_errors=True) as drawn:
                asked = {"sets": sets, "secret": payload["secret"], "data": payload["data"]}
                made = _answer(READY, asked, rooms, settings, _real(payload), Path(drawn))
                aside = Path(tempfile.mkdtemp(dir=closed))
                for name in made:  # copies belong to us again, not to the room's user
                    shutil.copyfile(Path(drawn) / name, aside / name)
            aside.chmod(0o755)  # the folder above is closed; the judge room sees just this one
            with contextlib.suppress(OSError):  # another process was first
                aside.rename(store)
    return store


def _real(payload: Mapping[str, Any]) -> tuple[Path, ...]:
    """What the judge room sees of the course's real data,
    where there is some; the folder around it is closed.
    """
    return (
        (Path(payload["data"], "public"), Path(payload["data"], "hidden"))
        if payload["data"]
        else ()
    )


def _answer(
    target: str,
    payload: Mapping[str, Any],
    rooms: Any,
    settings: Course,
    seen: Sequence[Path],
    folder: Path | None = None,
) -> Any:
    """What our own function answers in a judge room around `folder`,
    or around one for this call only.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="judge-", ignore_cleanup_errors=True) as own:
            return _answer(target, payload, rooms, settings, seen, Path(own))
    # an image takes VGG16 some 50 ms
    seconds = SECONDS if settings.backbone == "minivgg" else 4 * SECONDS
    called = rooms.call(
        target, dict(payload), folder, settings.limits, seconds=seconds, readable=seen
    )
    if called.value is None:
        raise RoomError(
            f"the judge room ended without an answer ({called.ended.reason}): {called.log[-500:]}"
        )
    return called.value


def _call_process(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    command = [sys.executable, "-P", "-m", "autograder.judge.room"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(payload),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RoomError(f"the graders ran for longer than {SECONDS} s and were stopped") from None
    if done.returncode != 0:
        raise RoomError(
            f"the graders ended with exit status {done.returncode}: {done.stderr[-500:]}"
        )
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def _read(answer: Mapping[str, Any]) -> dict[str, list[Check]]:
    return {task: [Check(**check) for check in checks] for task, checks in answer.items()}


def _task_verdict(task: Task, checks: tuple[Check, ...]) -> TaskVerdict:
    total = sum(check.weight for check in checks)
    passed = sum(check.weight for check in checks if check.ending == "passed")
    return TaskVerdict(
        task.id, round(task.points * passed / total, 4) if total > 0 else 0.0, task.points, checks
    )


def _status(run: Run, tasks: tuple[TaskVerdict, ...]) -> Status:
    if run.status == "graded" and any(
        check.ending == "broken" for task in tasks for check in task.checks
    ):
        return "needs_review"
    return run.status


def _replace(path: Path, text: str) -> None:
    """Written aside and renamed, so that nobody ever reads half a verdict."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(aside).replace(path)


def _main() -> None:
    """A payload on standard input, the checks on standard output;
    whatever else is printed goes to standard error.
    """
    out = os.dup(1)
    os.dup2(2, 1)
    answer = json.dumps(run_graders(json.load(sys.stdin)))
    with os.fdopen(out, "w") as stream:
        stream.write(answer)


if __name__ == "__main__":
    _main()
