"""Files that appear whole or not at all, whoever reads meanwhile and whatever interrupts.

What is made on the way carries in its name which process made it, so that what a killed one has
left can be told from what a living one holds, and swept away.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import platform
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from autograder.rooms.processes import folder_use

FOR_ALL = 0o644  # permissions, as far as the caller's umask gives them
_LITTLE, _ENOUGH = 1 << 20, 1 << 26  # bytes: a disk is full; a room's folder may fill one itself
_held: set[Path] = set()  # folders that this process removes itself, unless it is killed
_LOOK_SECONDS = 0.1
_MOST_FILES = 1_000_000  # that are added up
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_SIGNED = re.compile(r"[.a-z].*-(?P<world>[0-9a-f]{6})(?P<pid>[0-9a-f]+)-[0-9a-z_]{6,}(-stale)?")


def write(path: Path, text: str | bytes) -> None:
    """Put a file there, in place of what was there; nobody ever reads half of it."""
    write_all({path: text})


def write_all(files: Mapping[Path, str | bytes]) -> None:
    """Put files in place once each is there in full beside its place: where one can't be written,
    none is.
    """
    made: dict[Path, Path] = {}
    try:
        for path, text in files.items():
            with named(path):
                made[path] = _written_aside(path, text)
        for path, aside in made.items():
            with named(path):
                aside.replace(path)
    except BaseException:
        for aside in made.values():
            aside.unlink(missing_ok=True)
        raise


def demand_place(path: Path) -> None:
    """See that nothing is in a file's way: no folder in its place, no file in that of a folder.

    Raises:
        OSError: something is.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    above = next(one for one in path.absolute().parents if os.path.lexists(one))
    if not above.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(above))


