"""Answers that a student room left behind, damaged or forged: an answer, or one line of
ArtefactError.
"""

from __future__ import annotations

import io
import json
import resource
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import damaged, examples, mangled, texts, values, written

from autograder.answers.artefacts import read_answer
from autograder.errors import ArtefactError
from autograder.rooms.folder import collect
from autograder.rooms.values import encode, write_arrays

Folders = pytest.TempPathFactory
ANSWER = {"task": "task", "question": "one", "outcome": "values", "type": "", "detail": "",
          "seconds": 0.5}  # fmt: skip
ERROR = {"type": "ValueError", "message": "no", "explanation": None, "through": ["task"]}
VALUE = encode({"a": [1, 2.5, None, (True, float("nan"))], 3: np.arange(6.0).reshape(2, 3)})
WHOLE: list[dict[str, Any]] = [
    {**ANSWER, "values": [{"value": VALUE}, {"error": ERROR}]},
    {**ANSWER, "outcome": "value", "value": VALUE},
    {**ANSWER, "outcome": "error", "error": ERROR},
    {**ANSWER, "outcome": "model", "type": "Functional"},
]
CONFIG = {"class_name": "Sequential", "config": {"name": "net", "layers": []}, "live": {}}
MEMORY = 1 << 30  # bytes that reading may take above what there is


@contextmanager
def bounded() -> Iterator[None]:
    """Whoever believes a claimed size runs out of memory here."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def read(folder: Path) -> None:
    """Everything that judging reads of an answer."""
    parts: list[Callable[[], object]]
    with bounded():
        try:
            answer = read_answer(folder, "task", "one")
        except ArtefactError as error:
            assert "\n" not in str(error)
            return
        parts = [answer.config, answer.arrays, lambda: answer.finite]
        for part in parts:
            try:
                part()
            except ArtefactError as error:
                assert "\n" not in str(error)


def answer_of(folder: Path, record: bytes, config: bytes = b"{}", arrays: bytes = b"") -> None:
    place = folder / "artefacts" / "task"
    place.mkdir(parents=True)
    (place / "one.json").write_bytes(record)
    (place / "one.config.json").write_bytes(config)
    (place / "one.npz").write_bytes(arrays)


def whole_arrays(folder: Path) -> bytes:
    path = folder / "whole.npz"
    write_arrays(str(path), {"array": np.arange(12.0).reshape(3, 4), "net/a:0": np.ones(2, "i1")})
    return path.read_bytes()


@given(st.sampled_from(WHOLE).flatmap(mangled), mangled(CONFIG) | values())
@example({**WHOLE[0], "seconds": 10**400}, {})
@example({**WHOLE[1], "value": {"array": [1], "shape": [1], "dtype": [["a", "<f8"]]}}, {})
def test_any_record(tmp_path_factory: Folders, record: Any, config: Any) -> None:
    """Other kinds of values, keys that lack, nesting."""
    folder = tmp_path_factory.mktemp("fuzz")
    answer_of(folder, written(record), written(config))
    read(folder)


@given(damaged(written(WHOLE[0])) | st.binary(), damaged(written(CONFIG)))
def test_any_bytes_as_a_record(tmp_path_factory: Folders, record: bytes, config: bytes) -> None:
    """Cut off, not JSON, not UTF-8."""
    folder = tmp_path_factory.mktemp("fuzz")
    answer_of(folder, record, config)
    read(folder)


@given(st.data())
def test_any_bytes_as_arrays(tmp_path_factory: Folders, data: st.DataObject) -> None:
    """Directories, headers and sizes that lie."""
    folder = tmp_path_factory.mktemp("fuzz")
    arrays = data.draw(damaged(whole_arrays(folder)))
    answer_of(folder, written(WHOLE[3]), written(CONFIG), arrays)
    read(folder)


def headers() -> st.SearchStrategy[bytes]:
    """Headers of arrays: claims of any kind, and expressions."""
    descr = st.sampled_from(
        ["<f8", "|O", "<i3", "|S9999999", ">c16", "|b1", "<U1", "V8", [], (), {}, [("a", "<f8")], "f4,f4"]
    ) | texts()  # fmt: skip
    size = st.sampled_from([0, 1, 3, -1, 1 << 40, 10**30, True, None, 2.0])
    shape = st.lists(size, max_size=40).map(tuple)
    told = st.builds(
        lambda descr, shape, order: repr(
            {"descr": descr, "fortran_order": order, "shape": shape}
        ).replace("}", ", }"),
        descr, shape, st.sampled_from([True, False, 1, "x"]),
    )  # fmt: skip
    bombs = st.sampled_from(
        ["(" * 9_000, "-" * 9_000 + "1", "[" * 150 + "]" * 150, "9**9**9", "{'a': L1}", "\0", "é",
         "__import__('os')", "'" * 3, "\\", " 1\n  2\n 3"]
    )  # fmt: skip
    return (told | bombs | texts()).map(lambda text: text.encode("utf-8", "replace"))


@given(
    headers(),
    st.sampled_from([(1, 0), (2, 0), (3, 0), (9, 9)]),
    st.binary(max_size=40),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]),
    st.lists(st.sampled_from(["array.npy", "a\nb.npy", "../x.npy", "é.npy", "x", "/.npy"]), max_size=3),
)  # fmt: skip
@example(b"{'descr': '<f8', 'fortran_order': False, 'shape': (0, " + b"9" * 15 + b"), }", (1, 0),
         b"", 0, ["array.npy"])  # fmt: skip
def test_any_array(
    tmp_path_factory: Folders,
    header: bytes,
    version: tuple[int, int],
    body: bytes,
    method: int,
    names: list[str],
) -> None:
    """Types, shapes and versions of the format; members of one name, packed ones."""
    length = len(header).to_bytes(2 if version == (1, 0) else 4, "little")
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as bundle:
        warnings.simplefilter("ignore")  # of a second member of the same name
        for name in names:
            bundle.writestr(name, b"\x93NUMPY" + bytes(version) + length + header + body)
    folder = tmp_path_factory.mktemp("fuzz")
    answer_of(folder, written(WHOLE[3]), written(CONFIG), out.getvalue())
    read(folder)


def test_a_hundred_thousand_members_are_not_listed(tmp_path: Path) -> None:
    """Their number is known before any of them is looked at."""
    entry = b"PK\1\2" + b"\0" * 24 + (1).to_bytes(2, "little") + b"\0" * 16 + b"a"
    count = 65_535
    end = b"PK\5\6\0\0\0\0" + count.to_bytes(2, "little") * 2
    end += (len(entry) * count).to_bytes(4, "little") + b"\0" * 6
    answer_of(tmp_path, written(WHOLE[3]), written(CONFIG), entry * count + end)
    with pytest.raises(ArtefactError, match="holds too much: 65,535 arrays"):
        read_answer(tmp_path, "task", "one").arrays()


@examples(0.5)
@given(st.sampled_from(WHOLE).flatmap(mangled), st.binary(max_size=60))
def test_what_is_brought_out_of_a_room_can_be_read(
    tmp_path_factory: Folders, record: Any, arrays: bytes
) -> None:
    """Answers that break the rules come home as refusals, which are answers."""
    folder = tmp_path_factory.mktemp("fuzz")
    answers = folder / "answers" / "task"
    answers.mkdir(parents=True)
    (answers / "one.json").write_bytes(written(record))
    (answers / "one.npz").write_bytes(arrays)
    collect(folder / "answers", folder / "artefacts", "task", "one")
    answer = read_answer(folder, "task", "one")
    json.dumps(answer.detail)
