"""GPUs: which there are, who gets which part of them, and what a room then sees.

No test has a GPU: the driver's files are written into a folder of the test's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from toy import RIGHT, hand_in, toy_course

from autograder.bench import open_bench
from autograder.cli.doctor import _gpu
from autograder.course import Course, RoomSettings, Settings
from autograder.errors import RoomError, UsageError
from autograder.grading.stages import Overloaded, ensure_verdict
from autograder.rooms import cards
from autograder.rooms.canaries import look_at_gpus
from autograder.rooms.cards import Allotment, Card, Part, allotment, find_cards, held
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.warm import WarmRooms, warm_rooms

ROOT = Path(__file__).parent.parent
# As driver 550 writes it, blanks and all.
INFORMATION = """\
Model: \t\t NVIDIA A100-SXM4-40GB
IRQ:   \t\t 123
GPU UUID: \t {uuid}
Video BIOS: \t 92.00.25.00.08
Bus Type: \t PCIe
DMA Size: \t 47 bits
DMA Mask: \t 0x7fffffffffff
Bus Location: \t {bus}
Device Minor: \t {minor}
GPU Firmware: \t 550.90.07
GPU Excluded:\t No
"""
DEVICES = ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia0", "nvidia1"]
FIRST, SECOND = "GPU-11111111-aaaa", "GPU-22222222-bbbb"


def open_() -> bool:
    """The rooms are not closed."""
    return False


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One with two cards, of which the first on the bus has the second device file; not in /tmp,
    where a room has its own.
    """
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        top = Path(name)
        top.chmod(0o755)
        for bus, minor, uuid in (("0000:01:00.0", 1, FIRST), ("0000:41:00.0", 0, SECOND)):
            told = top / "proc/driver/nvidia/gpus" / bus / "information"
            told.parent.mkdir(parents=True)
            told.write_text(INFORMATION.format(uuid=uuid, bus=bus, minor=minor))
        (top / "dev").mkdir()
        for device in DEVICES:
            (top / "dev" / device).touch()
            (top / "dev" / device).chmod(0o666)
        yield top


def test_cards_are_those_of_the_driver_in_the_order_of_the_bus(machine: Path) -> None:
    """As nvidia-smi lists them."""
    assert find_cards(machine) == (
        Card(1, "NVIDIA A100-SXM4-40GB", FIRST),
        Card(0, "NVIDIA A100-SXM4-40GB", SECOND),
    )


def test_a_card_whose_device_we_may_not_open_is_none(machine: Path) -> None:
    """The driver tells of all cards, a container has the devices of some."""
    (machine / "dev" / "nvidia1").unlink()
    assert [card.uuid for card in find_cards(machine)] == [SECOND]


@pytest.mark.parametrize(
    ("visible", "found"),
    [("1", [SECOND]), ("1,0", [SECOND, FIRST]), ("GPU-1111", [FIRST]), ("", []), ("-1", [])],
)
def test_only_cards_are_used_that_the_environment_leaves(
    machine: Path, monkeypatch: pytest.MonkeyPatch, visible: str, found: list[str]
) -> None:
    """Schedulers allot cards by CUDA_VISIBLE_DEVICES."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert [card.uuid for card in find_cards(machine)] == found


@pytest.mark.parametrize("visible", ["2", "GPU-3", "MIG-4", "first"])
def test_a_card_that_is_not_there_is_named(
    machine: Path, monkeypatch: pytest.MonkeyPatch, visible: str
) -> None:
    """CUDA itself would go on without a word, on the CPU."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.raises(UsageError, match=f"{visible}.*there are: 0 .{FIRST}"):
        find_cards(machine)


