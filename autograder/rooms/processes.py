"""What the processes of a room use, read from /proc by whoever watches it from outside.

Depends on the standard library only: it is loaded by path, beside student code.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


def tree(pid: int) -> list[int]:
    """The process and its descendants; orphans count, for a room's init adopts them."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        try:
            for task in Path(f"/proc/{found[-1]}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            pass  # it ended while we looked
    return found


def memory(pids: list[int], shared: int = 0) -> int:
    """Bytes of private and shared memory; `shared` is what each has
    in common with the process it was forked from.
    """
    total = 0
    for pid in pids:
        fields = _status(pid)
        private, files = fields.get("RssAnon", 0), fields.get("RssShmem", 0)
        total += max(0, private * 1024 - shared) + files * 1024
    return total


def threads(pids: list[int]) -> int:
    """Processes and threads, which the kernel counts alike."""
    return sum(_status(pid).get("Threads", 0) for pid in pids)


def cpu_seconds(pids: list[int]) -> float:
    """CPU time of the processes and of the children that they have waited for."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / os.sysconf("SC_CLK_TCK")


def folder_use(folder: str, most_files: int) -> tuple[int, int]:
    """Bytes and entries below `folder`, without following links;
    stops counting beyond `most_files`.

    A folder so deep that it has no path any more counts as too many.
    """
    size, count, todo = 0, 0, [folder]
    while todo and count <= most_files:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError as error:  # the room removed it meanwhile, or it is too deep
            count += (most_files + 1) * (error.errno == errno.ENAMETOOLONG)
    return size, count


def _status(pid: int) -> dict[str, int]:
    wanted = ("RssAnon", "RssShmem", "Threads")
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    fields = (line.partition(":") for line in lines)
    return {name: int(value.split()[0]) for name, _, value in fields if name in wanted}
