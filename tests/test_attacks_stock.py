"""The cage in which hostile submissions meet nbgrader as it comes: harmless stand-ins in it."""

import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")
TRIES = """
import os, socket, sys
def tried(attempt):
    try:
        attempt()
        print("done")
    except OSError:
        print("refused")
for attempt in (
    lambda: open(sys.argv[1], "w"),
    lambda: open(sys.prefix + "/touched", "w"),
    lambda: open("/etc/touched", "w"),
    lambda: os.setuid(0),
    lambda: os.kill(-1, 9),
    lambda: open("/proc/1/mem", "rb"),
    lambda: socket.create_connection(("192.0.2.1", 9), 1),
    lambda: [open("large", "wb").truncate(size) for size in (2**20, 2**40)],
    lambda: open("own", "w"),
):
    tried(attempt)
"""
STAYS = "import os, time; os.fork() or (os.setsid(), time.sleep(60))"
SLEEPS = "import time; time.sleep(60)"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can build the cage")


@pytest.fixture
def cage(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("measures.cage")


def test_nothing_gets_out_of_a_cage_or_outlives_it(cage: Any, tmp_path: Path) -> None:
    """Files outside, the first process, the network and other users are out of reach; what stays
    is told and ended; a command that goes on is out of time.
    """
    outside, place = tmp_path / "outside", tmp_path / "place"
    outside.write_text("ours")

    def inside(one: Any) -> Any:
        ends = [
            one.run(place, [sys.executable, "-c", code, str(outside)], {})
            for code in (TRIES, STAYS, SLEEPS)
        ]
        survivors = [line.split()[-1] for line in one.survivors(0.1)]
        return [[end.status for end in ends], ends[0].screen.splitlines(), len(survivors)]

    statuses, tries, survivors = cage.caged(
        place, 4, lambda: (place / "given").write_text("x"), inside
    )
    assert tries == [*["refused"] * 8, "done"]
    assert statuses == [0, 0, None]
    assert survivors == 2
    assert outside.read_text() == "ours"
    assert list(place.iterdir()) == []


def test_a_cage_that_does_not_end_is_ended_from_outside(cage: Any, tmp_path: Path) -> None:
    """Then there is no answer; where it can't be furnished, the error says why."""
    assert cage.caged(tmp_path / "place", 1, lambda: None, lambda _: time.sleep(60)) is None
    with pytest.raises(RuntimeError, match=r"could not be built(.|\n)*ZeroDivisionError"):
        cage.caged(tmp_path / "place", 1, lambda: 1 / 0, lambda _: None)
