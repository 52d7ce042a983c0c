"""A Dask cluster with two workers of one thread against two local jobs, on the same submissions.

    python benchmarks/cluster.py [STUDENTS] [ASSIGNMENT]

STUDENTS (40) hand in the reference solution of ASSIGNMENT, or of the tests' toy course. Scheduler
and workers are on this machine and run before the time does; connections are TLS, and course and
runs travel as they would between machines. Each is graded once, the cluster first, from the call to
gradebook, feedback and report.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from clusters import cluster
from toy import RIGHT, hand_in, toy_course

from autograder.course import Course, own_course
from autograder.sample import lay_out

STUDENTS = 40
GONE = ("runs", "autograded", "feedback")


def main(students: int, assignment: str) -> int:
    with tempfile.TemporaryDirectory(prefix="cluster-") as place:
        top = Path(place)
        course = _class(top / "course", students, assignment)
        with cluster(top / "cluster") as there:
            for name in ("one", "two"):
                there.worker(name)
            by_cluster = _graded(course, ["--cluster", str(there.file)], there.environment)
            found = _scores(course, assignment)
        for name in GONE:
            shutil.rmtree(course.root / name)
        here = _graded(course, ["--jobs", "2"], {})
        same = found == _scores(course, assignment)
    print(f"{students} submissions of {assignment}, load {os.getloadavg()[0]:.1f} at the end")
    print(f"two local jobs {here:.1f} s, two workers of a cluster {by_cluster:.1f} s:"
          f" {by_cluster / here:.2f}×, scores {'the same' if same else 'DIFFERENT'}")  # fmt: skip
    return 0 if same else 1


def _class(folder: Path, students: int, assignment: str) -> Course:
    if assignment == "toy":
        course = toy_course(folder)
        for number in range(students):
            hand_in(course, f"s{number:03}", RIGHT)
        return course
    home = own_course()
    course = lay_out(home, folder, [assignment])
    for number in range(students):
        path = course.submission(assignment, f"s{number:03}")
        path.parent.mkdir(parents=True)
        shutil.copy(home.source(assignment), path)
    return course


def _graded(course: Course, arguments: list[str], environment: dict[str, str]) -> float:
    begin = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "autograder", "grade", *arguments],
        cwd=course.root,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - begin


def _scores(course: Course, assignment: str) -> dict[str, float]:
    data = json.loads((course.runs / f"{assignment}.json").read_text(encoding="utf-8"))
    return {one["student"]: one["score"] for one in data["students"]}


if __name__ == "__main__":
    given = sys.argv[1:]
    raise SystemExit(main(int(given[0]) if given else STUDENTS, given[1] if given[1:] else "toy"))
