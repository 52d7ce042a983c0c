"""A tiny course of two graded tasks and a written one,
with graders of its own, for tests around nbgrader.
"""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.bench import open_bench
from autograder.course import Course, find_course
from autograder.grading.address import course_directory, nbgrader_config
from autograder.grading.gradebook import generate_assignment
from autograder.grading.stages import ensure_verdict
from autograder.records import Verdict
from autograder.rooms.here import RoomsHere

REPOSITORY = Path(__file__).parent.parent
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}

DOUBLE = "def double(x):\n    return 2 * x\n"
TRIPLE = "def triple(x):\n    return double(x) + x\n"
RIGHT = {"double": DOUBLE, "triple": TRIPLE, "why": "Because it was asked for."}

# Leaves a process that wants to outlive the room, then ends the kernel.
HOSTILE = """\
def triple(x):
    import ctypes, os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b"left-behind", 0, 0, 0)
            time.sleep(600)
    os._exit(0)
"""
CLASS = {
    "hostile": RIGHT | {"triple": HOSTILE},
    "right": RIGHT,
    "wrong": RIGHT | {"double": "def double(x):\n    return x + 2\n"},
}
SCORES = {"hostile": 8, "right": 10, "wrong": 0}

GRADER_OF_DOUBLE = '''"""double: twice the number."""

from autograder.judge import Answers, expect, weight
from autograder.answers.questions import Calls

NEEDS = ()


def questions(rng):
    return {"some": Calls("double", ((3,), (-2,))), "none": Calls("double", ((0,),))}


@weight(3)
def test_doubles(answers: Answers) -> None:
    """Twice the number comes back."""
    found = answers.values("some")
    expect(found == [6, -4], "6 and -4 for 3 and -2", found, hint="Multiply by 2.")


def test_nothing(answers: Answers) -> None:
    """Twice nothing is nothing."""
    expect(answers.values("none") == [0], "0 for 0", answers.values("none"))
'''

GRADER_OF_TRIPLE = '''"""triple: three times the number."""

from autograder.judge import Answers, expect
from autograder.answers.questions import Calls

NEEDS = ("double",)


def questions(rng):
    return {"some": Calls("triple", ((3,),))}


def test_triples(answers: Answers) -> None:
    """Three times the number comes back."""
    expect(answers.values("some") == [9], "9 for 3", answers.values("some"))
'''


def toy_course(folder: Path, settings: str = 'isolation = "none"\n') -> Course:
    """The course in `folder`: settings, graders, source and release,
    and the assignment in the gradebook.
    """
    shutil.copytree(_made_once(), folder, dirs_exist_ok=True)
    (folder / "course.toml").write_text(settings + "jobs = 2\n[limits]\ncell_seconds = 20\n")
    return find_course(folder)


def bare_course(folder: Path) -> Course:
    """The same course without a gradebook, which takes nbgrader some seconds."""
    for task, text in {"double": GRADER_OF_DOUBLE, "triple": GRADER_OF_TRIPLE}.items():
        path = folder / "graders" / "toy" / f"{task}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "course.toml").write_text('isolation = "none"\njobs = 2\n')
    write(folder / "release" / "toy" / "toy.ipynb", _source())
    return find_course(folder)


@functools.cache
def _made_once() -> Path:
    """The course as nbgrader makes it; a new gradebook takes it some seconds."""
    folder = Path(tempfile.mkdtemp(prefix="toy-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "course.toml").touch()
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    for task, text in {"double": GRADER_OF_DOUBLE, "triple": GRADER_OF_TRIPLE}.items():
        path = folder / "graders" / "toy" / f"{task}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    write(folder / "source" / "toy" / "toy.ipynb", _source())
    course = find_course(folder)
    config = nbgrader_config(course)
    generate_assignment(course_directory(course, config), "toy", config)
    (folder / "course.toml").unlink()
    return folder


def hand_in(course: Course, student: str, cells: dict[str, str] | None = None) -> Path:
    """The released notebook with these sources in its solution cells,
    as the student's submission.
    """
    notebook = nbformat.read(course.template("toy"), as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = (cells or {}).get(grade_id, cell.source)
    return write(course.submission("toy", student), notebook)


def hand_in_all(course: Course) -> None:
    """A class of three, whose scores are known."""
    for student, cells in CLASS.items():
        hand_in(course, student, cells)


def totals(course: Course) -> dict[str, float]:
    """The score of each student in the results of the class."""
    results = json.loads((course.runs / "toy.json").read_text(encoding="utf-8"))
    return {one["student"]: one["score"] for one in results["students"]}


def grade_here(course: Course, student: str) -> Verdict:
    """Run the submission in this process, without a room, and have it judged;
    what comes after finds the verdict.
    """
    return ensure_verdict(open_bench(course, "toy"), student, RoomsHere("strong"))


def write(path: Path, notebook: Any) -> Path:
    """The notebook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def scores(course: Course, student: str) -> dict[str, float | None]:
    """What the gradebook says on each cell: the score that counts."""
    return {name: grade.score for name, grade in grades(course, student).items()}


def grades(course: Course, student: str) -> dict[str, Any]:
    """The rows of the gradebook, cell by cell, with everything loaded that a test looks at."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        notebook = gradebook.find_submission_notebook("toy", "toy", student)
        rows = {grade.name: grade for grade in notebook.grades}
        for row in rows.values():
            _ = (row.score, row.auto_score, row.manual_score, row.needs_manual_grade, row.max_score)
        gradebook.db.expunge_all()
    return rows


def metadata(course: Course, student: str) -> dict[str, Any]:
    """What our bridge wrote into the head of the autograded notebook."""
    path = course.root / "autograded" / student / "toy" / "toy.ipynb"
    found: dict[str, Any] = json.loads(path.read_text())["metadata"]["autograder"]
    return found


def _source() -> Any:
    cells = [
        new_markdown_cell(
            "# Toy\n\nNumbers, and $2^n$.\n\n$$\\frac{\\partial L}{\\partial w} = \\sum_i x_i$$"
        ),
        new_code_cell("import sys\nlevel = 1"),
        new_markdown_cell("## Twice\n\nGive back twice the number."),
        _solution("double", DOUBLE),
        _check("double", 8, 'print("double exists:", callable(double))'),
        new_code_cell('print("a look")', metadata=_nbgrader("double_look", locked=True)),
        new_markdown_cell("## Three times\n\nUse `double`."),
        _solution("triple", TRIPLE),
        _check("triple", 2, 'print("triple exists:", callable(triple))'),
        new_markdown_cell("## In words\n\nWhy?"),
        _written("why", 5),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return new_notebook(cells=cells, metadata=KERNEL)


def _solution(name: str, text: str) -> Any:
    head, body = text.split("\n", 1)
    source = f"{head}\n    ### BEGIN SOLUTION\n{body}    ### END SOLUTION"
    return new_code_cell(source, metadata=_nbgrader(name, solution=True))


def _check(task: str, points: float, source: str) -> Any:
    return new_code_cell(
        source, metadata=_nbgrader(f"{task}_check", grade=True, locked=True, points=points)
    )


def _written(name: str, points: float) -> Any:
    return new_markdown_cell(
        "Answer here.", metadata=_nbgrader(name, grade=True, solution=True, points=points)
    )


def _nbgrader(name: str, **others: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**plain, "grade_id": name, **others}}
