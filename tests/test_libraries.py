"""What students may import: promised by the course, looked for before grading, there in rooms."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from toy import RIGHT, bare_course, hand_in

from autograder.bench import open_bench
from autograder.cli.doctor import _libraries
from autograder.course import Course, RoomSettings
from autograder.errors import UsageError
from autograder.grading.keys import changed, run_parts
from autograder.grading.screen import wanted_libraries
from autograder.grading.stages import ensure_verdict, open_rooms
from autograder.records import CellError, read_run
from autograder.rooms.here import RoomsHere
from autograder.rooms.libraries import DEFAULT, demand, in_words, lacking
from autograder.rooms.limits import Limits
from autograder.rooms.warm import warm_rooms
from autograder.wheel import pins

USES = """
def use(_):
    import io
    import numpy as np
    import pandas as pd
    from PIL import Image
    from scipy import ndimage, optimize
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    table = pd.read_csv(io.StringIO("group,right\\na,1\\na,0\\nb,1\\n"))
    shares = table.groupby("group")["right"].mean().to_dict()
    count = ndimage.label(np.eye(5) > 0)[1]
    root = optimize.brentq(lambda x: x * x - 4, 0, 10)
    x = np.concatenate([np.zeros((20, 2)), np.ones((20, 2))]) + np.linspace(0, 0.1, 40)[:, None]
    y = np.repeat([0, 1], 20)
    score = LogisticRegression().fit(x, y).score(x, y)
    forest = RandomForestClassifier(8, n_jobs=2, random_state=0).fit(x, y).score(x, y)
    picture = Image.fromarray(np.zeros((8, 6, 3), "uint8")).resize((3, 4))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    buffer.seek(0)
    return [shares, count, round(root, 6), score, forest, Image.open(buffer).size]
"""


def course_with(course: Course, *libraries: str) -> Course:
    rooms = RoomSettings(libraries=libraries)
    return Course(course.root, replace(course.settings, rooms=rooms))


def test_the_defaults_are_installed_with_the_package() -> None:
    """They are among its dependencies, and those that pip calls otherwise say how."""
    demand(DEFAULT)
    assert [in_words(name) for name in DEFAULT] == [
        *("numpy", "keras", "matplotlib", "pandas", "scipy"),
        *("scikit-learn (`sklearn`)", "pillow (`PIL`)"),
    ]


def test_what_is_promised_and_missing_stops_grading(tmp_path: Path) -> None:
    """Before any room is opened, with the command that brings it; doctor says the same."""
    course = course_with(bare_course(tmp_path), "numpy", "no-such-library")
    command = f"{sys.executable} -m pip install no-such-library"
    with (
        pytest.raises(UsageError, match=f"no-such-library, not installed here: {command}$"),
        open_rooms(course),
    ):
        pass
    found = _libraries(course)
    assert (found.good, found.remedy) == (False, command)
    assert found.found.endswith("no-such-library is missing")


def test_runs_depend_on_what_may_be_imported(tmp_path: Path) -> None:
    """On the list, and on each library's version."""
    course = bare_course(tmp_path)
    before = run_parts(open_bench(course_with(course, "numpy"), "toy"))
    after = run_parts(open_bench(course_with(course, "numpy", "scipy"), "toy"))
    assert changed(before, after) == ["[rooms] libraries", "package scipy"]


def test_machines_that_are_set_up_for_a_course_get_its_libraries() -> None:
    """With all that these need; networkx is no dependency of ours."""
    names = {line.partition("==")[0] for line in pins(["hypothesis"])}
    assert {"hypothesis", "sortedcontainers", "pandas"} <= names
    assert "hypothesis" not in {line.partition("==")[0] for line in pins([])}


@pytest.mark.parametrize(
    ("kind", "message", "name"),
    [
        ("ModuleNotFoundError", "No module named 'seaborn'", "seaborn"),
        ("UnknownError", "ModuleNotFoundError: No module named 'skimage' [Op:Next]", "skimage"),
        ("ModuleNotFoundError", "No module named 'scipy.nothing'", None),
        ("ModuleNotFoundError", "No module named 'numpy'; 'numpy' is not a package", None),
        ("ImportError", "cannot import name 'Dence' from 'keras.layers'", None),
        ("ValueError", "No module named 'seaborn'", None),
    ],
)
def test_what_a_room_lacks_is_a_whole_library(kind: str, message: str, name: str | None) -> None:
    """A name that a library does not have, or never had, is none."""
    assert lacking(CellError(kind, message)) == name


def test_only_the_task_that_imports_it_loses_points(tmp_path: Path) -> None:
    """Feedback and report say which library, and what there is instead."""
    course = bare_course(tmp_path)
    cells = RIGHT | {"triple": "import seaborn_like\n\ndef triple(x):\n    return 3 * x\n"}
    hand_in(course, "ann", cells)
    verdict = ensure_verdict(open_bench(course, "toy"), "ann", RoomsHere("none"))
    assert {task.task: task.score for task in verdict.tasks} == {"double": 8.0, "triple": 0.0}
    [check] = verdict.tasks[1].checks
    there = "numpy, keras, matplotlib, pandas, scipy, scikit-learn (`sklearn`), pillow (`PIL`)"
    said = f"have `seaborn_like`; it has Python's standard library, {there}"
    assert f"ModuleNotFoundError: the grading room does not {said}" in check.found
    assert check.hint == "Do it with a library that is there, or in plain Python."
    assert wanted_libraries([verdict, verdict]) == {"seaborn_like": 2}
    assert "pandas" in read_run(course.run_dir("toy", "ann") / "run.json").libraries


@pytest.mark.slow
def test_rooms_have_them_and_they_work() -> None:
    """A table, a labelled image, a fit on two threads, a picture: within all walls."""
    with warm_rooms(warm=False) as rooms, tempfile.TemporaryDirectory() as folder:
        called = rooms.run_code(USES, "use", None, Path(folder), Limits(), seconds=60, bare=True)
    assert called.value == [{"a": 0.5, "b": 1.0}, 5, 2.0, 1.0, 1.0, [3, 4]], called.log
