"""A class of 40 as five systems hand it out: collected, graded, and given back, compared field by
field.

Usage: python benchmarks/round_trip.py [--students N]

The downloads are made as the systems name them (tests/downloads.py). What is handed in is known:
right, half right, wrong, nothing. A table with a row for each system: how many were collected by
the roster alone, how many have the score that their work is worth, and of the file that goes back
how many fields were filled, are wrong, or were changed though they are not ours.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from downloads import (
    Learner,
    blackboard_grades,
    blackboard_zip,
    canvas_gradebook,
    canvas_zip,
    folders_zip,
    gradescope_roster,
    gradescope_zip,
    learners,
    moodle_worksheet,
    moodle_zip,
    plain_roster,
)
from toy import DOUBLE, RIGHT, toy_course

from autograder.course import Course

NAME = "toy.ipynb"
WRONG = "def double(x):\n    return x + 2\n"
ANSWERS = (
    (RIGHT, 10.0),
    ({**RIGHT, "triple": "def triple(x):\n    return x\n"}, 8.0),
    ({**RIGHT, "double": WRONG}, 0.0),
    ({"double": DOUBLE}, 8.0),
)


@dataclass(frozen=True)
class Way:
    """One system: how it hands a class out, who is who there, and what it takes back."""

    name: str
    download: Callable[..., Path]
    roster: Callable[[Path, Sequence[Learner]], Path]
    student: Callable[[Learner], str]  # the id in the course
    back: str = "--csv"


WAYS = (
    Way("Canvas", canvas_zip, canvas_gradebook, lambda one: one.login, "--canvas"),
    Way("Moodle", moodle_zip, moodle_worksheet, lambda one: one.email, "--moodle"),
    Way("Blackboard", blackboard_zip, blackboard_grades, lambda one: one.sis),
    Way("Gradescope", gradescope_zip, gradescope_roster, lambda one: one.sis, "--gradescope"),
    Way("folders", folders_zip, plain_roster, lambda one: one.login),
)


@dataclass(frozen=True)
class Trip:
    """What came of a class on its way."""

    way: str
    students: int  # who handed in
    collected: int
    graded_right: int
    filled: int
    wrong: int  # fields of grades
    changed: int  # fields that are not ours
    seconds: float
    said: str = ""


def worth(learner: Learner) -> float:
    """The points of what somebody hands in."""
    return ANSWERS[learner.number % len(ANSWERS)][1]


def travel(way: Way, folder: Path, count: int) -> Trip:
    """The class there and back, in a toy course in the folder."""
    course = toy_course(folder / "course", 'isolation = "strong"\n')
    class_ = learners(count)
    absent = class_[-2:]  # in the roster, and hand in nothing
    handing_in = class_[: -len(absent)]
    template = course.template("toy")

    def work(learner: Learner) -> Mapping[str, bytes]:
        return {NAME: _solved(template, ANSWERS[learner.number % len(ANSWERS)][0])}

    download, roster = way.download(folder, handing_in, work), way.roster(folder, class_)
    shutil.copy(roster, course.root / "roster.csv")
    begin = time.perf_counter()
    said = _call(course, "collect", str(download), "--timezone", "UTC")
    collected = sum(course.submission("toy", way.student(one)).is_file() for one in handing_in)
    if not (course.root / "submitted").exists():
        raise SystemExit(said)
    said += _call(course, "grade")
    _mark_by_hand(course)
    right = _scores(course)
    graded_right = sum(right.get(way.student(one)) == worth(one) for one in handing_in)
    expected = {way.student(one): worth(one) + 5.0 for one in handing_in}
    file = str(roster) if way.back in {"--canvas", "--moodle"} else str(folder / "back")
    said += _call(course, "export", way.back, file, "--roster", str(roster))
    if way.back in {"--canvas", "--moodle"}:
        filled, wrong, changed = _in_sheet(roster, expected, way, class_)
    elif way.back == "--gradescope":
        filled, wrong, changed = _compared(_in_results(folder / "back"), expected)
    else:
        filled, wrong, changed = _compared(_in_rows(folder / "back"), expected)
    return Trip(
        way.name,
        len(handing_in),
        collected,
        graded_right,
        filled,
        wrong,
        changed,
        time.perf_counter() - begin,
        said,
    )


def _solved(template: Path, cells: Mapping[str, str]) -> bytes:
    notebook = nbformat.read(template, as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    text: str = nbformat.writes(notebook)
    return text.encode()


def _call(course: Course, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _mark_by_hand(course: Course) -> None:
    """The written task gets all five points: a class whose every grade is final."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        for submission in gradebook.assignment_submissions("toy"):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.name == "why":
                        grade.manual_score, grade.needs_manual_grade = 5.0, False
        gradebook.db.commit()


def _scores(course: Course) -> dict[str, float]:
    results = json.loads((course.runs / "toy.json").read_text(encoding="utf-8"))
    return {one["student"]: one["score"] for one in results["students"]}


# --- comparing what goes back, field by field ---------------------------------------------------

Compared = tuple[int, int, int]  # filled, wrong, changed


def _in_sheet(
    roster: Path, expected: Mapping[str, float], way: Way, class_: Sequence[Learner]
) -> Compared:
    """A file that a system exported, against the same filled in."""
    before, after = _table(roster), _table(roster.with_name(f"{roster.stem}.filled.csv"))
    place = next(i for i, heading in enumerate(before[0]) if heading in {"Toy (4711)", "Grade"})
    number = {"Canvas": "canvas", "Moodle": "moodle"}[way.name]
    key = 1 if way.name == "Canvas" else 0
    whose = {str(getattr(one, number)): one for one in class_}
    came = {row[key]: row for row in before}
    filled = wrong = changed = 0
    for row in after:
        old = came[row[key]]
        changed += sum(a != b for i, (a, b) in enumerate(zip(old, row, strict=True)) if i != place)
        learner = whose.get(row[key].removeprefix("Participant "))
        if row[place] == old[place]:
            continue
        filled += 1
        wrong += learner is None or float(row[place]) != expected.get(way.student(learner))
    return filled, wrong + len(expected) - filled, changed


def _in_results(folder: Path) -> dict[str, float]:
    """The scores in a results.json for each student."""
    found = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in folder.glob("*/results.json")
    }
    return {
        student: (
            data["score"] if "score" in data else sum(test["score"] for test in data["tests"])
        )
        for student, data in found.items()
    }


def _in_rows(file: Path) -> dict[str, float]:
    """The scores in our CSV, which has a row for each check."""
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    return {row["student"]: float(row["score"]) for row in rows}


def _compared(found: Mapping[str, float], expected: Mapping[str, float]) -> Compared:
    wrong = sum(abs(found.get(name, -1) - score) > 1e-9 for name, score in expected.items())
    return len(found), wrong, len(found.keys() - expected.keys())


def _table(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=40)
    arguments = parser.parse_args()
    print("| | handed in | collected | graded right | filled | wrong | changed | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for way in WAYS:
        with tempfile.TemporaryDirectory(prefix="trip-") as folder:
            one = travel(way, Path(folder), arguments.students)
        numbers = (
            one.students,
            one.collected,
            one.graded_right,
            one.filled,
            one.wrong,
            one.changed,
        )
        print(f"| {one.way} | {' | '.join(map(str, numbers))} | {one.seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
