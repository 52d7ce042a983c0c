"""What students get: whole, the same each time, nothing hidden in it, and it works as it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from answering import OWN
from limits import largest_file
from toy import hand_in, toy_course, write

from autograder.cli.main import main
from autograder.course import Course
from autograder.desk import desk, place_labkit
from autograder.errors import UsageError
from autograder.files import contents
from autograder.handout import hand_out, stale
from autograder.sample import lay_out

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's use of it

NAME = "residual_networks"
ALL = OWN.assignments()
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course, the working directory in it."""
    monkeypatch.chdir(tmp_path)
    return toy_course(tmp_path)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of our course."""
    return lay_out(OWN, tmp_path_factory.mktemp("ours"))


def released(*arguments: str) -> int:
    """The exit status of `autograder release`."""
    with pytest.raises(SystemExit) as raised:
        main(["release", *arguments])
    return int(raised.value.code or 0)


def names(archive: Path) -> list[str]:
    """Of the files in a zip."""
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def add_cell(course: Course) -> None:
    """A cell at the end of the source notebook."""
    notebook = nbformat.read(course.source("toy"), as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("The end.", id="end"))
    write(course.source("toy"), notebook)


def test_folder_and_zip_hold_the_same(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The released notebook, labkit, what lies beside it; no names: all assignments."""
    for place in (course.source("toy"), course.template("toy")):
        (place.parent / "data").mkdir()
        (place.parent / "data" / "table.csv").write_text("1,2\n")
    assert released() == 0
    folder = course.root / "handout" / "toy"
    assert "made anew" not in capsys.readouterr().out
    found = names(folder.with_suffix(".zip"))
    assert found == [name for name, _ in contents([folder])]
    assert {"toy/toy.ipynb", "toy/labkit/__init__.py", "toy/data/table.csv"} <= set(found)
    assert (folder / "toy.ipynb").read_bytes() == course.template("toy").read_bytes()
    with zipfile.ZipFile(folder.with_suffix(".zip")) as opened:
        assert opened.read("toy/data/table.csv") == b"1,2\n"


def test_the_same_sources_give_the_same_zip(course: Course, tmp_path: Path) -> None:
    """Whenever and wherever it is made, whatever is in its place."""
    assert released("toy") == 0
    archive = course.root / "handout" / "toy.zip"
    before = archive.read_bytes()
    (archive.with_suffix("") / "labkit" / "stale.py").touch()
    os.utime(course.template("toy"), (0, 0))
    assert released("toy", "toy", "--into", str(tmp_path / "elsewhere")) == 0
    assert released("toy") == 0
    assert archive.read_bytes() == before
    assert (tmp_path / "elsewhere" / "toy.zip").read_bytes() == before
    assert not (archive.with_suffix("") / "labkit" / "stale.py").exists()


