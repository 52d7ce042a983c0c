"""What a room costs, warm and cold: `python benchmarks/room_overhead.py [ROOMS]`;
prints medians, in seconds and MiB.

open is until the walls stand, boot until the reply to a first cell, `import tensorflow, keras`;
close is until nothing of the room is left; private is the memory that a kernel has for itself after
training a small model. The first warm room also waits for the warm process to import TensorFlow,
and is shown by itself.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from autograder.rooms.limits import Limits
from autograder.rooms.warm import WarmRooms, warm_rooms

FIRST = "import tensorflow, keras"
TRAINING = """
import numpy as np
keras.utils.set_random_seed(3)
layers = [keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
model.compile("adam", "mse")
history = model.fit(np.random.rand(64, 8, 8, 1), np.random.rand(64, 2), epochs=2, verbose=0)
"""


async def one_room(rooms: WarmRooms, folder: Path) -> dict[str, float]:
    """Open a room, import, train, close it; seconds of each,
    CPU seconds of all, MiB of private memory.
    """
    start = time.perf_counter()
    manager = rooms.kernel_manager(folder)
    await manager.start_kernel()
    opened = time.perf_counter()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=120)
    await client.execute_interactive(FIRST, timeout=120)
    booted = time.perf_counter()
    await client.execute_interactive(TRAINING, timeout=120)
    trained = time.perf_counter()
    room = manager.room_provisioner.room
    assert room is not None
    main = max(
        psutil.Process(room.init).children(recursive=True),
        key=lambda process: process.memory_info().rss,
    )
    private = main.memory_full_info().uss / 2**20
    client.stop_channels()
    before = time.perf_counter()
    await manager.shutdown_kernel(now=True)
    closed = time.perf_counter()
    assert manager.ended is not None
    return {
        "open": opened - start,
        "boot": booted - start,
        "train": trained - booted,
        "close": closed - before,
        "cpu": manager.ended.cpu_seconds,
        "private": private,
    }


def measure(rooms: WarmRooms, count: int) -> list[dict[str, float]]:
    """So many rooms, one after the other."""
    found = []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            found.append(asyncio.run(one_room(rooms, Path(folder))))
    return found


def bare(rooms: WarmRooms, count: int) -> float:
    """Seconds of a room without anything in it: Python's start, the walls, and their removal."""
    seconds = []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            rooms.run_code(
                "def f(payload): pass", "f", None, Path(folder), Limits(), seconds=20, bare=True
            )
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with warm_rooms() as rooms:
        print(f"an empty room: {bare(rooms, count):.3f}")
        first, *warm = measure(rooms, count + 1)
    with warm_rooms(warm=False) as rooms:
        cold = measure(rooms, count)
    print(f"{'':12}" + "".join(f"{name:>9}" for name in first))
    for name, rows in (("first warm", [first]), ("warm", warm), ("cold", cold)):
        medians = (statistics.median(row[what] for row in rows) for what in first)
        print(f"{name:12}" + "".join(f"{value:9.2f}" for value in medians))


if __name__ == "__main__":
    main()
