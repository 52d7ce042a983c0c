"""What `run_autograder` calls in Gradescope's container: one submission, one results.json.

/autograder
├─ source/                    what was uploaded (container.py), with course/ in it
├─ submission/                what the student handed in
├─ submission_metadata.json   who that is
└─ results/results.json       what comes of it

Whatever goes wrong on our side, the student reads that the submission is not graded and whom to
ask; why, stands on the standard output, which only instructors see.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from autograder.bench import open_bench
from autograder.course import LEVELS, Course, Isolation, find_course, valid_name
from autograder.errors import AutograderError, IsolationError, RoomError, UsageError
from autograder.files import write
from autograder.grading.hands import RETRIES, demand_isolation
from autograder.grading.stages import ensure_verdict, open_rooms
from autograder.lms.gradescope import gradescope_results
from autograder.records import Verdict

COURSE = "course"
NOBODY = "student"  # whose name is not known
_GB = 1e9  # bytes


def main(argv: Sequence[str] | None = None) -> None:
    """Grade what lies in submission/ and write results.json."""
    parser = argparse.ArgumentParser(prog="python -m autograder.lms.harness")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--isolation", choices=LEVELS, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--memory", type=float, required=True, metavar="GB")
    asked = parser.parse_args(argv)
    _end_after(asked.minutes)
    try:
        _demand_memory(asked.memory * _GB)
        found = gradescope_results(grade_submission(asked.root, asked.isolation))
    except KeyboardInterrupt:
        found = _told(f"it took more than {asked.minutes:g} minutes; choose a larger container")
    except (AutograderError, OSError) as error:
        found = _told(str(error))
    signal.setitimer(signal.ITIMER_REAL, 0)
    write(asked.root / "results" / "results.json", json.dumps(found, ensure_ascii=False) + "\n")


def grade_submission(root: Path, isolation: Isolation) -> Verdict:
    """The verdict on what lies in `root`/submission.

    Raises:
        AutograderError: there is none, for a reason that is ours.
    """
    course = find_course(root / "source" / COURSE)
    course.root.chmod(0o700)
    settings = dataclasses.replace(course.settings, isolation=isolation)
    course = Course(course.root, settings)
    [assignment] = course.assignments()
    student = handed_in_by(root / "submission_metadata.json")
    _lay(root / "submission", course.submission(assignment, student).parent)
    bench = open_bench(course, assignment)
    with open_rooms(course) as rooms:
        print(f"{student}, {assignment}; isolation of the rooms: {rooms.isolation}")
        try:
            demand_isolation(course, rooms.isolation)
        except IsolationError:
            raise IsolationError(
                f"run_autograder demands rooms of --isolation {isolation}; docs/operator.md says"
                " under Gradescope what a lower one means"
            ) from None
        for _ in range(RETRIES):
            try:
                return ensure_verdict(bench, student, rooms)
            except (RoomError, ConnectionError) as error:
                print(f"once more: {error}")
        return ensure_verdict(bench, student, rooms)


def handed_in_by(metadata: Path) -> str:
    """The student's address, or number, as Gradescope tells it; of a group, the first's."""
    try:
        [first, *_] = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        names = [str(first.get("email") or ""), f"user {first.get('id')}"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        names = []
    return next((name for name in names if valid_name(name)), NOBODY)


def not_graded(why: str) -> dict[str, Any]:
    """A results.json without a verdict. Gradescope wants a number for a score; this one says aloud
    that it is none.
    """
    said = (
        "NOT GRADED. This is not your score: your submission could not be graded, for a reason that"
        f" is not yours. Tell your instructor, who can have it graded again.\n{why}"
    )
    return {
        "score": 0.0,
        "output": said,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [{"name": "Not graded", "output": said, "visibility": "visible"}],
    }


def memory_limit(top: Path = Path("/")) -> float:
    """Bytes of memory that this container, or machine, has."""
    import psutil

    limits = [float(psutil.virtual_memory().total)]
    for name in ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limits.append(float((top / name).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such group, or no limit: «max»
            continue
    return min(limits)


def _demand_memory(needed: float) -> None:
    if (there := memory_limit()) < needed:
        raise UsageError(
            f"the container has {there / _GB:.1f} GB of memory, and {needed / _GB:.1f} are needed:"
            " choose a larger one under Settings, Autograder, Container Specifications"
        )


def _lay(submission: Path, target: Path) -> None:
    """Copy the notebooks that were handed in: those at the top, else those in folders, as a
    repository has them. Others that are handed in are not read, nor are links.
    """
    shutil.rmtree(target.parent, ignore_errors=True)
    target.mkdir(parents=True)
    found = [
        path
        for path in sorted(submission.rglob("*.ipynb"))
        if path.is_file() and not path.is_symlink() and ".ipynb_checkpoints" not in path.parts
    ]
    for path in [path for path in found if path.parent == submission] or found:
        if not (target / path.name).exists():
            shutil.copyfile(path, target / path.name)


def _end_after(minutes: float) -> None:
    """As Ctrl-C would: rooms are closed on the way."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 60 * minutes)


def _told(why: str) -> dict[str, Any]:
    """Only instructors see the standard output: a reason of ours may name what is hidden."""
    print(f"not graded: {why}")
    return not_graded("The instructor sees why.")


if __name__ == "__main__":
    main()