def test_a_card_that_the_driver_has_not_asked_yet_goes_by_its_number(machine: Path) -> None:
    """Its file has question marks for the UUID; in a room it is the only one."""
    told = machine / "proc/driver/nvidia/gpus/0000:01:00.0/information"
    told.write_text(INFORMATION.format(uuid="GPU-????????-????", bus="0", minor=1))
    card = find_cards(machine)[0]
    assert card.uuid == ""
    assert Part((card,), 1.0, machine).env["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.parametrize(
    ("gpu", "jobs", "rooms", "share"),
    [(1, 8, 2, 1.0), (2, 8, 1, 1.0), (0.5, 8, 4, 0.5), (0.3, 8, 6, 0.3), ("auto", 2, 2, 1.0),
     ("auto", 4, 4, 0.5), ("auto", 32, 8, 0.25)],
)  # fmt: skip
def test_a_course_says_what_a_room_gets(
    machine: Path, gpu: str | float, jobs: int, rooms: int, share: float
) -> None:
    """On two cards: so many rooms at a time; «auto» gives each its part, four to a card at most."""
    found = allotment(gpu, jobs, machine)
    assert found is not None
    assert (found.rooms, found.share) == (rooms, share)


def test_auto_takes_nothing_where_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number is an error there, with the first thing that is missing."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert allotment("auto", 2, tmp_path) is None
    with pytest.raises(UsageError, match="expected 1 NVIDIA GPU, found none: no /dev/nvidiactl"):
        allotment(0.25, 2, tmp_path)


def test_none_takes_nothing_where_there_is_something(machine: Path) -> None:
    """It is the default."""
    assert allotment("none", 2, machine) is None


def test_more_cards_than_there_are_is_an_error(machine: Path) -> None:
    """Expected and found."""
    with pytest.raises(UsageError, match="expected 3 NVIDIA GPUs, found 2"):
        allotment(3, 2, machine)


# --- leases ------------------------------------------------------------------------------------


TWO = (Card(0, "one", FIRST), Card(1, "other", SECOND))


