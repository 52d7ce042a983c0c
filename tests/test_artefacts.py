"""Answer files: what the judge reads of them, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import pickle
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy

from autograder.answers.artefacts import Answer, read_answer
from autograder.errors import ArtefactError, UsageError
from autograder.files import remove
from autograder.records import CellError
from autograder.rooms.folder import check_name, collect, room_folder
from autograder.rooms.values import Refused, arrays_in, encode, write_arrays


def written(run_dir: Path, **record: Any) -> Answer:
    """The answer that is read where this record was written."""
    path = run_dir / "artefacts" / "task" / "one.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"task": "task", "question": "one", **record}))
    return read_answer(run_dir, "task", "one")


def npz(run_dir: Path, arrays: dict[str, np.ndarray]) -> Answer:
    answer = written(run_dir, outcome="array", type="ndarray")
    write_arrays(str(answer.folder / "one.npz"), arrays)
    return answer


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, database=None)
@given(value=_PLAIN)
def test_plain_values_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    """Lists, tuples, dicts with whole numbers as keys, infinities:
    what was encoded is decoded equal, types too.
    """
    answer = written(tmp_path_factory.mktemp("run"), outcome="value", value=encode(value))

    assert (answer.value, repr(answer.value)) == (value, repr(value))


def test_nan_and_small_arrays_among_values(tmp_path: Path) -> None:
    """NaN stays NaN; NumPy's scalars become Python's; an array among values stays an array."""
    value = encode(
        {
            "nan": float("nan"),
            "one": np.float32(1),
            "array": np.arange(4, dtype="int32").reshape(2, 2),
        }
    )

    read = written(tmp_path, outcome="value", value=value).value

    assert np.isnan(read["nan"])
    assert type(read["one"]) is float
    np.testing.assert_array_equal(read["array"], [[0, 1], [2, 3]])


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1.5: 2},
        [[]] * 200_000,
        "x" * 200_000,
        1 << 5000,
        {"a": object()},
        b"bytes",
        lambda: 0,
    ],
    ids=[
        "object",
        "float as key",
        "many",
        "long text",
        "huge number",
        "object inside",
        "bytes",
        "function",
    ],
)
def test_values_that_are_not_plain_are_refused(value: Any) -> None:
    """What JSON can't say, or too much of it, does not cross."""
    with pytest.raises(Refused):
        encode(value)


def test_arrays_that_contain_themselves_are_refused() -> None:
    """A list inside itself ends at the limit of depth."""
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(Refused, match="nested"):
        encode(endless)


def test_arrays_come_back(tmp_path: Path) -> None:
    """One array is called "array", those of a list by number, those of a dict by key;
    shapes and types are kept.
    """
    one = arrays_in(np.ones((2, 0, 3), "float16"))
    several = arrays_in([np.zeros(2, bool), np.asfortranarray(np.arange(6).reshape(2, 3))])
    named = arrays_in({"läyer/a:0": np.array(2.5), "nan": np.array([np.nan])})
    assert one is not None
    assert several is not None
    assert named is not None

    for arrays in (one, several, named):
        read = npz(tmp_path, arrays).arrays()
        assert [(k, v.dtype, v.shape) for k, v in read.items()] == [
            (k, v.dtype, v.shape) for k, v in arrays.items()
        ]
        for key, array in arrays.items():
            np.testing.assert_array_equal(read[key], array)


def test_finite_is_reported(tmp_path: Path) -> None:
    """NaN in an array is no error of reading."""
    assert not npz(tmp_path, {"array": np.array([1.0, np.nan])}).finite
    assert npz(tmp_path, {"array": np.array([1, 2])}).finite


@pytest.mark.parametrize(
    "array", [np.array([object()]), np.array(["text"]), np.zeros(2, "datetime64[s]")]
)
def test_arrays_of_anything_but_numbers_are_not_written(tmp_path: Path, array: np.ndarray) -> None:
    """Objects, texts and dates stay in the room."""
    with pytest.raises(Refused, match="not of numbers"):
        write_arrays(str(tmp_path / "a.npz"), {"array": array})


def member(header: dict[str, Any], data: bytes) -> bytes:
    stream = io.BytesIO()
    npy.write_array_header_1_0(stream, header)
    return stream.getvalue() + data


def _archive(path: Path, name: str, data: bytes, kind: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr(name, data)


_FLOATS = {"descr": "<f8", "fortran_order": False}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        (
            "a.npy",
            member({**_FLOATS, "descr": "|O", "shape": (1,)}, pickle.dumps([1])),
            zipfile.ZIP_STORED,
        ),
        (
            "a.npy",
            member({**_FLOATS, "descr": [("x", "<f8")], "shape": (1,)}, b"\0" * 8),
            zipfile.ZIP_STORED,
        ),
        ("a.npy", member({**_FLOATS, "shape": (1 << 40,)}, b"\0" * 8), zipfile.ZIP_STORED),
        ("a.npy", member({**_FLOATS, "shape": (-1,)}, b"\0" * 8), zipfile.ZIP_STORED),
        ("a.npy", member({**_FLOATS, "shape": (2,)}, b"\0" * 8), zipfile.ZIP_STORED),
        ("a.npy", member({**_FLOATS, "shape": (1,)}, b"\0" * 9), zipfile.ZIP_STORED),
        ("a.npy", member({**_FLOATS, "shape": (10**6,)}, b"\0" * 8 * 10**6), zipfile.ZIP_DEFLATED),
        ("a.txt", b"words", zipfile.ZIP_STORED),
        ("a.npy", b"no array", zipfile.ZIP_STORED),
    ],
    ids=[
        "pickle",
        "records",
        "huge shape",
        "negative",
        "short",
        "long",
        "zip bomb",
        "no array",
        "no magic",
    ],
)
def test_archives_that_break_the_rules(tmp_path: Path, name: str, data: bytes, kind: int) -> None:
    """Pickles, records, shapes that lie and compressed members are errors,
    and nothing is built from them.
    """
    answer = written(tmp_path, outcome="array")
    _archive(answer.folder / "one.npz", name, data, kind)

    with pytest.raises(ArtefactError, match=r"one\.npz"):
        answer.arrays()


