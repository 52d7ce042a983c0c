"""A course's own files, and what is typed at the command line: one line that names the file, and
exit status 2.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mangling import damaged, examples, mangled, texts, values, written
from toy import REPOSITORY, bare_course

from autograder.calibration.plan import read_plans
from autograder.cli.main import main
from autograder.course import find_course, read_assignment
from autograder.errors import UsageError
from autograder.judge.hidden import sets_of
from autograder.judge.hidden_side import read_calibration
from autograder.judge.hints import read_hints
from autograder.proofs.bank import read_recipe
from autograder.sample import read_class

Folders = pytest.TempPathFactory
COURSE = b"""secret_seed = "x"
isolation = "strong"
jobs = 2
given_cells = "all"
graders = "graders"
[limits]
cell_seconds = 20
memory_bytes = 4_000_000_000
[data.ants]
from = "folder"
path = "ants"
classes = ["a", "b"]
[backbone]
from = "vgg16"
[rooms]
backend = "jax"
gpu = 0.25
libraries = ["numpy", "keras"]
"""
HINTS = b"""[halves]
hint = "Multiply."
page = "12"

["a-b"]
hint = \"\"\"Two
lines.\"\"\"
"""
RECIPE = b'''"""Halves.
---
assignment = "toy"
base = "release"
hint_should_mention = "x"
allowed_status = ["graded", "timeout"]
[score]
double = [0, 0.5]
triple = 1
[misconception]
double = "halves"
---
"""

# %% double
def double(x):
    return x / 2
'''
CLASS = b"""assignment = "toy"
due = 2026-03-01T12:00:00Z
[limits]
cell_seconds = 20
[[student]]
name = "ann"
recipe = "bank/toy/right.py"
undone = ["double"]
timestamp = 2026-03-01T12:00:00+01:00
[[student]]
name = "bob"
special = "unreadable"
"""
PLAN = (REPOSITORY / "autograder/graders/functional_api/calibration.toml").read_bytes()
RECORD = json.loads(
    (REPOSITORY / "autograder/graders/functional_api/calibration.json").read_bytes()
)
# TOML that Python's reader takes, or breaks off at in its own way
ODD = [
    b"x = " + b"[" * 5_000, b"x = " + b"9" * 5_000, b"jobs = 0x" + b"f" * 5_000, b'"a\\nb" = 1',
    b"jobs = 0x" + b"f" * 4_000 + b"\n[limits]\n", b"[limits]\ncell_seconds = nan", b"a.b.c = 1",
    b"[limits]\ncell_seconds = inf", b"[limits]\nmemory_bytes = 0", b"[limits]\nmemory_bytes = -1",
    b'isolation = "a\\nb"', b'graders = "\\u0000"', b'graders = ""', b"x = 2021-02-30", b"secret_seed = 12",
    b"secret_seed = 0x" + b"f" * 5_000, b"[[limits]]", b"limits = 3", b"[data]\nants = 3", b"\xff",
    b'[data.ants]\nfrom = "folder"\nclasses = ["a\\nb", "a\\nb"]\npath = "x"', b"[a]\n[a]\n", b"\0",
    b"[rooms]\ngpu = nan", b"[rooms]\ngpu = -1", b"gpu = true", b"[rooms]\nbackend = []",
    b'libraries = "numpy"', b'libraries = ["a\\nb", "../x", 3]', b"libraries = [[]]", b"rooms = 3",
    b"[halves]\nhint = 3", b'"\\u001b[31m" = 1', b"assignment = 3\n", b'["\\n"]\nhint = 3', b"x = '\r'",
]  # fmt: skip


def files(whole: bytes) -> st.SearchStrategy[bytes]:
    """The file with bytes or lines of it damaged, or with odd ones behind it or in their place."""
    odd = st.sampled_from(ODD)
    lines = whole.splitlines(keepends=True)
    shuffled = st.lists(st.sampled_from(lines) | odd.map(lambda line: line + b"\n"), max_size=12)
    return damaged(whole) | shuffled.map(b"".join) | odd | odd.map(lambda line: whole + line)


def read(reader: Callable[[Path], Any], path: Path) -> Any:
    """What is read, or None where that is one line which names the file."""
    try:
        return reader(path)
    except UsageError as error:
        said = str(error)
    assert str(path) in said
    assert "\n" not in said
    said.encode()
    assert len(said) < 3_000
    return None


@given(files(COURSE))
def test_any_course_toml(tmp_path_factory: Folders, data: bytes) -> None:
    """Settings that can be used, or why they can't."""
    path = tmp_path_factory.mktemp("fuzz") / "course.toml"
    path.write_bytes(data)
    course = read(lambda file: find_course(file.parent), path)
    if course is not None:
        course.graders.is_dir()
        rooms = course.settings.rooms
        f"{course.limits.cell_seconds:.0f} {course.jobs} {course.secret_seed} {rooms}".encode()


