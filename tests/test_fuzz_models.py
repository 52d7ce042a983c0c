"""Model files, damaged or forged: each is read or refused in one line, within bounds of time and
memory. benchmarks/fuzz_architecture.py watches what they open; here they are looked into further.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from apart import Apart
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import damaged, examples, mangled, texts, values, written
from test_archive import CONFIG, archive, arrays

from autograder.answers.networks import images, network
from autograder.architecture.expression import parse_expression
from autograder.architecture.inspect import inspect
from autograder.architecture.parse import read_config
from autograder.errors import ArchitectureError, ExpressionError, UsageError

Folders = pytest.TempPathFactory
FUNCTIONAL: dict[str, Any] = json.loads(
    network(
        "net",
        [
            (*images(8, 8), ()),
            ("a", "Conv2D", {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1],
                             "padding": "same", "activation": "relu", "trainable": False}, ("pixels",)),
            ("b", "BatchNormalization", {"axis": -1}, ("a",)),
            ("c", "Add", {}, ("a", "b")),
            ("d", "MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}, ("c",)),
            ("e", "UpSampling2D", {"size": [2, 2], "interpolation": "nearest"}, ("d",)),
            ("f", "Concatenate", {"axis": -1}, ("e", "c")),
            ("g", "GlobalAveragePooling2D", {}, ("f",)),
            ("h", "Dense", {"units": 3, "activation": "softmax"}, ("g",)),
        ],
        0,
    ).config
)  # fmt: skip
ARRAYS = arrays()
SEQUENTIAL: dict[str, Any] = json.loads(json.dumps(CONFIG))


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    """One worker for all files, as long as it lives."""
    worker = Apart()
    yield worker
    worker.close()


def configs() -> st.SearchStrategy[Any]:
    return st.sampled_from([FUNCTIONAL, SEQUENTIAL]).flatmap(mangled)


@given(configs() | values())
@example({"class_name": "a\nb", "config": {}})
@example({**FUNCTIONAL, "keras_version": "2.\n"})
@example({"config": {"layers": [{"class_name": "Dense\n", "config": {}}]}})
def test_any_configuration(config: Any) -> None:
    """A graph, or why it is none."""
    try:
        read_config(config if isinstance(config, dict) else {"config": config})
    except ArchitectureError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
    assert len(said) < 1_500
    said.encode()


@examples(0.5)
@given(configs() | values())
def test_any_file_of_a_configuration(tmp_path_factory: Folders, apart: Apart, config: Any) -> None:
    """Facts, words and picture of it."""
    path = tmp_path_factory.mktemp("fuzz") / "model.json"
    path.write_bytes(written(config))
    assert "\n" not in apart.read(path)


@examples(0.5)
@given(st.data(), configs())
def test_any_archive(
    tmp_path_factory: Folders, apart: Apart, data: st.DataObject, config: Any
) -> None:
    """Its zip, its configuration or its arrays."""
    path = archive(tmp_path_factory.mktemp("fuzz"), config=config)
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    assert "\n" not in apart.read(path)


@given(st.data())
def test_any_bytes_of_arrays(tmp_path_factory: Folders, apart: Apart, data: st.DataObject) -> None:
    """HDF5 whose structure is damaged, deep in its library."""
    path = archive(tmp_path_factory.mktemp("fuzz"), data.draw(damaged(ARRAYS)))
    assert "\n" not in apart.read(path)


ODD_PARTS = ["soft", "external", "virtual", "hard", "loop", "huge", "chunked", "texts", "compound",
             "external storage", "deep", "names", "references", "empty", "filters"]  # fmt: skip


def add(file: h5py.File, part: str, place: str) -> None:  # noqa: C901, PLR0912 — one branch a part
    """Something that Keras never writes, or writes otherwise."""
    group = file.require_group(place)
    name = next(f"{n}" for n in count(len(group)) if f"{n}" not in list(group))
    if part == "soft":
        group[name] = h5py.SoftLink("/layers/dense/vars/0")
    elif part == "external":
        group[name] = h5py.ExternalLink("/etc/passwd", "/")
    elif part == "virtual":
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
        group.create_virtual_dataset(name, layout)
    elif part in {"hard", "loop"}:
        group[name] = file["layers/dense"] if part == "hard" else file["layers"]
    elif part == "huge":
        group.create_dataset(name, (1 << 40,), "f4", chunks=(1024,))
    elif part in {"chunked", "filters"}:
        packed: dict[str, Any] = (
            {"compression": "gzip"} if part == "chunked" else {"scaleoffset": 3}
        )
        group.create_dataset(name, data=np.zeros((64, 64), "f4" if part == "chunked" else "i4"),
                             chunks=(8, 8), **packed)  # fmt: skip
    elif part == "texts":
        group.create_dataset(name, data=["a", "b\n"], dtype=h5py.string_dtype())
    elif part == "compound":
        group.create_dataset(name, data=np.zeros(2, [("a", "f4"), ("b", "O")][:1]))
    elif part == "external storage":
        group.create_dataset(name, (4,), "u1", external=[("/etc/passwd", 0, 4)])
    elif part == "deep":
        file.require_group(place + "/x" * 80)
    elif part == "names":
        group.attrs["name"] = "a\nb" * 400
        odd = group.require_group("\x1b[31m\n<b>")
        odd[str(len(odd))] = np.zeros(2, "f4")
    elif part == "references":
        group.create_dataset(name, data=[file["layers"].ref], dtype=h5py.ref_dtype)
    else:
        group.create_dataset(name, data=h5py.Empty("f4"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(ODD_PARTS),
            st.sampled_from(["layers", "layers/dense/vars", "optimizer/vars", "x"]),
        ),
        min_size=1,
        max_size=3,
    )
)
@example([("loop", "layers/dense/vars"), ("soft", "layers")])
@example([("names", "layers"), ("names", "layers"), ("names", "layers")])
def test_any_arrays(tmp_path_factory: Folders, apart: Apart, parts: list[tuple[str, str]]) -> None:
    """Links, other files, claimed sizes, other kinds of objects: nothing is followed."""
    out = io.BytesIO(ARRAYS)
    with h5py.File(out, "r+") as file:
        for part, place in parts:
            add(file, part, place)
    path = archive(tmp_path_factory.mktemp("fuzz"), out.getvalue())
    said = apart.read(path)
    assert "\n" not in said
    plain = {"chunked", "deep", "names", "empty"}
    assert said or {part for part, _ in parts} <= plain


@given(
    st.lists(
        st.sampled_from(["conv", ">>", "|", "(", ")", "add", "{", "}", "*", "3", "=", "…", "...", "[", "]",
                         "skip", "relu", ",", "'", "\n", "!", "any"]) | texts(),
        max_size=12,
    ).map(" ".join)
)  # fmt: skip
@example("(" * 3_000)
@example("conv >> " * 3_000)
def test_any_expression(text: str) -> None:
    """Parsed, or the place where it can't be."""
    try:
        parse_expression(text)
    except ExpressionError as error:
        assert str(error)


def test_a_picture_that_can_not_be_written(tmp_path: Path) -> None:
    """The folder is not there, or a file: one line."""
    path = archive(tmp_path)
    with pytest.raises(UsageError, match=r"no/a\.svg can't be written: No such file"):
        inspect(path, svg=tmp_path / "no" / "a.svg")
    with pytest.raises(UsageError, match=r"/a\.svg can't be written: Not a directory"):
        inspect(path, svg=path / "a.svg")


@pytest.mark.slow
@examples(0.4)
@given(st.data(), configs())
def test_any_rebuilding(
    tmp_path_factory: Folders, apart: Apart, data: st.DataObject, config: Any
) -> None:
    """A model of Keras' own layers, or why not."""
    folder = tmp_path_factory.mktemp("fuzz")
    if data.draw(st.booleans()):
        path = archive(folder, config=config)
    else:
        path = folder / "model.json"
        path.write_bytes(written(config))
    assert "\n" not in apart.read(path, rebuilt=True)
