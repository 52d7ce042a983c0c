"""The arrays of a weights file: which there are, checked against limits before any is read."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np

from autograder.architecture.text import shown
from autograder.errors import ArchitectureError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may demand of its reader;
    VGG16 with its 138 million parameters still fits.
    """

    archive_bytes: int = 1 << 30
    members: int = 64
    config_bytes: int = 16 << 20
    ratio: int = 200  # unpacked to packed size of a member above one MiB
    json_depth: int = 200
    json_values: int = 2_000_000
    calls: int = 10_000  # of one layer, or tensors out of one call
    h5_objects: int = 20_000  # NASNetLarge with its optimizer has half of that
    h5_depth: int = 64
    array_bytes: int = 1 << 30  # all arrays together, as declared
    rank: int = 8


LIMITS = ArchiveLimits()


@dataclass(frozen=True)
class Stored:
    """What the HDF5 file holds: arrays by their place,
    and the layer name that Keras wrote on each group.
    """

    arrays: Mapping[str, tuple[Shape, np.dtype[Any]]]
    names: Mapping[str, str]
    file: h5py.File | None

    def read(self, place: str) -> np.ndarray:
        """The array at `place`."""
        shape, dtype = self.arrays[place]
        values = np.empty(shape, dtype)
        if values.size and self.file is not None:
            try:
                self.file[place].read_direct(values)
            except _H5_ERRORS as error:
                raise ArchitectureError(
                    f"the array at {shown(place)} can't be read: {shown(error)}"
                ) from error
        return values


_H5_ERRORS = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip
_FILTERS = {
    h5py.h5z.FILTER_DEFLATE,
    h5py.h5z.FILTER_SHUFFLE,
    h5py.h5z.FILTER_FLETCHER32,
    h5py.h5z.FILTER_LZF,
}


def survey(data: bytes, limits: ArchiveLimits = LIMITS) -> Stored:
    """Every object of the file looked at once; ArchitectureError
    for whatever is not a plain array in a plain group.
    """
    _refuse_endless_heaps(data)
    try:
        file = h5py.File(io.BytesIO(data), "r")
        found = _Survey(limits, {h5py.h5o.get_info(file.id).addr})
        todo = [("", 0)]
        while todo:
            place, depth = todo.pop()
            todo += found.groups_in(file[place or "/"], place, depth)
    except _H5_ERRORS as error:
        raise ArchitectureError(
            f"model.weights.h5 is not a whole HDF5 file: {shown(error)}"
        ) from error
    return Stored(found.arrays, found.names, file)


@dataclass
class _Survey:
    """What has been seen of a file so far."""

    limits: ArchiveLimits
    seen: set[int]  # addresses of its objects
    arrays: dict[str, tuple[Shape, np.dtype[Any]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    total: int = 0  # bytes of all arrays

    def groups_in(self, group: h5py.Group, place: str, depth: int) -> Iterator[tuple[str, int]]:
        """The groups in a group and their depth; arrays and names are kept."""
        for child in group:
            inner = f"{place}/{child}" if place else child
            item = self.object_in(group, child, inner, depth)
            if not isinstance(item, h5py.Group):
                self.keep(item, inner)
                continue
            yield inner, depth + 1
            if child == "vars" and (name := _name_of(item)) is not None:
                self.names[place] = name

    def object_in(self, group: h5py.Group, child: str, inner: str, depth: int) -> Any:
        """The object of that name, if it stands in the file under this name alone."""
        if len(self.seen) >= self.limits.h5_objects or depth >= self.limits.h5_depth:
            raise ArchitectureError(
                f"the weights file holds too many or too deep objects: {shown(inner)}"
            )
        if not isinstance(group.get(child, getlink=True), h5py.HardLink):
            raise ArchitectureError(
                f"the weights file has a link at {shown(inner)}; only arrays are read"
            )
        item = group[child]
        address = h5py.h5o.get_info(item.id).addr
        if address in self.seen:
            raise ArchitectureError(
                f"the weights file holds the object at {shown(inner)} under two names"
            )
        self.seen.add(address)
        return item

    def keep(self, item: Any, place: str) -> None:
        """Note an array."""
        shape, dtype = self.arrays[place] = _checked_array(item, place, self.limits)
        self.total += math.prod(shape) * dtype.itemsize
        if self.total > self.limits.array_bytes:
            raise ArchitectureError(
                f"the weights file declares more than {self.limits.array_bytes:,} bytes of arrays"
            )


def _refuse_endless_heaps(data: bytes) -> None:
    """HDF5 1.14 walks a heap of strings for ever where an entry claims to be empty;
    so heaps are walked here first.
    """
    sizes = data[13:15] if data[8:9] in {b"\0", b"\1"} else data[9:11]
    if not data.startswith(b"\x89HDF\r\n\x1a\n") or sizes != b"\x08\x08":
        raise ArchitectureError("model.weights.h5 is not an HDF5 file as Keras writes it")
    heap = -1
    while (heap := data.find(b"GCOL\1\0\0\0", heap + 1)) >= 0:
        if heap + 16 > len(data):
            return
        place, end = heap + 16, heap + struct.unpack_from("<Q", data, heap + 8)[0]
        while place + 16 <= min(end, len(data)):
            number, size = struct.unpack_from("<H6xQ", data, place)
            step = 16 + (size + 7) // 8 * 8 if number else size
            if step < 16 or place + step > end:
                raise ArchitectureError(
                    "model.weights.h5 is not a whole HDF5 file: a heap of strings is damaged"
                )
            place += step


def _checked_array(item: Any, place: str, limits: ArchiveLimits) -> tuple[Shape, np.dtype[Any]]:
    """Shape and type of a plain numeric array; the layout is looked
    at before anything that opens another file.
    """
    _refuse_other_storage(item, place)
    shape, dtype = item.shape, item.dtype
    if shape is None or dtype.kind not in "fiub" or dtype.itemsize > 8 or len(shape) > limits.rank:
        raise ArchitectureError(
            f"the array at {shown(place)} is not an array of numbers: {dtype}, shape {shape}"[:200]
        )
    size, kept = math.prod(shape) * dtype.itemsize, item.id.get_storage_size()
    if size > limits.array_bytes or size > limits.ratio * kept + (1 << 16) or (size and not kept):
        raise ArchitectureError(
            f"the array at {shown(place)} declares {size:,} bytes, but stores {kept:,}"
        )
    return tuple(int(n) for n in shape), dtype


def _refuse_other_storage(item: Any, place: str) -> None:
    if not isinstance(item, h5py.Dataset):
        raise ArchitectureError(
            f"the weights file holds something else than an array at {shown(place)}"
        )
    plist = item.id.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL or plist.get_external_count():
        raise ArchitectureError(
            f"the array at {shown(place)} lies in another file, which is not read"
        )
    if any(plist.get_filter(i)[0] not in _FILTERS for i in range(plist.get_nfilters())):
        raise ArchitectureError(f"the array at {shown(place)} is packed in an unusual way")


def _name_of(group: h5py.Group) -> str | None:
    """The attribute "name" that Keras writes on each `vars` group: the layer's real name."""
    if "name" not in group.attrs:
        return None
    attribute = h5py.h5a.open(group.id, b"name")
    if attribute.shape != () or not h5py.check_string_dtype(attribute.dtype):
        return None
    name = group.attrs["name"]
    return name if isinstance(name, str) and len(name) <= 1000 else None