@given(files(HINTS))
def test_any_hints(tmp_path_factory: Folders, data: bytes) -> None:
    """Hints by their ids."""
    path = tmp_path_factory.mktemp("fuzz") / "hints.toml"
    path.write_bytes(data)
    for hint in (read(read_hints, path) or {}).values():
        str(hint).encode()


@given(files(RECIPE) | files(RECIPE[15:-60]).map(lambda block: RECIPE[:15] + block + RECIPE[-60:]))
@example(RECIPE.replace(b"triple = 1", b'triple = "a\\nb"'))
@example(RECIPE.replace(b"Halves", b"\xff"))
def test_any_recipe(tmp_path_factory: Folders, data: bytes) -> None:
    """Known submissions."""
    path = tmp_path_factory.mktemp("fuzz") / "recipe.py"
    path.write_bytes(data)
    read(read_recipe, path)


@given(files(CLASS))
@example(CLASS.replace(b"2026-03-01T12:00:00Z", b"2026-03-01"))
@example(CLASS.replace(b'"ann"', b'"../../ann"'))
@example(CLASS.replace(b"cell_seconds = 20", b'cell_seconds = "a\\nb"'))
def test_any_class_toml(tmp_path_factory: Folders, data: bytes) -> None:
    """A sample class whose students are folders and whose times are times."""
    path = tmp_path_factory.mktemp("fuzz") / "class.toml"
    path.write_bytes(data)
    read(read_class, path)


@examples(0.5)
@given(files(PLAN))
def test_any_calibration_toml(tmp_path_factory: Folders, data: bytes) -> None:
    """Plans of thresholds."""
    path = tmp_path_factory.mktemp("fuzz") / "calibration.toml"
    path.write_bytes(data)
    read(read_plans, path)


@given(mangled(RECORD).map(written) | values().map(written) | damaged(written(RECORD)))
@example(b"[" * 100_000)
@example(b'{"double": {"record": 5}}')
@example(b'{"double": {"scenes": []}}')
def test_any_calibration_record(tmp_path_factory: Folders, data: bytes) -> None:
    """Records from which the hidden data can be drawn."""
    path = tmp_path_factory.mktemp("fuzz") / "calibration.json"
    path.write_bytes(data)
    records = read(read_calibration, path)
    if records:
        sets_of(records)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    """It is named too."""
    readers: list[tuple[str, Callable[[Path], Any]]] = [
        ("hints.toml", read_hints), ("recipe.py", read_recipe), ("class.toml", read_class),
        ("calibration.toml", read_plans), ("calibration.json", read_calibration),
    ]  # fmt: skip
    for name, reader in readers:
        (tmp_path / name).mkdir()
        assert read(reader, tmp_path / name) is None


# --- the command line --------------------------------------------------------------------------

BY_ASSIGNMENT = (
    "grade", "report", "verify", "calibrate", "alike", "release", "mutate", "respell",
)  # fmt: skip


@pytest.fixture(scope="module")
def course(tmp_path_factory: Folders) -> Path:
    return bare_course(tmp_path_factory.mktemp("course")).root


