"""The judge room: runs the hidden graders on one run and adds up the points.
No student code runs in it.
"""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bench import Bench
from autograder.course import Assignment, Task
from autograder.data.prepared import digest_of, prepared
from autograder.errors import RoomError
from autograder.files import replacing, temporary_folder, write
from autograder.judge.endings import broken
from autograder.judge.hidden import derived_names, edition, sets_of
from autograder.judge.inside import not_run
from autograder.records import Check, Run, Status, TaskVerdict, Verdict, read_run, to_json
from autograder.rooms.seam import Rooms

TARGET = "autograder.judge.inside:run_graders"
READY = "autograder.judge.hidden:make_ready"
_DRAWING = threading.Lock()
SECONDS = 300  # for all graders of one run; as a rule they take two


class Lost(RoomError):
    """A judge room was killed by somebody outside: no task of the run is at fault."""


@dataclass(frozen=True)
class Judged:
    """What came of judging a task: its checks, and the other tasks that were looked at."""

    checks: tuple[Check, ...]
    leans: tuple[str, ...] | None = None


def judge(
    run_dir: Path, bench: Bench, rooms: Rooms, taken: Mapping[str, TaskVerdict] | None = None
) -> Verdict:
    """Judge a run and write its verdict.json; an earlier one, by other graders, is replaced.

    Tasks that are `taken` are judged already: on the same answers, by the same graders.

    Raises:
        RoomError: no judge room gave an answer.
    """
    started = time.perf_counter()
    run = read_run(run_dir / "run.json")
    payload = {
        "run_dir": str(run_dir.resolve()),
        "graders": str(bench.hidden.folder.resolve()),
        "desk": str(bench.desk),
        "tasks": [task.id for task in bench.assignment.graded if task.id not in (taken or {})],
        "taken": {
            task: [dataclasses.asdict(check) for check in found.checks]
            for task, found in (taken or {}).items()
        },
        "secret": bench.course.secret_seed,
        "data": str(prepared(bench.course) or ""),
    }
    judged: dict[str, Judged | TaskVerdict] = {**(taken or {}), **_checks(payload, bench, rooms)}
    verdict = dataclasses.replace(
        add_up(run, bench.assignment, judged), seconds=round(time.perf_counter() - started, 3)
    )
    write(run_dir / "verdict.json", to_json(verdict))
    return verdict


def add_up(run: Run, assignment: Assignment, judged: Mapping[str, Judged | TaskVerdict]) -> Verdict:
    """The verdict that the checks of each task come to:
    a task's points, shared out among its checks by weight.
    """
    tasks = tuple(
        _task_verdict(task, judged.get(task.id, Judged(()))) for task in assignment.graded
    )
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
        incidents=run.incidents,
    )


def _checks(payload: dict[str, Any], bench: Bench, rooms: Rooms) -> dict[str, Judged]:
    """All checks; if judging all tasks together kills the room, each alone, so that only the
    culprit is held back.
    """
    try:
        return _read(_call(payload, bench, rooms))
    except Lost:
        raise
    except RoomError:
        alone = {task: _alone(task, payload, bench, rooms) for task in payload["tasks"]}
        if len(alone) == sum(isinstance(result, RoomError) for result in alone.values()):
            raise  # it isn't the answers
        return {
            task: (
                Judged((broken(not_run("grader"), str(result)),))
                if isinstance(result, RoomError)
                else result
            )
            for task, result in alone.items()
        }


def _alone(task: str, payload: dict[str, Any], bench: Bench, rooms: Rooms) -> Judged | RoomError:
    try:
        return _read(_call({**payload, "tasks": [task]}, bench, rooms))[task]
    except Lost:
        raise
    except RoomError as error:
        return error


def _call(payload: Mapping[str, Any], bench: Bench, rooms: Rooms) -> Mapping[str, Any]:
    store = _hidden(payload, bench, rooms)
    seen = (Path(payload["run_dir"]), bench.hidden.folder, bench.desk, store, *_real(payload))
    called = {**payload, "store": str(store)}
    with temporary_folder("judge", spacious=True) as folder:
        answer: Mapping[str, Any] = _answer(TARGET, called, folder, seen, bench, rooms)
    return answer


def _hidden(payload: Mapping[str, Any], bench: Bench, rooms: Rooms) -> Path:
    """The folder with the hidden data; they are drawn once, in a judge room that holds nothing of
    any student.
    """
    sets = sets_of(bench.hidden.calibration)
    closed = bench.course.runs.resolve() / ".judge"
    real = digest_of(prepared(bench.course))
    store = closed / edition(payload["secret"], sets, bench.desk, real, bench.hidden.folder)
    with _DRAWING:
        if not store.exists():
            closed.mkdir(mode=0o700, parents=True, exist_ok=True)
            with temporary_folder("drawn", spacious=True) as drawn, replacing(store) as made:
                asked = {**payload, "sets": sets}
                seen = (bench.desk, bench.hidden.folder, *_real(payload))
                wanted = sets or derived_names(bench.hidden.folder)
                for name in _answer(READY, asked, drawn, seen, bench, rooms) if wanted else ():
                    # copies belong to us again, not to the room's user
                    shutil.copyfile(drawn / name, made / name)
                made.chmod(0o755)  # the folder above is closed; a room sees just this one
    return store


def _real(payload: Mapping[str, Any]) -> tuple[Path, ...]:
    """What the judge room sees of the course's real data, where there is some; the folder around it
    is closed.
    """
    data = payload["data"]
    return (Path(data, "public"), Path(data, "hidden")) if data else ()


def _answer(
    target: str,
    payload: Mapping[str, Any],
    folder: Path,
    seen: Sequence[Path],
    bench: Bench,
    rooms: Rooms,
) -> Any:
    """What our own function answers in a judge room around `folder`."""
    # a large backbone takes some 50 ms an image
    seconds = 4 * SECONDS if bench.course.settings.backbone else SECONDS
    for _ in range(2):  # nothing in there ends its own room: who kills it came from outside
        called = rooms.call(
            target, dict(payload), folder, bench.course.limits, seconds=seconds, readable=seen
        )
        if called.value is not None or not called.ended.from_outside:
            break
    if called.value is None:
        kind = Lost if called.ended.from_outside else RoomError
        raise kind(
            f"the judge room ended without an answer ({called.ended.reason}): {called.log[-500:]}"
        )
    return called.value


def _read(answer: Mapping[str, Any]) -> dict[str, Judged]:
    return {
        task: Judged(tuple(Check(**check) for check in found["checks"]), tuple(found["leans"]))
        for task, found in answer.items()
    }


def _task_verdict(task: Task, judged: Judged | TaskVerdict) -> TaskVerdict:
    checks = judged.checks
    total = sum(check.weight for check in checks)
    passed = sum(check.weight for check in checks if check.ending == "passed")
    score = round(task.points * passed / total, 4) if total > 0 else 0.0
    return TaskVerdict(task.id, score, task.points, checks, judged.leans)


def _status(run: Run, tasks: tuple[TaskVerdict, ...]) -> Status:
    if run.status == "graded" and any(
        check.ending == "broken" for task in tasks for check in task.checks
    ):
        return "needs_review"
    return run.status
