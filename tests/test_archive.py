"""`.keras` files read without Keras: whole ones completely, hostile ones not at all."""

import importlib.util
import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from autograder.architecture.archive import parse_json, read_archive
from autograder.architecture.hdf5 import ArchiveLimits
from autograder.errors import ArchitectureError

CONFIG = {
    "module": "keras",
    "class_name": "Sequential",
    "registered_name": None,
    "compile_config": {"optimizer": {"class_name": "SGD"}, "loss": "mse"},
    "config": {
        "name": "net",
        "layers": [
            {
                "module": "keras.layers",
                "class_name": "InputLayer",
                "config": {"name": "x", "batch_shape": [None, 4]},
            },
            {
                "module": "keras.layers",
                "class_name": "Dense",
                "config": {"name": "first", "units": 3},
            },
            {
                "module": "keras",
                "class_name": "Sequential",
                "config": {
                    "name": "inner",
                    "layers": [
                        {
                            "module": "keras.layers",
                            "class_name": "Dense",
                            "config": {"name": "first", "units": 2},
                        },
                    ],
                },
            },
        ],
    },
}
KERNEL = np.arange(12, dtype="float32").reshape(4, 3)


def arrays(change: Callable[[h5py.File], Any] | None = None, named: bool = True) -> bytes:
    """A weights file as Keras writes it, then changed."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for place, name, values in (
            ("layers/dense/vars", "first", [KERNEL, np.zeros(3, "f4")]),
            (
                "layers/sequential/layers/dense/vars",
                "first",
                [np.ones((3, 2), "f4"), np.full(2, 7, "f4")],
            ),
            (
                "optimizer/vars",
                "sgd",
                [np.zeros((), "i4"), np.zeros((), "f4"), np.zeros((4, 3), "f4")],
            ),
        ):
            group = file.create_group(place)
            if named:
                group.attrs["name"] = name
            for number, value in enumerate(values):
                group[str(number)] = value
        if named:
            file.create_group("layers/sequential/vars").attrs["name"] = "inner"
        if change:
            change(file)
    return out.getvalue()


def archive(
    folder: Path, weights: bytes | None = None, config: Any = CONFIG, **members: bytes
) -> Path:
    """A `.keras` file."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("metadata.json", "{}")
        bundle.writestr(
            "config.json", config if isinstance(config, str | bytes) else json.dumps(config)
        )
        bundle.writestr("model.weights.h5", arrays() if weights is None else weights)
        for name, data in members.items():
            bundle.writestr(name, data)
    return path


@pytest.mark.parametrize("named", [True, False])
def test_arrays_are_found_by_layer(tmp_path: Path, named: bool) -> None:
    """By the names that Keras writes beside them,
    in older files by class and order, in nested models too.
    """
    config, weights = read_archive(archive(tmp_path, arrays(named=named)))
    assert config == CONFIG
    assert list(weights) == ["first:0", "first:1", "inner/first:0", "inner/first:1"]
    np.testing.assert_array_equal(weights["first:0"], KERNEL)
    np.testing.assert_array_equal(weights["inner/first:1"], [7, 7])
    assert weights["inner/first:0"].shape == (3, 2)


def test_a_layer_that_stands_in_two_models_is_saved_once(tmp_path: Path) -> None:
    """Its arrays are found for both places."""
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"][1]["config"]["name"] = "own"
    config["config"]["layers"][2]["config"]["layers"][0]["config"]["name"] = "own"

    def rename(file: h5py.File) -> None:
        file["layers/dense/vars"].attrs["name"] = "own"
        del file["layers/sequential/layers"]

    _, weights = read_archive(archive(tmp_path, arrays(rename), config))
    assert list(weights) == ["own:0", "own:1", "inner/own:0", "inner/own:1"]