@pytest.mark.parametrize("change", ["cell", "file", "release"])
def test_a_stale_release_is_made_anew(
    course: Course, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    """And the reason is said; in place of what it was when no source has changed, nothing is."""
    if change == "cell":
        add_cell(course)
    elif change == "file":
        (course.source("toy").parent / "table.csv").write_text("1,2\n")
    else:
        course.template("toy").unlink()
    why = {
        "cell": "the cell «end» is not what the source gives",
        "file": "table.csv is not what lies beside the source",
        "release": "it was not released",
    }
    assert stale(course, "toy") == why[change]
    assert released("toy") == 0
    assert f"made anew, since {why[change]}" in capsys.readouterr().out
    assert stale(course, "toy") is None
    assert ("toy/table.csv" in names(course.root / "handout" / "toy.zip")) == (change == "file")


def test_what_nbgrader_refuses_is_not_released(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """A task less while its gradebook holds submissions; what was released stays."""
    hand_in(course, "alice")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        gradebook.add_student("alice")
        gradebook.add_submission("toy", "alice")
    before = course.template("toy").read_bytes()
    notebook = nbformat.read(course.source("toy"), as_version=4)
    kept = [cell for cell in notebook.cells if not str(cell.metadata).count("triple")]
    notebook.cells = kept
    write(course.source("toy"), notebook)
    assert released("toy") == 2
    assert "autograder: nbgrader" in capsys.readouterr().err
    assert course.template("toy").read_bytes() == before
    assert not (course.root / "handout").exists()


@pytest.mark.parametrize("into", ["source", "release", "graders", "own"])
def test_nothing_of_anybodys_is_replaced(
    course: Course, capsys: pytest.CaptureFixture[str], into: str
) -> None:
    """Neither the course's own folders nor one that holds something else."""
    (course.root / "own" / "toy").mkdir(parents=True)
    (course.root / "own" / "toy" / "notes.txt").touch()
    before = sorted((course.root / into / "toy").iterdir())
    assert released("toy", "--into", into) == 2
    assert "say another" in capsys.readouterr().err
    assert sorted((course.root / into / "toy").iterdir()) == before


@pytest.mark.parametrize("what", ["file", "link", "link to a folder"])
def test_what_is_no_folder_is_not_replaced(
    course: Course, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """It may be somebody's, whatever a link leads to."""
    place, aim = course.root / "handout" / "toy", course.root / "aim"
    place.parent.mkdir()
    (aim / "labkit").mkdir(parents=True)
    if what == "file":
        place.write_text("mine")
    else:
        place.symlink_to(aim if what == "link to a folder" else "nowhere")
    assert released("toy") == 2
    assert f"autograder: {place} is no folder: move it away" in capsys.readouterr().err
    assert list(place.parent.iterdir()) == [place]
    assert place.is_symlink() or place.read_text() == "mine"


def test_a_disk_that_refuses_keeps_the_labkit_that_was_there(course: Course) -> None:
    """All of it is made beside it; the error names where it would have been."""
    folder = course.template("toy").parent
    before = {name: path.read_bytes() for name, path in contents([folder])}
    assert "toy/labkit/checks.py" in before
    with largest_file(1_000), pytest.raises(OSError, match="File too large") as raised:
        place_labkit(course, "toy", folder)
    assert Path(raised.value.filename).parent == folder / "labkit"
    assert {name: path.read_bytes() for name, path in contents([folder])} == before
    assert list(folder.glob(".*")) == []


def test_a_disk_that_refuses_hands_nothing_out(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor lays a desk: what could not be copied is one line."""
    for place in (course.source("toy"), course.template("toy")):
        (place.parent / "data").mkdir()
        (place.parent / "data" / "large.bin").write_bytes(bytes(200_000))
    with largest_file(100_000):
        assert released("toy") == 2
        with pytest.raises(OSError, match="File too large") as raised:
            desk(course, "toy")
    large = course.root / "handout" / "toy" / "data" / "large.bin"
    said = f"autograder: {large}: File too large; allow larger files (ulimit -f)\n"
    assert capsys.readouterr().err == said
    assert list((course.root / "handout").iterdir()) == []
    assert raised.value.filename.endswith("/data/large.bin")


def test_a_name_that_is_none(course: Course) -> None:
    """The nearest one is told."""
    with pytest.raises(UsageError, match="did you mean «toy»"):
        hand_out(course, "toi", course.root / "handout")


@pytest.mark.parametrize("name", ALL)
def test_nothing_hidden_is_handed_out(ours: Course, name: str, tmp_path: Path) -> None:
    """No grader, calibration, hint or known submission, no solution, none of the instructor's
    metadata, no seed, and no path of this machine.
    """
    made = hand_out(ours, name, tmp_path)
    with zipfile.ZipFile(made.zip) as opened:
        files = {one: opened.read(one) for one in opened.namelist()}
    parts = {one.split("/")[1] for one in files}
    assert parts == {f"{name}.ipynb", "labkit"}
    shipped = [*Path(OWN.root, "autograder", "labkit").iterdir(), OWN.graders / name / "public.py"]
    top = {one.split("/")[2] for one in files if one.count("/") == 2 and "/labkit/" in one}
    assert top <= {path.name for path in shipped}
    text = b"\n".join(files.values()).decode(errors="replace")
    for word in (
        OWN.secret_seed,
        str(OWN.root),
        str(ours.root),
        "BEGIN SOLUTION",
        "autograder.judge",
    ):
        assert word not in text
    source = nbformat.read(OWN.source(name), as_version=4)
    solutions = [part for cell in source.cells for part in SOLUTION.findall(cell.source)]
    assert solutions
    released = nbformat.reads(files[f"{name}/{name}.ipynb"].decode(), as_version=4)
    for solution in solutions:
        assert not any(solution in cell.source for cell in released.cells)
    assert {key for cell in released.cells for key in cell.metadata} <= {
        "nbgrader",
        "deletable",
        "editable",
    }
    assert all(not cell.get("outputs") for cell in released.cells)


@pytest.mark.slow
def test_it_works_with_nothing_but_stock_libraries(ours: Course, tmp_path: Path) -> None:
    """Unpacked in an empty folder, where the package is not installed, every check cell of the
    notebook says that its task is open, and none stops.
    """
    with zipfile.ZipFile(hand_out(ours, NAME, tmp_path / "made").zip) as opened:
        opened.extractall(tmp_path / "unpacked")
    folder = tmp_path / "unpacked" / NAME
    cells = json.loads((folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))["cells"]
    run = [
        "".join(cell["source"])
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "setup"
        or (cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("grade"))
    ]
    libraries = [path for path in sys.path if path and not path.startswith(str(OWN.root / "tests"))]
    program = (
        f"import sys; sys.path = ['.', *{libraries!r}]\n"
        f"sys.path = [path for path in sys.path if path != {str(OWN.root)!r}]\n"
        "import importlib.util; assert importlib.util.find_spec('autograder') is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program + "\n".join(run)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith(("✗", "–"))]
    assert len(told) == len(run) - 1
