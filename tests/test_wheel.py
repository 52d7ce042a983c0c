"""The wheel carries everything: engine and course, without the repository around them."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest
from answering import OWN
from installed import Installed
from machines import run_on
from toy import SCORES, hand_in_all, totals, toy_course

ONE = '''"""Everything as it was handed out.
---
assignment = "capstone"
base = "release"
[score]
design = 0
audit = 0
resampling = 0
fair_model = 0
---
"""
'''

# Which files of the package can be read, by walking through all that a room may read.
LOOK = """
import tempfile
from pathlib import Path
from autograder.rooms.limits import Limits
from autograder.rooms.warm import warm_rooms

source = '''
import os, sys
def look(places):
    return [path for place in [*places, *sys.path] for path, _, names in os.walk(place)
            if "/autograder" in path and any(can_be_read(path + "/" + name) for name in names)]
def can_be_read(path):
    try:
        return open(path, "rb").close() is None
    except OSError:
        return False
'''
with warm_rooms(warm=False) as rooms, tempfile.TemporaryDirectory() as folder:
    print(rooms.isolation)
    where = list(rooms.student.readable)
    print(rooms.run_code(source, "look", where, Path(folder), Limits(), seconds=60).value)
"""


@pytest.mark.slow
def test_doctor_and_help_answer_outside_of_any_course(installed: Installed, tmp_path: Path) -> None:
    """Rooms open, and are as closed as those of a checkout."""
    done = installed.run(["autograder", "doctor"], tmp_path)
    assert done.returncode == 0, done.stdout
    assert "demo and verify bring their own" in " ".join(done.stdout.split())
    assert "--regrade" in installed.run(["autograder", "grade", "--help"], tmp_path).stdout
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("lacks", ["", "namespaces,privileges"])
@pytest.mark.parametrize("way", ["as it is", "a link", "of a user", "of PYTHONPATH"])
def test_rooms_are_as_closed_as_those_of_a_checkout(
    installed: Installed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    lacks: str,
) -> None:
    """Hidden tests lie among the libraries that students' code reads: they are not there, by
    whatever name the environment is called, and where only Landlock keeps them away. The libraries
    are, also those of `pip install --user` and of a cluster's modules.
    """
    home, place = tmp_path / "home", installed.folder
    home.mkdir()
    [libraries] = installed.folder.glob("lib/python*/site-packages")
    if way == "a link":
        place = home / "link"
        place.symlink_to(installed.folder)
    elif way == "of a user":
        place = Path(sys.base_prefix)
        monkeypatch.setenv("PYTHONUSERBASE", str(home / "user"))
        (home / "user").mkdir()
        (home / "user" / "lib").symlink_to(installed.folder / "lib")
    elif way == "of PYTHONPATH":
        place = Path(sys.base_prefix)
        monkeypatch.setenv("PYTHONPATH", str(libraries))
    python = place / "bin" / "python3"
    done = run_on(
        lacks.split(","),
        [str(python), "-c", LOOK],
        home,
        python=installed.folder / "bin" / "python",
    )
    assert done.stdout, done.stderr
    isolation, *seen = done.stdout.splitlines()
    assert isolation.partition(":")[0] == ("reduced" if lacks else "strong"), done.stderr
    assert seen == ["[]"]


@pytest.mark.slow
@pytest.mark.timeout(1_200)  # a whole class that trains, beside other tests
def test_the_sample_class_is_graded(installed: Installed, tmp_path: Path) -> None:
    """With the same outcome as in a checkout: the reference full, others by what they did."""
    done = installed.run(["autograder", "demo"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "demo" / "runs" / "residual_networks.json").read_text())
    students = {one["student"]: one for one in results["students"]}
    assert len(students) == 19
    assert students["amara.okafor"]["score"] == students["amara.okafor"]["max_score"]
    assert students["jonas_w"]["score"] == 0
    assert students["k.oduya"]["status"] == "unreadable"
    named = {
        check["misconception"]
        for task in students["d.kowalczyk"]["tasks"]
        for check in task["checks"]
    }
    assert "projection_without_stride" in named
    again = installed.run(["autograder", "grade", "--explain"], tmp_path / "demo")
    assert {line.partition(": ")[2] for line in again.stdout.splitlines()} == {"nothing to do"}


@pytest.mark.slow
def test_another_course_is_graded(installed: Installed, tmp_path: Path) -> None:
    """With the scores that the same class gets on every machine, from a checkout or not."""
    course = toy_course(tmp_path, 'isolation = "none"\n')
    hand_in_all(course)
    done = installed.run(["autograder", "grade"], course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert totals(course) == SCORES


@pytest.mark.slow
def test_its_own_course_can_be_verified(installed: Installed, tmp_path: Path) -> None:
    """Calibration records, hidden data and the backbone came along."""
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "untouched.py").write_text(ONE, encoding="utf-8")
    done = installed.run(["autograder", "verify", "capstone", "--bank", "bank"], tmp_path)
    assert "verifying the one that comes with the package" in done.stdout
    assert "capstone: 4 of 4 known submissions as expected" in done.stdout, (
        done.stdout + done.stderr
    )
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["bank"]


@pytest.mark.slow
def test_every_file_of_the_course_is_in_it(installed: Installed) -> None:
    """Part by part, byte by byte."""
    [inside] = installed.folder.glob("lib/python*/site-packages/autograder/own_course")
    parts = {
        "source": OWN.root / "source",
        "release": OWN.root / "release",
        "graders": OWN.graders,
        "labkit_course": OWN.labkit,
        "bank": OWN.bank,
        "attacks": OWN.attacks,
    }
    for name, place in parts.items():
        for path in place.rglob("*"):
            of_it = path.relative_to(place)
            made = {"__pycache__", "labkit", ".ipynb_checkpoints"} & set(of_it.parts)
            if path.is_file() and not made:
                assert (inside / name / of_it).read_bytes() == path.read_bytes(), of_it


@pytest.mark.slow
def test_an_installed_wheel_can_be_put_together_again(installed: Installed, tmp_path: Path) -> None:
    """With the same files and the same list of them, to be installed on other machines."""
    [wheel] = (installed.folder.parent / "wheels").glob("*.whl")
    code = "from pathlib import Path; from autograder.wheel import own_wheel; own_wheel(Path())"
    done = installed.run(["python", "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(wheel) as built, zipfile.ZipFile(tmp_path / wheel.name) as again:
        assert sorted(again.namelist()) == sorted(built.namelist())
        for name in built.namelist():
            one, other = built.read(name), again.read(name)
            if name.endswith("/RECORD"):
                one, other = (b"".join(sorted(text.splitlines())) for text in (one, other))
            assert one == other, name