def typed() -> st.SearchStrategy[str]:
    """What a shell can hand over: any bytes but NUL, a good part of them no names."""
    odd = ["", ".", "..", "/", "../toy", "toy/", "-", "--", "-1", "toy\n", "to?", "*", "~", "tоy"]
    return (st.sampled_from(odd) | texts()).map(
        lambda text: os.fsdecode(text.replace("\0", "").encode("utf-8", "replace"))
    ) | st.binary(max_size=6).map(lambda data: os.fsdecode(data.replace(b"\0", b"")))


def call(root: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and what stands on the screen."""
    before, screen = Path.cwd(), io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    os.chdir(root)
    try:
        with redirect_stdout(screen), redirect_stderr(screen), pytest.raises(SystemExit) as ended:
            main(list(arguments))
    finally:
        os.chdir(before)
    screen.flush()
    status = ended.value.code
    assert isinstance(status, int)
    return status, screen.buffer.getvalue().decode()


def refused(root: Path, *arguments: str) -> None:
    """Status 2; one line, after the two of click's that say how the command is called."""
    status, told = call(root, *arguments)
    assert status == 2
    assert "Traceback" not in told
    lines = [line for line in told.split("\n") if line.strip()]
    assert lines[0].startswith("Usage: ") or len(lines) == 1, told
    assert len(lines) <= 3, told


@given(typed(), st.sampled_from(BY_ASSIGNMENT))
@example("a" * 300, "grade")
@example("\n" * 300, "release")
@example("a\nb", "grade")
@example("../toy", "report")
def test_any_name_of_an_assignment(course: Path, name: str, command: str) -> None:
    """There is none of this name, and here are those that there are."""
    assume(not name.startswith("-"))
    refused(course, command, name)


@given(typed(), st.sampled_from(["--student", "--shard", "--jobs", "--fail-under"]))
@example("1/" + "9" * 5_000, "--shard")
@example("١/٢", "--shard")
@example("nan", "--fail-under")
@example("a\nb", "--student")
def test_any_value_of_an_option(course: Path, value: str, option: str) -> None:
    """No such student, part, number or share."""
    good = option == "--fail-under" and _is_share(value)
    assume(not good and not (option == "--jobs" and value.strip().isdecimal()))
    refused(course, "grade", "toy", f"{option}={value}")


def _is_share(value: str) -> bool:
    try:
        return 0 <= float(value) <= 100
    except ValueError:
        return False


@examples(0.5)
@given(typed())
def test_any_command(course: Path, name: str) -> None:
    """The nearest right one."""
    assume(not name.startswith("-") and name)
    refused(course, name)


@examples(0.5)
@given(typed())
def test_any_path(course: Path, name: str) -> None:
    """Of a model file, of a stored run, of a picture."""
    assume(not name.startswith("-") and set(name) - set("./"))  # no folder that is there
    refused(course, "inspect", name)
    refused(course, "judge", name)


@examples(0.5)
@given(typed())
@example("a\n")
@example("x" * 5_000)
def test_any_name_of_a_new_assignment(course: Path, name: str) -> None:
    """Nothing is made under a name that no folder, or no function, can have."""
    assume(not name.startswith("-") and not name.isidentifier())
    refused(course, "new", "assignment", "shapes", f"--task={name}")


def test_students_whose_names_are_no_text(tmp_path: Path) -> None:
    """A folder from a foreign file system: that student is named, nobody else is held up."""
    from autograder.bench import open_bench
    from autograder.grading.batch import Wish, _students

    course = bare_course(tmp_path)
    for name in (b"\xff\xfe", b"a\nb", b"ann"):
        (Path(os.fsdecode(os.fsencode(course.root) + b"/submitted/" + name)) / "toy").mkdir(
            parents=True
        )
    bench = open_bench(course, "toy")
    parts = [_students(bench, Wish(shard=(part, 3))) for part in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == course.students("toy")
    assert read_assignment(course, "toy").points
