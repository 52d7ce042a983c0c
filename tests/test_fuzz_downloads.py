"""Whatever is in a download: what can be told goes into submitted/, the rest is named; nothing is
written elsewhere, and nothing raises but with one line.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import damaged, examples, texts
from toy import bare_course

from autograder.cli.main import main
from autograder.errors import UsageError
from autograder.lms.roster import read_roster

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")
Folders = pytest.TempPathFactory
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
METADATA = b"""submission_1:
  :submitters:
  - :name: Anna Li
    :sid: '7'
    :email: anna@example.org
  :created_at: 2026-03-01 12:00:00.250000000 Z
  :results: {}
submission_2:
  :submitters: []
"""
PIECES = [
    "lianna", "LATE", "anon", "12", "88", "toy.ipynb", "toy-1.ipynb", "assignsubmission", "file",
    "onlinetext", "attempt", "2026-03-01-12-00-00", "2026-99-01-12-00-00", "submission", "anna",
    "text.html", "submission_metadata.yml", "Participant", "Team 1", "..", ".", "", "C:", "~", "toy",
    "timestamp.txt", "x.txt", "labkit", ".collected.json", "__MACOSX", "a" * 120, "ä", "a\u0301",
]  # fmt: skip
FORMS = [
    "{who}_12_345_{}", "{who}_LATE_88_346_{}", "Anna Li_12_assignsubmission_file/{}",
    "Bea Ö_88_assignsubmission_file_{}", "Lab_{who}_attempt_2026-03-01-12-00-00_{}", "{who}/{}",
    "{who}/toy/{}", "submission_1/{}",
]  # fmt: skip
KINDS = [*[0] * 9, 0o100644, stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFDIR | 0o755, 0xFFFF]
SHEET = "student,ID,email,name,group,submitted\nanna,12,a@x.org,Anna Li,Team 1,2026-03-01 12:00\nbea,88,b@x.org,Bea Ö,Team 1,?\neve,99,e@x.org,Eve,Team 2,\n".encode()


@st.composite
def names(draw: st.DrawFn) -> str:
    """Of pieces of the systems' names, parted as theirs are."""
    pieces = draw(st.lists(st.sampled_from(PIECES) | texts(), min_size=1, max_size=4))
    return "".join(piece + draw(st.sampled_from(["_", "_", "/", " ", "\\"])) for piece in pieces)[
        :-1
    ]


@st.composite
def zips(draw: st.DrawFn, around: str = "") -> bytes:
    """Files of any name and kind, some the same."""
    out = io.BytesIO()
    form = around + draw(st.sampled_from(FORMS))
    with zipfile.ZipFile(out, "w") as bundle:
        for file in draw(st.lists(names() | st.sampled_from(["toy.ipynb", "x.txt"]), max_size=6)):
            name = form.format(file, who=draw(st.sampled_from(["anna", "bea", "a@x.org", "x"])))
            info = zipfile.ZipInfo("x", (2026, 3, 1, 0, 0, 0))
            info.filename = name.encode(errors="replace").decode()[:300]
            info.external_attr = draw(st.sampled_from(KINDS)) << 16
            info.compress_type = draw(st.sampled_from([0, 0, 8, 8, 12]))
            data = (
                METADATA if name.endswith("yml") else draw(st.sampled_from([NOTEBOOK, b"", b"{"]))
            )
            bundle.writestr(info, data)
    return out.getvalue()


def any_zips() -> st.SearchStrategy[bytes]:
    """Some of them not even a zip file any more."""
    return zips() | zips() | zips().flatmap(damaged)