@pytest.mark.parametrize(
    "record",
    [
        {"outcome": "passed"},
        {},
        {"outcome": "value", "task": "other"},
        {"outcome": "values", "values": 3},
        {"outcome": "values", "values": [3]},
        {"outcome": "error", "error": "text"},
        {"outcome": "error", "error": {"type": ["a"], "message": ""}},
        {"outcome": "value", "value": {"dict": [[[], 1]]}},
        {"outcome": "value", "value": {"pickle": "…"}},
        {"outcome": "value", "value": {"array": [1], "shape": [2], "dtype": "<f8"}},
        {"outcome": "value", "value": {"array": [1], "shape": [1], "dtype": "O"}},
        {"outcome": "value", "detail": 3},
    ],
)
def test_records_that_break_the_rules(tmp_path: Path, record: dict[str, Any]) -> None:
    """A record of another form than the room's is an error that names the file."""
    with pytest.raises(ArtefactError, match=r"task/one\.json"):
        written(tmp_path, **record)


def test_errors_come_back_capped(tmp_path: Path) -> None:
    """An error is a record; its texts have a limit."""
    error = {"type": "T" * 500, "message": "m" * 9_000, "explanation": None, "through": ["a", "b"]}

    assert written(tmp_path, outcome="error", error=error).error == CellError(
        "T" * 200, "m" * 4_000, None, ("a", "b")
    )


@pytest.mark.parametrize("text", ["[" * 100_000, "{", '{"a": ' * 150 + "1" + "}" * 150])
def test_json_that_breaks_the_rules(tmp_path: Path, text: str) -> None:
    """Depth that Python or we can't follow, and what is no JSON, is an error."""
    answer = written(tmp_path, outcome="model")
    (answer.folder / "one.config.json").write_text(text)

    with pytest.raises(ArtefactError, match="one"):
        answer.config()


def test_never_written_is_not_asked(tmp_path: Path) -> None:
    """An answer without a file is one that was not asked for any more."""
    assert read_answer(tmp_path, "task", "one").outcome == "not_asked"


@pytest.mark.parametrize("name", ["../one", "", ".hidden", "a/b", "x.config", "a" * 300])
def test_names_that_are_paths(tmp_path: Path, name: str) -> None:
    """A question's name can't lead anywhere else."""
    with pytest.raises(UsageError):
        check_name(name)
    if not name.endswith(".config"):
        with pytest.raises(ArtefactError):
            read_answer(tmp_path, "task", name)


@pytest.mark.parametrize(
    "trick", ["link", "hard link", "fifo", "folder is a link", "too large", "nothing"]
)
def test_only_regular_files_leave_a_room(tmp_path: Path, trick: str) -> None:
    """Links to a secret, pipes and oversized files are not followed,
    opened or copied: the answer is a refusal.
    """
    secret = tmp_path / "task" / "one.json"
    secret.parent.mkdir()
    secret.write_text('{"secret": 1}')
    answers = tmp_path / "room" / "answers"
    answers.mkdir(parents=True)
    if trick == "folder is a link":
        (answers / "task").symlink_to(secret.parent)
    else:
        (answers / "task").mkdir()
    path = answers / "task" / "one.json"
    if trick == "link":
        path.symlink_to(secret)
    elif trick == "hard link":
        os.link(secret, path)
    elif trick == "fifo":
        os.mkfifo(path)
    elif trick == "too large":
        with path.open("wb") as stream:
            stream.truncate(1 << 40)

    collect(answers, tmp_path / "artefacts", "task", "one")

    assert read_answer(tmp_path, "task", "one").outcome == "refused"
    assert not any(
        "secret" in file.read_text() for file in (tmp_path / "artefacts").rglob("*.json")
    )


def test_room_folders_are_removed_whatever_is_left_in_them(tmp_path: Path) -> None:
    """Folders deeper than paths may be long, and without permissions, do not outlive the room."""
    with room_folder(tmp_path) as folder:
        here = os.open(folder, os.O_RDONLY)
        for _ in range(1_200):
            os.mkdir("deep", dir_fd=here)
            inner = os.open("deep", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(here)
        (folder / "locked").mkdir()
        (folder / "locked" / "file").touch()
        (folder / "locked").chmod(0)

    assert not folder.exists()


def test_a_folder_that_is_filled_while_it_is_removed_is_removed(tmp_path: Path) -> None:
    """As by a process that is just ending, and writes on for a moment."""
    folder = tmp_path / "folder"
    folder.mkdir()
    end = time.monotonic() + 0.2

    def fill() -> None:
        number = 0
        while time.monotonic() < end:
            number += 1
            (folder / str(number)).mkdir(parents=True)

    with ThreadPoolExecutor() as pool:
        filling = pool.submit(fill)
        time.sleep(0.02)
        remove(folder)
        filling.result()

    assert not folder.exists()
