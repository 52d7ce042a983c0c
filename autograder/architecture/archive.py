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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograder.architecture.hdf5 import LIMITS, ArchiveLimits, Stored, survey
from autograder.architecture.text import shown
from autograder.errors import ArchitectureError

_HDF5 = b"\x89HDF\r\n\x1a\n"


class Archive(NamedTuple):
    """The parts of a `.keras` file that a model is read from."""

    config: dict[str, Any]  # as `json.loads(model.to_json())`
    weights: Weights


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
    """The bytes of a regular file; links, pipes and devices are refused, and HDF5 as such."""
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
        data = stream.read(limits.archive_bytes + 1)
    if data.startswith(_HDF5):
        raise ArchitectureError(
            f"{name} is an HDF5 file: a model as Keras 2 saved it, or weights alone. Of a model,"
            ' keras.models.load_model("….h5").save("….keras") makes a file that can be read here'
        )
    return data


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
    _refuse_too_much(value, limits)
    return value


def _refuse_too_much(value: Any, limits: ArchiveLimits) -> None:
    level, depth, values = [value], 0, 1
    while level:
        if any(_is_far_reference(inner, limits) for inner in level):
            raise ArchitectureError(
                f"the configuration counts more than {limits.calls:,} tensors out of one layer"
            )
        level = [inner for outer in level for inner in _values_in(outer)]
        depth, values = depth + 1, values + len(level)
        if depth > limits.json_depth or values > limits.json_values:
            raise ArchitectureError(
                f"the configuration is nested deeper than {limits.json_depth} levels "
                f"or holds more than {limits.json_values:,} values"
            )


def _values_in(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


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
        _refuse_name(info, members)
        _refuse_kind(info)
        _refuse_size(info, len(data), limits)
        members[info.filename] = info
    return members


def _refuse_name(info: zipfile.ZipInfo, members: Iterable[str]) -> None:
    name = info.filename
    odd = name != info.orig_filename or "\\" in name or ":" in name
    if odd or any(part in {"", ".", ".."} for part in name.rstrip("/").split("/")):
        raise ArchitectureError(
            f"the archive's member «{shown(info.orig_filename)}» has a name that leaves it"
        )
    if name.casefold() in {known.casefold() for known in members}:
        raise ArchitectureError(f"the archive has two members named «{shown(name)}»")


def _refuse_kind(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ArchitectureError(
            f"the archive's member «{shown(info.filename)}» is a link or a device"
        )
    packed = info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if info.flag_bits & 0x1 or not packed:
        raise ArchitectureError(
            f"the archive's member «{shown(info.filename)}» "
            "is encrypted or packed in an unusual way"
        )


def _refuse_size(info: zipfile.ZipInfo, archive: int, limits: ArchiveLimits) -> None:
    name = info.filename
    cap = limits.config_bytes if name.endswith(".json") else limits.archive_bytes
    cap = min(cap, max(1 << 20, limits.ratio * info.compress_size))
    if info.file_size > cap:
        raise ArchitectureError(
            f"the archive's member «{shown(name)}» unpacks to {info.file_size:,} bytes"
        )
    if info.compress_size > archive:
        raise ArchitectureError(f"the archive's member «{shown(name)}» is longer than the archive")


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
    groups = _Groups(stored.names, _tree(stored), _by_name(stored))
    places: dict[str, str] = {}
    todo: list[tuple[Mapping[str, Any], str, str]] = [(config, "", "layers")]
    while todo:
        model, path, group = todo.pop()
        for entry, name, place in groups.of_layers(model, group):
            inner = f"{path}/{name}" if path else name
            if _sublayers(entry) is not None:
                todo.append((entry, inner, f"{place}/layers"))
                continue
            arrays = enumerate(_arrays_below(place, groups.tree, stored))
            places.update((f"{inner}:{number}", array) for number, array in arrays)
    return places


@dataclass(frozen=True)
class _Groups:
    """The groups of a weights file."""

    names: Mapping[str, str]  # of layers, by place
    tree: Mapping[str, list[str]]  # the names in each group
    by_name: Mapping[str, list[str]]  # places, by the name of the layer

    def of_layers(
        self, model: Mapping[str, Any], group: str
    ) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Entry, name and place of each layer of a model that has a place."""
        children = self.tree.get(group, [])
        here = {self.names.get(f"{group}/{child}"): child for child in reversed(children)}
        for entry, name, by_class in _saved_layers(model):
            child = here.get(name)
            if here.keys() == {None} and by_class in children:
                child = by_class
            # a layer that also stands in another model is saved once, with the first
            elsewhere = self.by_name.get(name, [])
            if child:
                yield entry, name, f"{group}/{child}"
            elif len(elsewhere) == 1:
                yield entry, name, elsewhere[0]


def _by_name(stored: Stored) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place, name in stored.names.items():
        found.setdefault(name, []).append(place)
    return found


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
        name, cls = _name(entry), entry["class_name"]
        if name is None or _is_operation(entry) or (sequential and cls == "InputLayer"):
            continue
        snake = _snake_case(cls)
        used[snake] = used.get(snake, -1) + 1
        yield entry, name, f"{snake}_{used[snake]}" if used[snake] else snake


def _name(entry: Mapping[str, Any]) -> str | None:
    config = entry.get("config")
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    return name if isinstance(name, str) else None


def _is_operation(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("module")).startswith(("keras.src.ops", "keras.src.activations"))


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