def shifted() -> bytes:
    """A zip file without its first byte: its files seem to begin before it does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("anna_12_345_toy.ipynb", NOTEBOOK)
    return out.getvalue()[1:]


def collected(folders: Folders, data: bytes, *arguments: str) -> Path:
    """Collect twice, and look at all that was written and said; the course."""
    folder = folders.mktemp("fuzz")
    root = folder / "course"
    root.mkdir()
    bare_course(root)
    (folder / "a.zip").write_bytes(data)
    (folder / "who.csv").write_bytes(SHEET)
    before = files(folder)
    status, told = call(root, "../a.zip", "toy", *arguments)
    again, _ = call(root, "../a.zip", "toy", *arguments)
    after = files(folder)
    assert again in {status, 0}
    if status == 2:
        assert after == before
    for path in after - before:
        assert re.match(r"course/(submitted/[^/]+/toy/|runs/\.collecting$)", path), path
    places = (root / "submitted").glob("*/toy/.collected.json")
    records = {path.parent: json.loads(path.read_text())["files"] for path in places}
    for place, some in records.items():
        assert {name for name in some if not (place / name).is_file()} == set()
    assert not [path for path in folder.rglob("*") if path.is_symlink()]
    assert told.isprintable() or "\x1b" not in told
    return root


def files(folder: Path) -> set[str]:
    """All files there."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in found}


def call(root: Path, *arguments: str) -> tuple[int, str]:
    """Status and text of a call; one that fails says one line."""
    out, err, here = io.StringIO(), io.StringIO(), Path.cwd()
    os.chdir(root)
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as raised:
            main(["collect", *arguments])
    finally:
        os.chdir(here)
    said = out.getvalue() + err.getvalue()
    assert raised.value.code in {0, 1, 2}, said
    assert "not foreseen" not in said, said
    assert err.getvalue().count("\n") == (raised.value.code == 2), said
    return int(raised.value.code or 0), said


@given(any_zips(), st.sampled_from([(), ("--roster", "../who.csv"), ("--force",)]))
@example(b"PK\5\6" + bytes(18), ())
def test_any_zip_is_collected_or_refused_by_name(
    tmp_path_factory: Folders, data: bytes, more: tuple[str, ...]
) -> None:
    """By whatever names its files go, as far as any system's naming fits."""
    collected(tmp_path_factory, data, *more)


@examples(0.5)
@given(
    any_zips(),
    st.sampled_from(["canvas", "moodle", "blackboard", "gradescope", "folders", "nbgrader"]),
)
@example(shifted(), "canvas")
def test_any_zip_is_read_as_any_system_s(
    tmp_path_factory: Folders, data: bytes, system: str
) -> None:
    """What is not named as it is said to be is listed."""
    collected(tmp_path_factory, data, "--from", system, "--roster", "../who.csv")


@given(zips("eve/"), st.sampled_from(["", "canvas", "moodle", "gradescope", "nbgrader"]))
def test_one_student_s_folder_is_that_student_s(
    tmp_path_factory: Folders, data: bytes, system: str
) -> None:
    """Whatever the names in it say, and whoever is said to have written them."""
    more = ("--from", system) if system else ()
    root = collected(tmp_path_factory, data, "--roster", "../who.csv", *more)
    assert {path.name for path in (root / "submitted").glob("*")} <= {"e@x.org"}


@given(damaged(METADATA))
@example(b"submission_1:\n  :submitters: &a [*a]\n")
@example(b"submission_1: {? {}: 1}\n")
def test_any_list_of_submissions(tmp_path_factory: Folders, data: bytes) -> None:
    """Gradescope's says whose they are, or nothing that can be used."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("e/submission_metadata.yml", data)
        bundle.writestr("e/submission_1/toy.ipynb", NOTEBOOK)
    collected(tmp_path_factory, out.getvalue())


@given(damaged(SHEET) | st.binary())
def test_any_roster_is_one_or_said_to_be_none(tmp_path_factory: Folders, data: bytes) -> None:
    """In one line; and whom it names can have a folder."""
    path = tmp_path_factory.mktemp("fuzz") / "who.csv"
    path.write_bytes(data)
    try:
        roster = read_roster(path)
    except UsageError as error:
        assert "\n" not in str(error)
        return
    for person in roster.people:
        assert "/" not in person.student
        assert person in roster.who("student", person.student)