def _hard_loop(file: h5py.File) -> None:
    file["layers/again"] = file["layers"]


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((8,), "u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (8,))
    file.create_virtual_dataset("v", layout)


def _put(name: str, value: Any) -> Callable[[h5py.File], Any]:
    return lambda file: file.__setitem__(name, value)


INSIDE: dict[str, tuple[Callable[[h5py.File], Any], str]] = {
    "soft_link": (_put("l", h5py.SoftLink("/layers")), "link at l"),
    "external_link": (_put("l", h5py.ExternalLink("/etc/passwd", "/")), "link at l"),
    "loop": (_hard_loop, "two names"),
    "virtual_array": (_virtual, "another file"),
    "external_array": (
        lambda f: f.create_dataset("e", (8,), "u1", external=[("/etc/passwd", 0, 8)]),
        "another file",
    ),
    "shape_without_data": (
        lambda f: f.create_dataset("b", (1 << 40,), "f4", chunks=(64,)),
        "declares 4,398,",
    ),
    "packed_bomb": (
        lambda f: f.create_dataset(
            "b", data=np.zeros(1 << 22, "u1"), compression="gzip", chunks=(1 << 20,)
        ),
        "declares 4,194,304",
    ),
    "text": (lambda f: f.create_dataset("t", (2,), h5py.string_dtype()), "not an array of numbers"),
    "references": (
        lambda f: f.create_dataset("t", (2,), h5py.ref_dtype),
        "not an array of numbers",
    ),
    "structures": (
        lambda f: f.create_dataset("t", (2,), np.dtype([("a", "f4")])),
        "not an array of numbers",
    ),
    "many_axes": (_put("t", np.zeros((1,) * 12)), "not an array of numbers"),
    "named_type": (_put("t", np.dtype("f8")), "something else than an array"),
    "deep": (lambda f: f.create_group("/".join("g" * 80)), "too deep"),
}


@pytest.mark.parametrize(("change", "message"), INSIDE.values(), ids=INSIDE.keys())
def test_what_a_weights_file_must_not_hold(
    tmp_path: Path, change: Callable[[h5py.File], Any], message: str
) -> None:
    """Links, loops, arrays in other files, bombs, anything that is no number:
    refused with its place.
    """
    with pytest.raises(ArchitectureError, match=message):
        read_archive(archive(tmp_path, arrays(change)))


def test_a_heap_that_hdf5_would_walk_for_ever(tmp_path: Path) -> None:
    """An entry of no size in the heap that holds the layers' names: refused before HDF5 sees it."""
    data = bytearray(arrays())
    heap = data.find(b"GCOL")
    data[heap + 16 : heap + 32] = bytes(16)
    with pytest.raises(ArchitectureError, match="heap of strings"):
        read_archive(archive(tmp_path, bytes(data)))


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a/../../b", "a\\b", "C:x", "CONFIG.json", "./a", "a//b"]
)
def test_names_that_leave_the_archive_or_are_there_twice(tmp_path: Path, name: str) -> None:
    """No member is unpacked to disk; still such names say that Keras did not write this."""
    with pytest.raises(ArchitectureError, match=r"has a name that leaves it|two members"):
        read_archive(archive(tmp_path, **{name: b"x"}))


def _linked(bundle: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("assets/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    bundle.writestr(info, "/etc/passwd")


def _many(bundle: zipfile.ZipFile) -> None:
    for number in range(70):
        bundle.writestr(f"assets/{number}", "")


ADDED: dict[str, tuple[Callable[[zipfile.ZipFile], Any], str]] = {
    "link": (_linked, "link or a device"),
    "bomb": (
        lambda z: z.writestr("assets/b", bytes(8 << 20), zipfile.ZIP_DEFLATED),
        "unpacks to 8,388,608 bytes",
    ),
    "large_json": (lambda z: z.writestr("b.json", bytes(17 << 20)), "unpacks to 17,"),
    "many": (_many, "73 members"),
    "packing": (lambda z: z.writestr("assets/b", b"x" * 99, zipfile.ZIP_BZIP2), "unusual way"),
}


@pytest.mark.parametrize(("add", "message"), ADDED.values(), ids=ADDED.keys())
def test_what_a_zip_file_must_not_hold(
    tmp_path: Path, add: Callable[[zipfile.ZipFile], Any], message: str
) -> None:
    """Links, bombs, thousands of members."""
    path = archive(tmp_path)
    with zipfile.ZipFile(path, "a") as bundle:
        add(bundle)
    with pytest.raises(ArchitectureError, match=message):
        read_archive(path)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A link is not followed, a pipe does not make the reader wait."""
    archive(tmp_path)
    (tmp_path / "link.keras").symlink_to(tmp_path / "model.keras")
    os.mkfifo(tmp_path / "pipe.keras")
    for name in ("link.keras", "pipe.keras", "missing.keras"):
        with pytest.raises(ArchitectureError, match=name):
            read_archive(tmp_path / name)


def test_limits_are_the_callers(tmp_path: Path) -> None:
    """A smaller limit on the file or on all arrays together is kept."""
    path = archive(tmp_path)
    with pytest.raises(ArchitectureError, match="at most 1,000 are read"):
        read_archive(path, ArchiveLimits(archive_bytes=1000))
    with pytest.raises(ArchitectureError, match="64 bytes"):
        read_archive(path, ArchiveLimits(array_bytes=64))


TEXTS = {
    "not_json": "{",
    "deep": "[" * 300 + "]" * 300,
    "very_deep": "[" * 100_000,
    "many": "[" + "0," * 2_100_000 + "0]",
    "digits": "1" * 10_000,
    "counting": '["layer", 0, 99999999]',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_json_is_limited(text: str) -> None:
    """Size, depth, digits and numbers that somebody would count up to."""
    with pytest.raises(ArchitectureError, match="configuration"):
        parse_json(text)


def test_terminal_codes_do_not_reach_the_message(tmp_path: Path) -> None:
    """A name in a message is shown without what steers a terminal."""
    with pytest.raises(ArchitectureError) as caught:
        read_archive(archive(tmp_path, arrays(_put("\x1b]0;owned\x07", h5py.SoftLink("/layers")))))
    assert str(caught.value).isprintable()


@pytest.mark.slow
def test_mangled_files_are_read_or_refused() -> None:
    """60 of the cases of benchmarks/fuzz_architecture.py: none crashes, hangs, or reaches out."""
    path = Path(__file__).parents[1] / "benchmarks" / "fuzz_architecture.py"
    spec = importlib.util.spec_from_file_location("fuzz_architecture", path)
    assert spec is not None
    assert spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = fuzz
    spec.loader.exec_module(fuzz)
    results = fuzz.run(60, seed=11)
    assert len(results) == 60
    assert [
        found for found in results if not found["result"].startswith(("read", "refused: "))
    ] == []
