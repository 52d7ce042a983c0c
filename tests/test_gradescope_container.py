"""Gradescope's container: the folder that is uploaded, run as their harness runs it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from linting import lint
from machines import missing, run_on
from toy import RIGHT, hand_in, toy_course

from autograder.cli.main import main
from autograder.course import find_course
from autograder.errors import UsageError
from autograder.lms.container import SCRIPTS, make_folder
from autograder.lms.harness import handed_in_by, memory_limit, not_graded
from autograder.rooms import landlock

WRONG = RIGHT | {"double": "def double(x):\n    return x + 2\n"}
METADATA = {"id": 7, "users": [{"email": "ada@example.org", "id": 12, "name": "Ada"}]}


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is uploaded for the toy course."""
    course = toy_course(tmp_path_factory.mktemp("made") / "course")
    folder = course.root.parent / "upload"
    make_folder(course, "toy", folder, "reduced")
    return folder


def container(uploaded: Path, root: Path, notebook: str | None, name: str = "toy.ipynb") -> Path:
    """As their harness lays it: source, submission, metadata, and run_autograder beside them."""
    shutil.copytree(uploaded, root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "submission").mkdir()
    if notebook is not None:
        (root / "submission" / name).parent.mkdir(exist_ok=True)
        (root / "submission" / name).write_text(notebook, encoding="utf-8")
    (root / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    python = root / "home" / "python" / "bin" / "python"  # what setup.sh would have made
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return root


def graded(root: Path, *lacks: str) -> tuple[dict[str, Any], str]:
    """What their harness reads, and what instructors see besides; on a machine without these."""
    places = [f"AUTOGRADER_ROOT={root}", f"AUTOGRADER_HOME={root / 'home'}"]
    done = run_on(lacks, ["env", *places, "./run_autograder"], root)
    results = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    return results, done.stdout + done.stderr


def notebook(uploaded: Path, cells: dict[str, str]) -> str:
    """The toy notebook with these solutions."""
    course = find_course(uploaded.parent / "course")
    return hand_in(course, "somebody", cells).read_text(encoding="utf-8")


@pytest.mark.slow
def test_right_and_wrong_and_unreadable_submissions(uploaded: Path, tmp_path: Path) -> None:
    """Full points, points of what is right, none and why; whatever name or folder a repository has
    for it.
    """
    right = container(uploaded, tmp_path / "right", notebook(uploaded, RIGHT))
    found, said = graded(right)
    assert (found["score"], {row["status"] for row in found["tests"]}) == (10.0, {"passed"}), said
    assert "ada@example.org, toy; isolation of the rooms:" in said
    wrong = notebook(uploaded, WRONG)
    found, said = graded(container(uploaded, tmp_path / "wrong", wrong, "week1/toy.ipynb"))
    assert found["score"] == 0.0, said
    assert "6 and -4 for 3 and -2" in str(found["tests"])
    found, said = graded(container(uploaded, tmp_path / "unreadable", "{"))
    assert found["score"] == 0.0, said
    assert "could not be read as a notebook" in found["output"]
    assert "not JSON" in found["output"]
    found, said = graded(container(uploaded, tmp_path / "missing", None))
    assert "was not in your submission" in found["output"], said


@pytest.mark.slow
def test_a_container_without_its_own_namespaces(uploaded: Path, tmp_path: Path) -> None:
    """Root with what Docker leaves it: rooms are reduced, and points the same. Where a course
    demands more than there is, nothing runs, and the student is told that this is no score.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can take that away")
    if not landlock.abi():
        missing("this kernel has no Landlock")
    text = notebook(uploaded, RIGHT)
    root = container(uploaded, tmp_path / "reduced", text)
    found, said = graded(root, "container", "delegation")
    assert found["score"] == 10.0, said
    assert "isolation of the rooms: reduced" in said
    script = root / "run_autograder"
    script.write_text(script.read_text().replace("--isolation reduced", "--isolation strong"))
    found, said = graded(root, "container", "delegation")
    assert "run_autograder demands rooms of --isolation strong" in said
    assert found["output"].startswith("NOT GRADED. This is not your score")
    assert "isolation" not in found["output"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "instead", "why"),
    [
        ("--memory 2.8", "--memory 100000", "100000.0 are needed: choose a larger one"),
        ("--minutes 38", "--minutes 0.02", "it took more than 0.02 minutes"),
    ],
)
def test_what_is_not_the_students_fault_is_told_so(
    uploaded: Path, tmp_path: Path, asked: str, instead: str, why: str
) -> None:
    """Too small or too slow a container: instructors read why, students that it is no score."""
    root = container(uploaded, tmp_path / "root", notebook(uploaded, RIGHT))
    script = root / "run_autograder"
    assert asked in script.read_text()
    script.write_text(script.read_text().replace(asked, instead))
    found, said = graded(root)
    assert why in said
    assert found == not_graded("The instructor sees why.")


def test_a_results_file_is_there_even_if_nothing_can_run(uploaded: Path, tmp_path: Path) -> None:
    """As after the container has killed us, or an installation that failed."""
    root = container(uploaded, tmp_path / "root", "{}")
    (root / "home" / "python" / "bin" / "python").write_text("#!/bin/sh\nkill -9 $$\n")
    found, _ = graded(root)
    assert found["output"].startswith("NOT GRADED")
    assert "too little memory or time" in found["output"]


def test_what_is_uploaded(uploaded: Path) -> None:
    """Scripts that can be run, this package, and of the course only what grading takes: not the
    nbgrader_config.py in which a database's password may stand.
    """
    assert [path.name for path in sorted(uploaded.iterdir()) if path.suffix != ".whl"] == [
        "course", "not_graded.json", "requirements.txt", "run_autograder", "setup.sh",
    ]  # fmt: skip
    assert len(list(uploaded.glob("vision_autograder-*.whl"))) == 1
    assert sorted(path.name for path in (uploaded / "course").iterdir()) == [
        "course.toml", "graders", "release",
    ]  # fmt: skip
    assert all(os.access(uploaded / path.name, os.X_OK) for path in SCRIPTS.iterdir())
    lint("shellcheck", *sorted(SCRIPTS.iterdir()))


def test_a_folder_that_is_in_use_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is overwritten, nothing half made; a wrong name of an assignment is said."""
    course = toy_course(tmp_path / "course")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(UsageError, match="is not empty"):
        make_folder(course, "toy", tmp_path / "used", "reduced")
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit) as ended:
        main(["gradescope", "toi", str(tmp_path / "new")])
    assert ended.value.code == 2
    assert "toy" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "used"]


