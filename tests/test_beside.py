"""What an instructor puts beside a source notebook is released with it, and is in the room as
released.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from toy import RIGHT, hand_in, toy_course

from autograder.bench import open_bench
from autograder.grading.gradebook import release
from autograder.grading.stages import Due, due, ensure_verdict, open_rooms

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
LEANS = """import pathlib
from helpers.tables import FACTOR

def double(x):
    return FACTOR * x * int(pathlib.Path("numbers.csv").read_text())
"""


@pytest.mark.slow
def test_files_beside_the_notebook_are_there_as_released(tmp_path: Path) -> None:
    """A module and a data file; what the student handed in under their names counts for nothing."""
    course = toy_course(tmp_path)
    for folder, factor, number in ((course.source("toy").parent, 2, 1), (tmp_path, 7, 7)):
        (folder / "helpers").mkdir()
        (folder / "helpers" / "tables.py").write_text(f"FACTOR = {factor}\n")
        (folder / "numbers.csv").write_text(f"{number}\n")
    release(course, "toy")
    released = course.template("toy").parent
    assert (released / "helpers" / "tables.py").read_text() == "FACTOR = 2\n"
    assert (released / "numbers.csv").read_text() == "1\n"

    submitted = hand_in(course, "alice", {**RIGHT, "double": LEANS}).parent
    (submitted / "helpers").mkdir()
    (submitted / "helpers" / "tables.py").write_text("FACTOR = 3\n")
    (submitted / "numbers.csv").write_text("3\n")
    with open_rooms(course) as rooms:
        verdict = ensure_verdict(open_bench(course, "toy"), "alice", rooms)
    assert verdict.score == 10.0

    (released / "numbers.csv").write_text("2\n")
    assert due(open_bench(course, "toy"), "alice") == Due("run", ("released numbers.csv changed",))


def test_labkit_and_other_notebooks_are_not_among_them(tmp_path: Path) -> None:
    """Labkit comes from the engine, in the version that judges; a second notebook is nobody's."""
    course = toy_course(tmp_path)
    folder = course.template("toy").parent
    (folder / "labkit").mkdir(exist_ok=True)
    (folder / "labkit" / "forged.py").touch()
    (folder / "other.ipynb").touch()
    (folder / ".hidden").touch()
    desk = open_bench(course, "toy").desk
    assert sorted(path.name for path in desk.iterdir()) == ["labkit"]
    assert not (desk / "labkit" / "forged.py").exists()