def test_rooms_are_spread_over_cards_before_they_share_one(tmp_path: Path) -> None:
    """Four halves of two cards."""
    with ExitStack() as stack:
        halves = Allotment(TWO, share=0.5)
        got = [stack.enter_context(held(halves, open_, tmp_path)) for _ in range(4)]
    assert [part.cards[0].number for part in got] == [0, 1, 0, 1]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_more_rooms_than_parts_wait_and_all_get_one(tmp_path: Path) -> None:
    """Eight rooms on four halves: never more than four at a time, and nobody starves."""
    halves, lock = Allotment(TWO, share=0.5), threading.Lock()
    inside, most, done = 0, 0, 0

    def room() -> None:
        nonlocal inside, most, done
        with held(halves, open_, tmp_path):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.1)
            with lock:
                inside, done = inside - 1, done + 1

    threads = [threading.Thread(target=room) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (done, inside) == (8, 0)
    assert 2 <= most <= 4


def test_a_whole_card_is_not_had_beside_a_share_of_it(tmp_path: Path) -> None:
    """Two courses that say different things share a machine nevertheless."""
    whole, quarter = Allotment(TWO[:1]), Allotment(TWO[:1], share=0.25)
    got: list[Part] = []

    def room() -> None:
        with held(whole, open_, tmp_path) as part:
            got.append(part)

    with held(quarter, open_, tmp_path):
        waiting = threading.Thread(target=room)
        waiting.start()
        time.sleep(0.4)
        assert got == []
    waiting.join(10)
    assert [part.share for part in got] == [1.0]


def test_who_needs_several_cards_is_not_overtaken_for_ever(tmp_path: Path) -> None:
    """While it waits for the second nobody else takes one."""
    both, single = Allotment(TWO, many=2), Allotment(TWO)
    order: list[str] = []

    def room(wanted: Allotment, name: str) -> None:
        with held(wanted, open_, tmp_path):
            order.append(name)

    with held(single, open_, tmp_path):
        first = threading.Thread(target=room, args=(both, "both"))
        first.start()
        time.sleep(0.4)  # it has its turn, and one of the cards
        second = threading.Thread(target=room, args=(single, "single"))
        second.start()
        time.sleep(0.4)
    first.join(10)
    second.join(10)
    assert order == ["both", "single"]


HOLDER = """
import sys, time
from pathlib import Path
from autograder.rooms.cards import Allotment, Card, held

with held(Allotment((Card(0, "one"),)), lambda: False, Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_holds_nothing_any_more(tmp_path: Path) -> None:
    """Another process waits for its card, and has it once it is dead."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder, holder.stdout:
        assert holder.stdout.readline() == "held\n"
        began, tries = time.monotonic(), 0

        def closed() -> bool:
            nonlocal tries
            tries += 1
            if tries == 3:
                holder.kill()
            return False

        with held(Allotment(TWO[:1]), closed, tmp_path):
            assert tries >= 3
        assert time.monotonic() - began < 10


def test_who_waits_leaves_when_the_rooms_are_closed(tmp_path: Path) -> None:
    """Ctrl-C ends a batch whose submissions wait for a card."""
    with (
        held(Allotment(TWO[:1]), open_, tmp_path),
        pytest.raises(RoomError, match="closed"),
        held(Allotment(TWO[:1]), lambda: True, tmp_path),
    ):
        pass


def test_somebody_elses_folder_of_locks_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link in /tmp leads nowhere."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    cards._place().rmdir()
    (tmp_path / f"autograder-cards-{os.geteuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RoomError, match="not a folder of ours"):
        cards._place()


class OnACard(RoomsHere):
    """Rooms that say that they compute on a GPU."""

    @property
    def device(self) -> str:
        """A quarter of one."""
        return "TensorFlow, 25% of NVIDIA T4"


def test_who_ran_out_of_a_shared_gpu_is_run_again_alone(tmp_path: Path) -> None:
    """It may be a neighbour who took the memory; only what happens without one counts."""
    course = toy_course(tmp_path)
    cell = "raise RuntimeError('CUDA_ERROR_OUT_OF_MEMORY: out of memory')\n"
    hand_in(course, "ada", RIGHT | {"triple": cell + RIGHT["triple"]})
    bench = open_bench(course, "toy")
    with pytest.raises(Overloaded):
        ensure_verdict(bench, "ada", OnACard(), alone=False)
    verdict = ensure_verdict(bench, "ada", OnACard())
    assert verdict.score == 8
    assert any(one.startswith("the GPU failed: RuntimeError: CUDA") for one in verdict.incidents)


def test_the_same_words_on_a_cpu_are_the_students_own(tmp_path: Path) -> None:
    """Nobody else has to do with them."""
    course = toy_course(tmp_path)
    hand_in(course, "ada", RIGHT | {"triple": "raise MemoryError('out of memory')\n"})
    verdict = ensure_verdict(open_bench(course, "toy"), "ada", RoomsHere(), alone=False)
    assert verdict.incidents == ()


# --- what a room sees --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rooms() -> Iterator[WarmRooms]:
    with warm_rooms(warm=False) as rooms:
        yield rooms


SEEN = """
import os, resource

def seen(paths):
    def opened(path):
        try:
            os.close(os.open(path, os.O_RDWR))
        except OSError as error:
            return error.strerror
        return "opened"
    name = "/proc/self/task/%d/comm" % os.getpid()
    try:
        with open(name, "w") as stream:
            stream.write("cuda-EvtHandlr")
        named = open(name).read().strip()
    except OSError as error:
        named = error.strerror
    return {
        "files": {os.path.basename(path): opened(path) for path in paths},
        "named": named,
        "pinned": resource.getrlimit(resource.RLIMIT_MEMLOCK)[0],
        "env": {name: os.environ.get(name, "") for name in
                ("CUDA_VISIBLE_DEVICES", "TF_FORCE_GPU_ALLOW_GROWTH", "XLA_CLIENT_MEM_FRACTION",
                 "XLA_PYTHON_CLIENT_PREALLOCATE", "NVIDIA_TF32_OVERRIDE", "JAX_PLATFORMS")},
    }
"""


def test_a_room_sees_its_cards_and_no_others(
    rooms: WarmRooms, machine: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Their devices, in a share of their memory; CUDA can name its threads, or it gives up."""
    part = Part(find_cards(machine)[1:], 0.5, machine)
    paths = sorted(str(path) for path in (machine / "dev").iterdir())
    found = rooms.run_code(
        SEEN, "seen", paths, tmp_path_factory.mktemp("room"), Limits(), seconds=30, bare=True,
        part=part,
    ).value  # fmt: skip
    opened = {name for name, what in found["files"].items() if what == "opened"}
    assert opened == {"nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia0"}
    assert found["named"] == "cuda-EvtHandlr"
    assert found["pinned"] > 0
    assert found["env"] == {
        "CUDA_VISIBLE_DEVICES": SECOND,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_CLIENT_MEM_FRACTION": "0.450",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "NVIDIA_TF32_OVERRIDE": "0",
        "JAX_PLATFORMS": "",
    }


def test_a_room_without_a_part_sees_no_card(
    rooms: WarmRooms, machine: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither files nor a word in the environment, and /proc stays as it is."""
    paths = sorted(str(path) for path in (machine / "dev").iterdir())
    found = rooms.run_code(
        SEEN, "seen", paths, tmp_path_factory.mktemp("room"), Limits(), seconds=30, bare=True
    ).value
    assert set(found["files"].values()).isdisjoint({"opened"})
    assert found["pinned"] == 0
    assert found["named"] == "Permission denied"
    assert found["env"]["CUDA_VISIBLE_DEVICES"] == ""
    assert found["env"]["JAX_PLATFORMS"] == "cpu"


def test_the_drivers_library_is_found_where_the_loader_finds_it(tmp_path: Path) -> None:
    """Wherever that is: NixOS has it outside of /usr."""
    (tmp_path / "etc").mkdir()
    table = (
        b"ld.so-1.7.0\0" + b"libc.so.6\0/lib/libc.so.6\0libcuda.so.1\0/run/driver/libcuda.so.1\0"
    )
    (tmp_path / "etc" / "ld.so.cache").write_bytes(table)
    assert cards.driver_folders(tmp_path) == ("/run/driver",)
    assert cards.driver_folders(tmp_path / "nowhere") == ()


SHARE = textwrap.dedent(
    """
    def told(_):
        from tensorflow.python.eager import context
        options = context.context().config.gpu_options
        return [options.per_process_gpu_memory_fraction, context.context()._context_handle is None]
    """
)


@pytest.mark.slow
def test_tensorflow_keeps_to_its_share(
    rooms: WarmRooms, machine: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It has no environment variable for that; its own switch starts nothing."""
    part = Part(find_cards(machine)[:1], 0.25, machine)
    called = rooms.run_code(
        SHARE, "told", None, tmp_path_factory.mktemp("room"), Limits(), seconds=120, part=part
    )
    assert called.value == [pytest.approx(0.225), True], called.log


# --- doctor ------------------------------------------------------------------------------------


def course_with(gpu: Any, folder: Path) -> Course:
    """One whose rooms get that."""
    return Course(folder, Settings(jobs=8, rooms=RoomSettings(gpu=gpu)))


@pytest.mark.parametrize(
    ("gpu", "said"),
    [
        ("none", "2 × NVIDIA A100-SXM4-40GB, not used: [rooms] gpu is «none»"),
        (0.25, "2 × NVIDIA A100-SXM4-40GB, 8 rooms at a time"),
        (2, "2 × NVIDIA A100-SXM4-40GB, 1 room at a time"),
    ],
)
def test_doctor_says_which_gpus_rooms_get(machine: Path, gpu: Any, said: str) -> None:
    """Models and rooms, before one is opened."""
    found = _gpu(course_with(gpu, machine), machine)
    assert (found.found, found.good) == (said, True)


def test_doctor_says_what_is_missing_for_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is well unless the course wants one."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    found = _gpu(course_with("auto", tmp_path), tmp_path)
    assert (found.found, found.good) == ("none: no /dev/nvidiactl", True)
    found = _gpu(course_with(1, tmp_path), tmp_path)
    assert not found.good
    assert "expected 1 NVIDIA GPU" in found.found


@pytest.mark.slow
def test_the_canary_computes_in_a_room_and_says_what_it_saw(rooms: WarmRooms) -> None:
    """On this machine no GPU, which is what CUDA silently falls back to; it must not go unsaid."""
    if find_cards():
        pytest.skip("this machine has one")
    found = look_at_gpus(rooms)
    assert found.seen == ()
    assert found.trouble


def test_the_benchmark_says_that_there_is_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is run: exit status 2."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "gpu.py"), str(tmp_path / "compared")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "none: CUDA_VISIBLE_DEVICES leaves none" in done.stderr