def test_hidden_parts_outside_of_the_course_are_refused(tmp_path: Path) -> None:
    """They would lie outside of it there too."""
    course = toy_course(tmp_path / "course")
    (course.root / "graders").rename(tmp_path / "graders")
    (course.root / "course.toml").write_text('graders = "../graders"\n')
    with pytest.raises(UsageError, match="lies outside of the course"):
        make_folder(find_course(course.root), "toy", tmp_path / "new", "reduced")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("users", "name"),
    [
        ([{"email": "a@b.org", "id": 1}, {"email": "c@d.org", "id": 2}], "a@b.org"),
        ([{"email": "", "id": 1}], "user 1"),
        ([{"email": "../../x", "id": 1}], "user 1"),
        ([], "student"),
        ([3], "student"),
    ],
)
def test_who_handed_in(users: list[Any], name: str, tmp_path: Path) -> None:
    """By address, else by number; a name that could lead elsewhere is none."""
    (file := tmp_path / "metadata.json").write_text(json.dumps({"users": users}))
    assert handed_in_by(file) == name
    assert handed_in_by(tmp_path / "nothing.json") == "student"


def test_the_memory_of_a_container(tmp_path: Path) -> None:
    """By either version of control groups; without a limit the machine's."""
    whole = memory_limit(tmp_path)
    (groups := tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (groups / "memory.max").write_text("max\n")
    assert memory_limit(tmp_path) == whole
    (groups / "memory.max").write_text("805306368\n")
    assert memory_limit(tmp_path) == 768 * 2**20
    (groups / "memory.max").unlink()
    (groups / "memory").mkdir()
    (groups / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert memory_limit(tmp_path) == whole
