"""What is in a zip file or a folder that others have filled: names and bytes, within limits.

Nothing is unpacked to where a name leads. What could do harm or can't be told for certain is
refused by its name, with the reason, and the rest goes on; so are the files that are to blame where
a zip file holds far more than its size allows. One whose files overlap is refused whole.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import Unreadable, UsageError
from autograder.showing import UNSEEN, shown

MOST_ENTRIES = 50_000
MOST_BYTES = 64 << 30  # in all
MOST_BYTES_EACH = 1 << 30
MOST_TIMES = 200  # so many times its own size may a zip file hold, if that is more than a little
_LITTLE = 64 << 20
_DIRECTORY_BYTES = 64 << 20  # zipfile reads the whole list of names at once
_CHUNK = 1 << 20
_PART_BYTES, _NAME_LENGTH = 200, 800
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a version or a compression that zipfile does not know
    RuntimeError,  # encrypted
    ValueError,
    OverflowError,
    struct.error,
    OSError,  # also of a place before the file's beginning
)
_SYSTEM = re.compile(
    r"(?:__MACOSX|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.ipynb_checkpoints|__pycache__)\Z",
    re.IGNORECASE,
)
_ARCHIVES = (
    ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar", ".iso",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A file in there; `name` has `/` between folders, and neither end nor part of it leads out."""

    name: str
    size: int
    time: dt.datetime | None  # as the archive has it: often that of the download
    open: Callable[[], IO[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, in pieces.

        Raises:
            Unreadable: it is damaged, or not as large as was said.
        """
        count = 0
        try:
            with self.open() as stream:
                while data := stream.read(_CHUNK):
                    count += len(data)
                    if count > self.size:
                        break
                    yield data
        except _BROKEN as error:
            raise Unreadable(f"it can't be read: {shown(error)}") from None
        if count != self.size:
            raise Unreadable(f"it has not the {self.size:,} bytes that were announced")


@dataclass(frozen=True)
class Refused:
    """What is not taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Contents:
    """All of it; what programs leave beside files (`__MACOSX`, checkpoints) is not."""

    path: Path
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]


@contextlib.contextmanager
def open_contents(path: Path) -> Iterator[Contents]:
    """What is in a zip file or folder; its entries can be read until the end of the block.

    Raises:
        UsageError: it is neither, it is damaged, or holds too much.
    """
    if path.is_dir():
        yield _sorted_out(path, *_in_folder(path))
        return
    if not path.is_file():
        raise UsageError(f"{path} is not there; expected a zip file or a folder")
    with path.open("rb") as stream:
        _refuse_long_list(path, stream)
        try:
            bundle = zipfile.ZipFile(stream)
        except _BROKEN as error:
            raise UsageError(
                f"{path} can't be read as a zip file ({shown(error)}); download it again"
            ) from None
        with bundle:
            yield _sorted_out(path, *_in_zip(path, bundle))


def _sorted_out(path: Path, found: list[Entry], refused: list[Refused]) -> Contents:
    """Without the entries that are in each other's way."""
    counts = Counter(entry.name for entry in found)
    folders = {str(one) for entry in found for one in PurePosixPath(entry.name).parents}
    kept = []
    for entry in found:
        if counts[entry.name] > 1:
            refused.append(Refused(entry.name, f"{counts[entry.name]} files have this name"))
        elif entry.name in folders:
            refused.append(Refused(entry.name, "a folder has this name too"))
        else:
            kept.append(entry)
    named = {(one.name, one.reason): one for one in refused}
    return Contents(path, tuple(kept), tuple(named.values()))


def _in_zip(path: Path, bundle: zipfile.ZipFile) -> tuple[list[Entry], list[Refused]]:
    infos = bundle.infolist()
    files = [info for info in infos if not info.orig_filename.endswith(("/", "\\"))]
    swollen = _swollen(path, files)
    entries, refused = [], []
    for info in infos:
        name = _decoded(info)
        if name is not None and _is_systems(name):
            continue
        fault = _fault_of_info(info, name) or (_bomb(info) if info in swollen else None)
        if fault:
            refused.append(Refused(info.orig_filename if name is None else name, fault))
        elif name is not None and not name.endswith("/"):
            read = _opener(bundle, info)
            entries.append(Entry(name, info.file_size, _time(info), read))
    return entries, refused


def _opener(bundle: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: bundle.open(info)


def _refuse_long_list(path: Path, stream: IO[bytes]) -> None:
    """The size of the list of names is looked up before it is read."""
    stream.seek(0, os.SEEK_END)
    tail = min(stream.tell(), (1 << 16) + 100)
    stream.seek(-tail, os.SEEK_END)
    data = stream.read(tail)
    stream.seek(0)
    end = data.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(data):
        raise UsageError(
            f"{path} is no zip file, or not the whole of it; expected a zip file or a folder:"
            " download it again, or unpack it and name the folder"
        )
    count, size = struct.unpack("<10xHI", data[end : end + 16])
    wide = data.rfind(b"PK\6\6", 0, end)
    if wide >= 0 and data[max(0, end - 20) : end].startswith(b"PK\6\7"):  # ZIP64
        count, size = struct.unpack("<32xQQ", data[wide : wide + 48])
    if count > MOST_ENTRIES or size > _DIRECTORY_BYTES:
        raise UsageError(
            f"{path} lists {count:,} files in {size:,} bytes; at most {MOST_ENTRIES:,} files in"
            f" {_DIRECTORY_BYTES:,} bytes are read"
        )


def _swollen(path: Path, infos: list[zipfile.ZipInfo]) -> set[zipfile.ZipInfo]:
    """The files that are to blame where a zip file unpacks to more than its size allows: of those
    that unpack to that many times their own size the largest, until the rest is no more than that.
    """
    whole = path.stat().st_size
    if (packed := sum(one.compress_size for one in infos)) > whole:
        raise UsageError(
            f"{path} is refused whole: its files take up {packed:,} bytes of its {whole:,}, so"
            " they lie over each other, which is what a zip bomb does; if it is none, unpack it and"
            " name the folder"
        )
    total, found = sum(info.file_size for info in infos), set()
    for info in sorted(infos, key=lambda one: one.file_size, reverse=True):
        if total > max(_LITTLE, MOST_TIMES * whole) and _times(info) > MOST_TIMES:
            found.add(info)
            total -= info.file_size
    sizes = [info.file_size for info in infos if info not in found]
    _refuse_too_much(path, len(infos), sum(one for one in sizes if one <= MOST_BYTES_EACH))
    return found


def _times(info: zipfile.ZipInfo) -> float:
    return info.file_size / max(info.compress_size, 1)


def _bomb(info: zipfile.ZipInfo) -> str:
    return (
        f"{info.compress_size:,} bytes that unpack to {info.file_size:,}, which is what a zip bomb"
        " does; if it is none, unpack the download and name the folder"
    )


def _refuse_too_much(path: Path, count: int, total: int) -> None:
    if count > MOST_ENTRIES or total > MOST_BYTES:
        raise UsageError(
            f"{path} holds {count:,} files, {total / 1024**3:.1f} GiB; at most {MOST_ENTRIES:,}"
            f" files and {MOST_BYTES >> 30} GiB are read: collect it in parts"
        )


def _decoded(info: zipfile.ZipInfo) -> str | None:
    """The name; None where it is in a code page that can't be told.

    A zip file says that a name is UTF-8, or nothing; then it may be UTF-8 all the same, or
    whatever the machine had: code page 437 or 850 if both read the same letters.
    """
    name = info.orig_filename  # what follows a NUL included
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437")
        try:
            name = raw.decode()
        except UnicodeDecodeError:
            others = [letter for letter in name if not letter.isascii()]
            if raw.decode("cp850") != name or not all(letter.isalpha() for letter in others):
                return None
    return unicodedata.normalize("NFC", name)


def _is_systems(name: str) -> bool:
    """Whether it is what systems leave beside files."""
    return any(_SYSTEM.match(part) for part in name.split("/"))


def _fault_of_info(info: zipfile.ZipInfo, name: str | None) -> str | None:
    if name is None:
        return "its name is in a code page that can't be told; pack it anew, with names in UTF-8"
    if fault := _fault(name.removesuffix("/"), info.external_attr >> 16, info.file_size):
        return fault
    if info.flag_bits & 0x41:
        return "it is encrypted"
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return f"it is compressed by method {info.compress_type}; only the usual one is read"
    return None


def _fault(name: str, mode: int, size: int) -> str | None:
    """Why an entry of this name, kind and size is not taken."""
    kind = stat.S_IFMT(mode)
    parts = [part.encode(errors="surrogatepass") for part in name.split("/")]
    faults = {
        "it is a link": stat.S_ISLNK(kind),
        "it is neither a file nor a folder": kind not in {0, stat.S_IFREG, stat.S_IFDIR},
        "its name holds characters that can't be seen": UNSEEN.search(name),
        "its name leads to another place of the machine": re.match("/|[A-Za-z]:", name),
        "its name holds a backslash": "\\" in name,
        "its name leads out of where it is": {b"", b".", b".."} & set(parts),
        "its name is too long": max(map(len, parts)) > _PART_BYTES or len(name) > _NAME_LENGTH,
        "it is an archive itself, and what is in it is not looked at; unpack it into the"
        " student's folder in submitted/": (name.lower().endswith(_ARCHIVES)),
        f"it has {size:,} bytes; at most {MOST_BYTES_EACH:,} are read": size > MOST_BYTES_EACH,
    }
    return next((reason for reason, found in faults.items() if found), None)


def _time(info: zipfile.ZipInfo) -> dt.datetime | None:
    """As local time, which it is; zip files begin with 1980."""
    try:
        return dt.datetime(*info.date_time).astimezone() if info.date_time[0] > 1980 else None
    except (ValueError, OverflowError):
        return None


def _in_folder(folder: Path) -> tuple[list[Entry], list[Refused]]:
    entries: list[Entry] = []
    refused: list[Refused] = []
    total = 0
    for name, path, info in _walk(folder, refused):
        if fault := _fault(name, info.st_mode, info.st_size):
            refused.append(Refused(name, fault))
        else:
            time = dt.datetime.fromtimestamp(info.st_mtime, dt.UTC)
            entries.append(Entry(name, info.st_size, time, _file_opener(path)))
            total += info.st_size
        _refuse_too_much(folder, len(entries) + len(refused), total)
    return entries, refused


def _walk(folder: Path, refused: list[Refused]) -> Iterator[tuple[str, Path, os.stat_result]]:
    """All that is no folder, links not followed."""
    todo = [folder]
    while todo:
        here = todo.pop()
        try:
            with os.scandir(here) as found:
                children = sorted(found, key=lambda one: one.name)
        except OSError as error:
            if here == folder:
                raise
            name = here.relative_to(folder).as_posix()
            refused.append(Refused(name, f"it can't be read: {error.strerror}"))
            continue
        for child in children:
            path = Path(child.path)
            name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
            if _is_systems(name):
                continue
            if child.is_dir(follow_symlinks=False):
                todo.append(path)
            else:
                yield name, path, child.stat(follow_symlinks=False)


def _file_opener(path: Path) -> Callable[[], IO[bytes]]:
    """What was a file may be a link by now: it is not followed."""

    def opened() -> IO[bytes]:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")

    return opened
