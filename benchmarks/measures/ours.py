"""`autograder grade` of a class that nobody has graded yet, and again from its stored answers."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.records import read_run, read_verdict
from measures.classes import make_class
from measures.shell import BIN, run


def grade(folder: Path, assignment: str, kind: str, size: int, jobs: int) -> dict[str, Any]:
    """Grade a fresh class of this size."""
    course = make_class(folder / "class", assignment, kind, size)
    return graded(course, assignment, jobs)


def grade_twice(folder: Path, assignment: str, kind: str, size: int, jobs: int) -> dict[str, Any]:
    """The same, and then everything judged again."""
    course = make_class(folder / "class", assignment, kind, size)
    found = graded(course, assignment, jobs)
    command = (BIN / "autograder", "grade", assignment, "--regrade", "--jobs", str(jobs))
    timed = run(course.root, *command)
    ends = _ends(course, assignment)
    judged = [read_verdict(path).seconds for path in _verdicts(course, assignment)]
    startup = min(end - seconds for end, seconds in zip(ends, judged, strict=True)) - timed.begun
    closing = timed.begun + timed.seconds - max(ends)
    return {**found, "regrade_seconds": timed.seconds - startup - closing}


def graded(course: Course, assignment: str, jobs: int, *, watch: bool = False) -> dict[str, Any]:
    """Grade what is handed in; what that took, by the clock and by the records of each stage."""
    command = (BIN / "autograder", "grade", assignment, "--jobs", str(jobs))
    timed = run(course.root, *command, watch=watch)
    results = json.loads((course.runs / f"{assignment}.json").read_text(encoding="utf-8"))
    count = len(results["students"])
    came = sorted(_records(course.run_dir(assignment, one)) for one in course.students(assignment))
    begins, runs, cells, judging = (list(column) for column in zip(*came, strict=True))
    beside = [run + judge - cell for run, cell, judge in zip(runs, cells, judging, strict=True)]
    startup = begins[0] - timed.begun
    if count > jobs:  # those who come first wait for the rooms, too
        startup += statistics.mean(beside[:jobs]) - statistics.median(beside[jobs:])
    return {
        "submissions": count,
        "seconds": timed.seconds,
        "startup_seconds": max(0.0, startup),
        "closing_seconds": timed.begun + timed.seconds - max(_ends(course, assignment)),
        "score": sum(one["score"] / one["max_score"] for one in results["students"]) / count,
        "isolation": results["isolation"],
        "run_seconds": runs,
        "cell_seconds": cells,
        "judge_seconds": judging,
        "tenths": _tenths(begins[jobs:]),
        **({"parent_mib": timed.parent_mib, "rooms_mib": timed.rooms_mib} if watch else {}),
    }


def _tenths(begins: list[float]) -> list[float]:
    """Seconds from one submission to the next, in each tenth of the class; none of a small one."""
    size = len(begins) // 10
    return [
        (begins[place + size] - begins[place]) / size
        for place in range(0, size * 10, size or 1)
        if place + size < len(begins)
    ]


def _ends(course: Course, assignment: str) -> list[float]:
    """When each verdict was there."""
    return [path.stat().st_mtime for path in _verdicts(course, assignment)]


def _verdicts(course: Course, assignment: str) -> list[Path]:
    students = course.students(assignment)
    return [course.run_dir(assignment, one) / "verdict.json" for one in students]


def _records(folder: Path) -> tuple[float, float, float, float]:
    """When a submission's run began, how long it took, its cells of that, and judging."""
    path = folder / "run.json"
    run, verdict = read_run(path), read_verdict(folder / "verdict.json")
    return path.stat().st_mtime - run.seconds, run.seconds, run.cell_seconds, verdict.seconds