def demand_writable(folder: Path) -> None:
    """Make a folder unless it is there, and see that files can be made in it.

    Raises:
        OSError: they can't.
    """
    with named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder` to work in, which takes its place once all is done; else it
    goes. An error about what is in it names where that would have been.
    """
    workplace = folder.with_name(signed(f".{folder.name}") + secrets.token_hex(3))
    with named(folder):
        workplace.mkdir(parents=True)
    stale = workplace.with_name(f"{workplace.name}-stale")
    _held.update((workplace, stale))
    try:
        yield workplace
        with contextlib.suppress(FileNotFoundError):
            folder.rename(stale)
        with contextlib.suppress(
            OSError
        ):  # somebody else was first, and has the same: theirs stays
            workplace.rename(folder)
    except OSError as error:
        _rename(error, workplace, folder)
        raise
    finally:
        for left in (stale, workplace):
            clear(left)
            _held.discard(left)


@contextlib.contextmanager
def lock(path: Path, stopped: Callable[[], bool] = lambda: False) -> Iterator[bool]:
    """Nobody else, in this process or another, holds it meanwhile; waits for that until `stopped`.
    Gives whether it is held; where the file system knows no locks it is, and protects nobody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        while not (held := _locked(stream)) and not stopped():
            time.sleep(_LOOK_SECONDS)
        yield held


@contextlib.contextmanager
def temporary_folder(
    name: str, place: str | None = None, *, spacious: bool = False
) -> Iterator[Path]:
    """A private folder for as long as the context lasts; a later `sweep` finds it if this process
    is killed.

    Raises:
        OSError: it has to be `spacious`, and the disk was full in the end, not by what lies in the
            folder: what was done there may have failed for that reason.
    """
    folder = Path(tempfile.mkdtemp(prefix=signed(name), dir=place))
    _held.add(folder)
    try:
        yield folder
    finally:
        full = spacious and _full(folder)
        remove(folder)
        _held.discard(folder)
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder.parent))


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """A full disk does not say where it is; and who reads of a fault knows `path`, not what is made
    beside it at first.
    """
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextlib.contextmanager
def whole_copies() -> Iterator[None]:
    """`shutil.copytree` gathers what went wrong; here the first of it is raised as it was."""
    try:
        yield
    except shutil.Error as error:
        first = error.args[0][0]
        number = re.match(r"\[Errno (\d+)\]", str(first[-1]))
        raise OSError(int(number[1]) if number else errno.EIO, str(first[-1]), first[1]) from None


def remove(folder: Path) -> None:
    """Remove a folder that student code may have filled: with folders deeper than Python's
    recursion goes, and without permissions. Where something is put into it meanwhile, as by a
    process that is just ending, it is tried again.
    """
    for pause in (0.1, 0.4, 0):
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            # in a session of its own: a Ctrl-C is not for it
            done = subprocess.run(
                [*command, "--", str(folder)],
                check=False,
                capture_output=True,
                start_new_session=True,
            )
        if done.returncode == 0:
            return
        time.sleep(pause)


def clear(path: Path) -> None:
    """Remove a file, a link or a folder of ours, as far as that goes."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def let_go() -> None:
    """Remove the folders that are being made here, for a process that ends without its threads."""
    for folder in list(_held):
        if folder.exists():
            remove(folder)


def sweep(*folders: Path, names: Iterable[str] = (".",)) -> None:
    """Remove what killed processes have left in the folders, of what begins with these `names`."""
    start = tuple(names)
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in list(folder.iterdir()):
                if path.name.startswith(start) and abandoned(path.name):
                    _away(path)


def abandoned(name: str) -> bool:
    """Whether a signed name is that of a process of this machine which lives no more."""
    pid = _maker(name)
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def signed(name: str) -> str:
    """The name with who makes it, to be completed by something random."""
    return f"{name}-{_world()}{os.getpid():x}-"


def digest(*parts: str | bytes) -> str:
    """A hash of some texts and bytes, 32 hexadecimal digits; where they part counts too."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()[:32]


def digest_of_file(path: Path) -> str:
    """The SHA-256 of what is in a file, however large that is."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def contents(places: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """All files in the places, each with its path from the place's parent, in a fixed order."""
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            hidden = any(part.startswith((".", "__pycache__")) for part in _below(file, place))
            if file.is_file() and not hidden:
                yield file.relative_to(place.parent).as_posix(), file


def _written_aside(path: Path, text: str | bytes) -> Path:
    """A file beside that path with what is to be in it: where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=signed(f".{path.name[:80]}"))
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode() if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.chmod(FOR_ALL & ~_umask())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def _rename(error: OSError, workplace: Path, folder: Path) -> None:
    """Have an error about something in the one folder name its place in the other."""
    for name in ("filename", "filename2"):
        where = getattr(error, name)
        if isinstance(where, str) and Path(where).is_relative_to(workplace):
            setattr(error, name, str(folder / Path(where).relative_to(workplace)))


def _locked(stream: IO[str]) -> bool:
    import fcntl  # late: other systems come as far as being told that they are others

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _full(folder: Path) -> bool:
    """Whether there is no space left on a disk for a reason that is not in the folder."""
    free = shutil.disk_usage(folder).free
    return free < _LITTLE and free + folder_use(str(folder), _MOST_FILES)[0] < _ENOUGH


def _away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove(path)
    else:
        path.unlink(missing_ok=True)


def _maker(name: str) -> int | None:
    """The process that signed a name here; None if nobody has, or somebody elsewhere."""
    found = _SIGNED.fullmatch(name)
    return int(found["pid"], 16) if found and found["world"] == _world() else None


@functools.cache
def _world() -> str:
    """Where a process id means what it means here: this machine since its start, this container."""
    places = [platform.node()]
    with contextlib.suppress(OSError):
        places += [
            Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"),
            str(Path("/proc/self/ns/pid").readlink()),
        ]
    return digest(*places)[:6]


def _below(file: Path, place: Path) -> tuple[str, ...]:
    return file.relative_to(place).parts


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
