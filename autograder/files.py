"""Files that appear whole or not at all, whoever reads meanwhile and whatever interrupts."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

FOR_ALL = 0o644  # permissions, as far as the caller's umask gives them


def write(path: Path, text: str | bytes) -> None:
    """Put a file there, in place of what was there; nobody ever reads half of it."""
    data = text.encode() if isinstance(text, str) else text
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(aside).chmod(FOR_ALL & ~_umask())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` to work in, which takes its place once all is done; else it
    goes.
    """
    workplace = folder.with_name(f".{folder.name}-{secrets.token_hex(6)}")
    workplace.mkdir(parents=True)
    stale = workplace.with_name(f"{workplace.name}-stale")
    try:
        yield workplace
        with contextlib.suppress(FileNotFoundError):
            folder.rename(stale)
        with contextlib.suppress(
            OSError
        ):  # somebody else was first, and has the same: theirs stays
            workplace.rename(folder)
    finally:
        for left in (stale, workplace):
            shutil.rmtree(left, ignore_errors=True)


def digest(*parts: str | bytes) -> str:
    """A hash of some texts and bytes, 32 hexadecimal digits; where they part counts too."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()[:32]


def digest_of_file(path: Path) -> str:
    """A hash of what is in a file, however large that is."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def contents(places: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """All files in the places, each with its path from the place's parent, in a fixed order."""
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            hidden = any(part.startswith((".", "__pycache__")) for part in _below(file, place))
            if file.is_file() and not hidden:
                yield file.relative_to(place.parent).as_posix(), file


def _below(file: Path, place: Path) -> tuple[str, ...]:
    return file.relative_to(place).parts


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
