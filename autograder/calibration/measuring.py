"""Trains references and weak solutions, a process each, and makes the records of them."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.calibration.evidence import read_trained, record
from autograder.calibration.plan import KINDS, Plan, Solution, edition, plan_path, sources
from autograder.course import Course
from autograder.data.prepared import prepared
from autograder.desk import desk
from autograder.errors import CalibrationError
from autograder.progress import progress_bar
from autograder.rooms.backend import PACKAGES, Backend, students_backend, version

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC")


@dataclass(frozen=True)
class Training:
    """One training run that is wanted, and the file of its scores."""

    kind: str  # "reference" or one of KINDS
    name: str
    solution: Solution
    seed: int
    file: Path


def measured(
    course: Course, name: str, plan: Plan, seeds: int, jobs: int, console: Console
) -> dict[str, Any]:
    """The record of one task: trains what is not trained yet, and scores it.

    Raises:
        CalibrationError: a training failed.
    """
    code = sources(course, name, plan)
    backend = students_backend(course.settings.rooms.backend)
    wanted = list(_trainings(course, name, plan, code, seeds, backend))
    with progress_bar(console) as progress, ThreadPoolExecutor(jobs) as pool:
        bar = progress.add_task(f"calibrate {plan.task}", total=len(wanted))
        place = {
            "plan": str(plan_path(course, name).resolve()),
            "desk": str(desk(course, name)),
            "data": str(prepared(course) or ""),
        }
        waiting = [pool.submit(_train, one, plan, code, place, backend) for one in wanted]
        try:
            for done in as_completed(waiting):
                done.result()
                progress.advance(bar)
        except BaseException:  # Ctrl-C too: what waits is not begun; what is trained stays
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    trained = {
        kind: [read_trained(one.name, one.file) for one in wanted if one.kind == kind]
        for kind in ("reference", *KINDS)
    }
    found: dict[str, Any] = record(plan, edition(course, plan, code), trained)
    found["record"] |= {
        "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": {
            library: version(library) for library in ("keras", *PACKAGES[backend], "numpy")
        },
    }
    return found


def untrained(course: Course, name: str, plan: Plan, seeds: int) -> list[Training]:
    """What `measured` would train."""
    code, backend = sources(course, name, plan), students_backend(course.settings.rooms.backend)
    return [
        one for one in _trainings(course, name, plan, code, seeds, backend) if not one.file.exists()
    ]


def processor_seconds(due: Sequence[Training], found: Mapping[str, Any]) -> float | None:
    """What these trainings will take by an earlier record of the task; None without one."""
    runs = found.get("record", {})
    known = {name: one for kind in KINDS for name, one in runs.get(kind, {}).items()}
    reference = [one["processor_seconds"] for one in runs.get("reference", [])]
    if not reference:
        return None
    usual = sum(reference) / len(reference)
    return float(sum(known.get(one.name, {}).get("processor_seconds", usual) for one in due))


def _trainings(
    course: Course, name: str, plan: Plan, code: list[str], seeds: int, backend: Backend
) -> Iterator[Training]:
    folder = course.runs / "calibration" / name
    folder.mkdir(parents=True, exist_ok=True)
    solutions = [("reference", "", Solution(seeds=seeds))]
    solutions += [(kind, *pair) for kind in KINDS for pair in getattr(plan, kind).items()]
    for kind, label, solution in solutions:
        key = edition(course, plan, code, solution) + ("" if backend == "tensorflow" else backend)
        for seed in range(solution.seeds):
            title = (
                f"{label}, seed {seed}".removeprefix(", ")
                if solution.seeds > 1 or not label
                else label
            )
            yield Training(kind, title, solution, seed, folder / f"{plan.task}-{key}-{seed}.npz")


def _train(
    one: Training, plan: Plan, code: list[str], place: dict[str, str], backend: Backend
) -> None:
    """Train and score in a process of its own, on one thread as in the rooms.

    Raises:
        CalibrationError: it failed.
    """
    if one.file.exists():
        return
    request = {
        **place,
        "task": plan.task,
        "solution": asdict(one.solution),
        "seed": one.seed,
        "file": str(one.file.resolve()),
        "code": code,
    }
    fixed = {
        **dict.fromkeys(THREADS, "1"),
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    call = [sys.executable, "-m", "autograder.calibration.training", json.dumps(request)]
    done = subprocess.run(
        call, env={**os.environ, **fixed}, capture_output=True, text=True, check=False
    )
    if not one.file.exists():
        last = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise CalibrationError(
            f"training of {plan.task}, {one.name}, failed (exit status {done.returncode}): {last}"
        )
