"""A `.keras` file read as what it is, zip + JSON + HDF5, with hard limits and without Keras."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograder.architecture.hdf5 import LIMITS, ArchiveLimits, Shape, Stored, survey
from autograder.architecture.text import shown
from autograder.errors import ArchitectureError


class Archive(NamedTuple):
    """The parts of a `.keras` file; the first two are what a model is read from."""

    config: dict[str, Any]  # as `json.loads(model.to_json())`
    weights: Weights

    @property
    def compile_config(self) -> dict[str, Any] | None:
        """Optimizer, losses and metrics, if the model was compiled."""
        found = self.config.get("compile_config")
        return found if isinstance(found, dict) else None

    @property
    def optimizer(self) -> tuple[Shape, ...]:
        """Shapes of the optimizer's variables in their order; empty where none were saved."""
        return self.weights.optimizer


def read_archive(path: str | os.PathLike[str], limits: ArchiveLimits = LIMITS) -> Archive:
    """Configuration and arrays of the archive at `path`;
    nothing in it is run, unpacked to disk, or followed elsewhere.

    Raises ArchitectureError for whatever Keras' own `model.save` would not have written.
    """
    data = read_regular(path, limits)
    _refuse_large_directory(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            members = _checked_members(bundle, data, limits)
            config = parse_json(_unpacked(bundle, members, "config.json"), limits)
            arrays = (
                _unpacked(bundle, members, "model.weights.h5")
                if "model.weights.h5" in members
                else None
            )
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
        struct.error,
    ) as error:
        raise ArchitectureError(
            f"not a whole .keras archive, which is a zip file: {shown(error)}"
        ) from error
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        raise ArchitectureError(
            'config.json does not describe a model: expected an object with a "config" object'
        )
    stored = Stored({}, {}, None) if arrays is None else survey(arrays, limits)
    return Archive(config, Weights(stored, _joined(config, stored)))


def read_regular(path: str | os.PathLike[str], limits: ArchiveLimits = LIMITS) -> bytes:
    """The bytes of a regular file; links, pipes and devices are refused."""
    name = shown(Path(path).name)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise ArchitectureError(
            f"{name} can't be opened (a link, or not there): {shown(error)}"
        ) from error
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ArchitectureError(f"{name} is not a regular file")
        if status.st_size > limits.archive_bytes:
            raise ArchitectureError(
                f"{name} is {status.st_size:,} bytes long, "
                f"at most {limits.archive_bytes:,} are read"
            )
        return stream.read(limits.archive_bytes + 1)


def parse_json(text: str | bytes, limits: ArchiveLimits = LIMITS) -> Any:
    """The value of JSON text that was written by somebody else:
    size, depth and number of values are limited.
    """
    if len(text) > limits.config_bytes:
        raise ArchitectureError(
            f"the configuration has {len(text):,} bytes, at most {limits.config_bytes:,} are read"
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArchitectureError(f"the configuration is not JSON: {shown(error)}") from error
    level, depth, values = [value], 0, 1
    while level:
        if any(_is_far_reference(v, limits) for v in level):
            raise ArchitectureError(
                f"the configuration counts more than {limits.calls:,} tensors out of one layer"
            )
        level = [
            x
            for v in level
            for x in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ())
        ]
        depth, values = depth + 1, values + len(level)
        if depth > limits.json_depth or values > limits.json_values:
            raise ArchitectureError(
                f"the configuration is nested deeper than {limits.json_depth} levels "
                f"or holds more than {limits.json_values:,} values"
            )
    return value


def _is_far_reference(value: Any, limits: ArchiveLimits) -> bool:
    """Whether this is a reference to a tensor, [layer, call, tensor],
    with a number that nobody should count up to.
    """
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        return False
    return any(isinstance(number, int) and not 0 <= number <= limits.calls for number in value[1:])


