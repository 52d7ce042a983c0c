"""What the workers of a Dask cluster do for us, each function in the process of a worker.

A process of its own does the work (outpost.py), because a worker may not fork for itself and its
memory is watched by Dask. Nothing of ours is imported here: whether a worker has our package at
all, and which, is asked by means of this module.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COMMON = "AUTOGRADER_COURSE"  # where a worker sees the very course that is graded
_LOG_TAIL = 2_000  # bytes that are told when a process dies
_outposts: dict[str, Outpost] = {}  # by session


def have(digest: str, token: str, dask_worker: Any) -> str:
    """Whether the course is here: on a common disk ("common"), as an archive ("archive"), not yet
    ("").
    """
    common = os.environ.get(COMMON)
    if common and Path(common, "runs", token).is_dir():
        return "common"
    return "archive" if _course(dask_worker, digest).is_file() else ""


def take(session: str, digest: str, offset: int, piece: bytes, dask_worker: Any) -> None:
    """Put a piece of the course behind those before it."""
    part = _course(dask_worker, digest).with_suffix(f".{session}")
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with part.open("r+b" if offset else "wb") as stream:
        stream.seek(offset)
        stream.write(piece)


def whole(session: str, digest: str, dask_worker: Any) -> bool:
    """Whether the pieces are the course."""
    course = _course(dask_worker, digest)
    part = course.with_suffix(f".{session}")
    with part.open("rb") as stream:
        right = hashlib.file_digest(stream, "sha256").hexdigest() == digest
    if right:
        part.replace(course)
    return right


async def begin(session: str, digest: str, names: Sequence[str], dask_worker: Any) -> Any:
    """Start the process, without a digest on the common disk: what it says of itself."""
    return await asyncio.to_thread(_begin, session, digest, names, dask_worker)


def grade(session: str, request: dict[str, Any], parcel: bytes) -> dict[str, Any]:
    """The task: what came of one submission; the run itself stays here until it is fetched."""
    from distributed import get_worker

    where = str(get_worker().address)
    outpost = _outposts.get(session)
    if outpost is None:
        return {"ended": "unprepared", "worker": where, "outpost": None}
    return {**outpost.ask(request, parcel), "worker": where, "outpost": outpost.said["outpost"]}


def piece(session: str, key: str, offset: int, size: int) -> bytes:
    """A piece of a run."""
    with (_outposts[session].folder / f"{Path(key).name}.tar").open("rb") as stream:
        stream.seek(offset)
        return stream.read(size)


def forget(session: str, key: str) -> None:
    """Remove a run that is at home."""
    (_outposts[session].folder / f"{Path(key).name}.tar").unlink(missing_ok=True)


async def end(session: str) -> None:
    """End the process with all that it does."""
    if outpost := _outposts.pop(session, None):
        await asyncio.to_thread(outpost.close)


class Outpost:
    """The process, asked from several threads."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self.folder = folder
        for place in (folder.parent, folder):  # the course, with what is hidden, will lie in both
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder.grading.outpost", str(folder), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self.said: dict[str, Any] = self._read() or self._lost()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, request: dict[str, Any], parcel: bytes) -> dict[str, Any]:
        """Have a submission graded."""
        number, answer = next(self._numbers), queue.SimpleQueue[dict[str, Any]]()
        path = self.folder / f"{number}.parcel"
        path.write_bytes(parcel)
        line = json.dumps({**request, "number": number, "parcel": str(path)})
        try:
            with self._lock:
                if self._process.poll() is not None:
                    return {"ended": "unprepared"}
                self._waiting[number] = answer
                self._requests.write(line.encode() + b"\n")
                self._requests.flush()
        except OSError:
            return {"ended": "unprepared"}
        return answer.get()

    def close(self) -> None:
        """It ends when nobody is there to ask it."""
        with self._lock:
            self._requests.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self) -> None:
        while answer := self._read():
            self._waiting.pop(answer.pop("number")).put(answer)
        self._process.wait()
        with self._lock:
            for waiting in self._waiting.values():
                waiting.put(self._lost())

    def _read(self) -> dict[str, Any] | None:
        line = self._answers.readline()
        found: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return found

    def _lost(self) -> dict[str, Any]:
        tail = self._log.read_bytes()[-_LOG_TAIL:].decode(errors="replace")
        last = " ".join((tail.strip().splitlines() or ["it said nothing"])[-1].split())
        return {"ended": "lost", "error": f"its process ended: {last}"}


def _begin(session: str, digest: str, names: Sequence[str], dask_worker: Any) -> Any:
    if before := _outposts.pop(session, None):
        before.close()
    course = str(_course(dask_worker, digest)) if digest else os.environ[COMMON]
    threads = str(dask_worker.state.nthreads)
    place = _place(dask_worker) / session
    outpost = Outpost(place, ["archive" if digest else "common", course, threads, *names])
    if "error" in outpost.said:
        outpost.close()
    else:
        _outposts[session] = outpost
    return outpost.said


def _course(dask_worker: Any, digest: str) -> Path:
    return _place(dask_worker) / f"{digest}.tar"


def _place(dask_worker: Any) -> Path:
    return Path(dask_worker.local_directory, "autograder")