class Weights(Mapping[str, np.ndarray]):
    """Arrays by "<layer path>:<index in layer.weights>", read from the file only when asked for."""

    def __init__(self, stored: Stored, places: Mapping[str, str]) -> None:
        self._stored = stored
        self._places = dict(places)

    @property
    def optimizer(self) -> tuple[Shape, ...]:
        """Shapes of the optimizer's variables in their order; empty where none were saved."""
        prefix = "optimizer/vars/"
        slots = {
            k[len(prefix) :]: s for k, (s, _) in self._stored.arrays.items() if k.startswith(prefix)
        }
        return tuple(
            slots[number] for number in sorted((k for k in slots if k.isdecimal()), key=int)
        )

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each array, without reading any."""
        return {key: self._stored.arrays[place][0] for key, place in self._places.items()}

    def __getitem__(self, key: str) -> np.ndarray:
        return self._stored.read(self._places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _refuse_large_directory(data: bytes, limits: ArchiveLimits) -> None:
    """`zipfile` reads the whole central directory at once;
    so its size is looked up in the end record first.
    """
    end = data.rfind(b"PK\5\6", max(0, len(data) - (1 << 16) - 22))
    if end < 0 or end + 22 > len(data):
        raise ArchitectureError("not a .keras archive: the end record of a zip file is missing")
    count, size = struct.unpack("<10xHI", data[end : end + 16])
    if (
        count > limits.members
        or size > limits.members * 1024
        or data[max(0, end - 20) : end].startswith(b"PK\6\7")
    ):
        raise ArchitectureError(
            f"the archive lists {count:,} members, at most {limits.members} are read"
        )


def _checked_members(
    bundle: zipfile.ZipFile, data: bytes, limits: ArchiveLimits
) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in bundle.infolist():
        name = info.filename
        parts = name.rstrip("/").split("/")
        odd = name != info.orig_filename or "\\" in name or ":" in name
        if odd or any(part in {"", ".", ".."} for part in parts):
            raise ArchitectureError(
                f"the archive's member «{shown(info.orig_filename)}» has a name that leaves it"
            )
        if name.casefold() in {known.casefold() for known in members}:
            raise ArchitectureError(f"the archive has two members named «{shown(name)}»")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise ArchitectureError(f"the archive's member «{shown(name)}» is a link or a device")
        if info.flag_bits & 0x1 or info.compress_type not in {
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        }:
            raise ArchitectureError(
                f"the archive's member «{shown(name)}» is encrypted or packed in an unusual way"
            )
        cap = limits.config_bytes if name.endswith(".json") else limits.archive_bytes
        cap = min(cap, max(1 << 20, limits.ratio * info.compress_size))
        if info.file_size > cap:
            raise ArchitectureError(
                f"the archive's member «{shown(name)}» unpacks to {info.file_size:,} bytes"
            )
        if info.compress_size > len(data):
            raise ArchitectureError(
                f"the archive's member «{shown(name)}» is longer than the archive"
            )
        members[name] = info
    return members


def _unpacked(bundle: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    if name not in members:
        raise ArchitectureError(
            f"the archive has no {name}; it holds {shown(', '.join(sorted(members)) or 'nothing')}"
        )
    with bundle.open(members[name]) as stream:
        return stream.read(members[name].file_size + 1)


def _joined(config: Mapping[str, Any], stored: Stored) -> dict[str, str]:
    """Weight keys to places in the HDF5 file: groups are found by layer name,
    in old files by class and order.
    """
    tree = _tree(stored)
    named: dict[str, list[str]] = {}
    for place, name in stored.names.items():
        named.setdefault(name, []).append(place)
    places: dict[str, str] = {}
    todo: list[tuple[Mapping[str, Any], str, str]] = [(config, "", "layers")]
    while todo:
        model, path, group = todo.pop()
        here = {
            stored.names.get(f"{group}/{child}"): child for child in reversed(tree.get(group, []))
        }
        for entry, name, by_class in _saved_layers(model):
            child = here.get(name) or (
                by_class if set(here) == {None} and by_class in tree[group] else None
            )
            # a layer that also stands in another model is saved once, with the first
            elsewhere = named.get(name, [])
            place = f"{group}/{child}" if child else elsewhere[0] if len(elsewhere) == 1 else ""
            if not place:
                continue
            inner = f"{path}/{name}" if path else name
            if _sublayers(entry) is not None:
                todo.append((entry, inner, f"{place}/layers"))
            else:
                places.update(
                    (f"{inner}:{i}", array)
                    for i, array in enumerate(_arrays_below(place, tree, stored))
                )
    return places


def _tree(stored: Stored) -> dict[str, list[str]]:
    """The names in each group, in Keras' order."""
    children: dict[str, dict[str, None]] = {}
    for leaf in [*stored.arrays, *stored.names]:
        place = leaf
        while place:
            place, child = place.rpartition("/")[::2]
            known = children.setdefault(place, {})
            if child in known:
                break
            known[child] = None
    return {place: sorted(known, key=_keras_order) for place, known in children.items()}


def _sublayers(entry: Any) -> list[Any] | None:
    config = entry.get("config") if isinstance(entry, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else None
    return layers if isinstance(layers, list) and entry.get("class_name") != "Pipeline" else None


def _saved_layers(model: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Entry, name and group name by class of each layer
    that Keras saves (operations hold no weights).
    """
    used: dict[str, int] = {}
    sequential = "input_layers" not in model["config"]
    for entry in _sublayers(model) or ():
        if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
            raise ArchitectureError(
                'config.json does not describe a model: an entry of "layers" is not a layer'
            )
        config = entry.get("config")
        name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
        is_operation = str(entry.get("module")).startswith(
            ("keras.src.ops", "keras.src.activations")
        )
        if (
            not isinstance(name, str)
            or is_operation
            or (sequential and entry["class_name"] == "InputLayer")
        ):
            continue
        snake = _snake_case(entry["class_name"])
        used[snake] = used.get(snake, -1) + 1
        yield entry, name, f"{snake}_{used[snake]}" if used[snake] else snake


def _snake_case(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name[:200]))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


_BUILD_ORDER = (
    "vars",
    "forward_layer",
    "backward_layer",
    "query_dense",
    "key_dense",
    "value_dense",
    "output_dense",
)


def _keras_order(child: str) -> tuple[int, str, int]:
    """Own variables first, then sublayers in the order in which their layer builds them,
    else as Keras visits them.
    """
    match = re.search(r"_?(\d{1,9})$", child)
    stem, number = (child[: match.start()], int(match[1])) if match else (child, -1)
    place = _BUILD_ORDER.index(child) if child in _BUILD_ORDER else len(_BUILD_ORDER)
    return place, "~" + stem if stem.startswith("_") else stem, number


def _arrays_below(place: str, tree: Mapping[str, list[str]], stored: Stored) -> Iterator[str]:
    """Places of a layer's arrays in the order of `layer.weights`."""
    for child in tree.get(place, ()):
        inner = f"{place}/{child}"
        if inner in stored.arrays:
            yield inner
        else:
            yield from _arrays_below(inner, tree, stored)
