"""The GPUs of a machine, and each room's part of them.

The driver tells which cards there are. What a room holds of a card it holds by a lock on as many of
the hundred parts of that card's file; the kernel lets go of it with the process, however that ends,
so that all who grade on a machine as one user share its cards without knowing of each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import stat
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import RoomError, UsageError
from autograder.showing import quoted, shown

_PARTS = 100  # of a card
_MOST_ROOMS = 4  # on a card where the course says "auto"
_OF_ALL = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")  # devices that every card needs
_NO_CARD = {"", "-1", "none", "NoDevFiles"}  # what CUDA_VISIBLE_DEVICES says where none is left
_LIBRARY = "libcuda.so.1"  # the driver's own, which no package brings
_MEMORY = 0.9  # of its share that a room's arrays may take; the rest is the driver's
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Card:
    """One NVIDIA GPU."""

    number: int  # in the name of its device
    name: str
    uuid: str = ""  # "" where the driver has not asked it yet


@dataclass(frozen=True)
class Allotment:
    """What each room gets: so many of these cards, of each of them so large a share."""

    cards: tuple[Card, ...]
    many: int = 1
    share: float = 1.0

    @property
    def rooms(self) -> int:
        """How many rooms have their part at a time."""
        each = _PARTS // _parts(self.share)
        return len(self.cards) * each // self.many


@dataclass(frozen=True)
class Part:
    """What one room holds."""

    cards: tuple[Card, ...]
    share: float
    top: Path = Path("/")

    @property
    def devices(self) -> tuple[str, ...]:
        """The device files of these cards, not of others."""
        named = [*_OF_ALL, *(f"nvidia{card.number}" for card in self.cards)]
        files = [self.top / "dev" / name for name in named]
        return tuple(str(path) for path in files if path.exists())

    @property
    def env(self) -> dict[str, str]:
        """What makes CUDA, TensorFlow and JAX keep to it, and to the precision of a CPU."""
        known = all(card.uuid for card in self.cards)
        # numbers are those among the cards that the room sees
        named = [card.uuid if known else str(n) for n, card in enumerate(self.cards)]
        return {
            "CUDA_VISIBLE_DEVICES": ",".join(named),
            "CUDA_CACHE_DISABLE": "1",  # it would be gone with the room
            "NVIDIA_TF32_OVERRIDE": "0",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "XLA_CLIENT_MEM_FRACTION": f"{self.memory:.3f}",
        }

    @property
    def memory(self) -> float:
        """The fraction of a card's memory that the room's arrays may take."""
        return _MEMORY * self.share

    def __str__(self) -> str:
        cards = ", ".join(f"{card.name} {card.uuid}".strip() for card in self.cards)
        return cards if self.share == 1 else f"{self.share:.0%} of {cards}"


def allotment(gpu: str | float, jobs: int, top: Path = Path("/")) -> Allotment | None:
    """What each of so many rooms at a time gets, as `gpu` of the course's table [rooms] says; None
    for no GPU.

    Raises:
        UsageError: there are fewer cards than a room is to get.
    """
    if gpu == "none":
        return None
    cards = find_cards(top)
    if isinstance(gpu, str):
        each = min(_MOST_ROOMS, -(-jobs // max(1, len(cards))))
        return Allotment(cards, share=1 / each) if cards else None
    many = max(1, int(gpu))
    if len(cards) < many:
        raise UsageError(
            f"[rooms] gpu = {gpu:g} in course.toml: expected {many} NVIDIA GPU{'s' * (many > 1)},"
            f' found {len(cards) or missing(top)}; grade elsewhere, or say gpu = "auto", which'
            " takes what there is"
        )
    return Allotment(cards, many, min(1.0, gpu))


def find_cards(top: Path = Path("/")) -> tuple[Card, ...]:
    """The cards that we may use, in the order of the bus: all, or those that CUDA_VISIBLE_DEVICES
    names.

    Raises:
        UsageError: it names one that is not there.
    """
    told = [
        _card(path.read_text(encoding="utf-8", errors="replace"))
        for path in sorted((top / "proc/driver/nvidia/gpus").glob("*/information"))
    ]
    may = os.R_OK | os.W_OK
    usable = [one for one in told if one and os.access(top / f"dev/nvidia{one.number}", may)]
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None or not usable:
        return tuple(usable)
    if wanted.strip() in _NO_CARD:
        return ()
    return tuple(_named(name.strip(), usable) for name in wanted.split(","))


def missing(top: Path = Path("/")) -> str:
    """The first thing that is missing for a GPU here, in words."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in _NO_CARD:
        return "none: CUDA_VISIBLE_DEVICES leaves none"
    for name, pattern in (("nvidiactl", "nvidiactl"), ("nvidia0", "nvidia[0-9]*")):
        if not any((top / "dev").glob(pattern)):
            return f"none: no /dev/{name}"
    if not (top / "proc/driver/nvidia/gpus").is_dir():
        return "none: no /proc/driver/nvidia"
    return "none that we may open: /dev/nvidia* belong to others"


def driver_folders(top: Path = Path("/")) -> tuple[str, ...]:
    """Where the driver's libraries lie, as the loader's table says."""
    with contextlib.suppress(OSError):
        table = (top / "etc/ld.so.cache").read_bytes()
        found = {
            text.decode("utf-8", "replace")
            for text in table.split(b"\0")
            if text.startswith(b"/") and text.endswith(b"/" + _LIBRARY.encode())
        }
        real = {str(Path(name).resolve()) for name in found}
        return tuple(sorted({str(Path(name).parent) for name in found | real}))
    return ()


@contextlib.contextmanager
def held(
    wanted: Allotment, closed: Callable[[], bool], folder: Path | None = None
) -> Iterator[Part]:
    """A room's part, once there is one. Only one who waits looks at a time, so that whoever needs
    several cards gets them though others ask for less.

    Raises:
        RoomError: the rooms were `closed` meanwhile.
    """
    place = folder or _place()
    with contextlib.ExitStack() as stack:
        found: list[Card] = []
        with _turn(place, closed):
            while True:
                found += _taken(wanted, found, place, stack)
                if len(found) == wanted.many:
                    break
                _wait(closed)
        yield Part(tuple(sorted(found, key=lambda card: card.number)), wanted.share)


def _taken(
    wanted: Allotment, found: Sequence[Card], place: Path, stack: contextlib.ExitStack
) -> list[Card]:
    """Cards, besides those that were found, of which a share is ours from now on; those with the
    fewest rooms first.
    """
    size, taken = _parts(wanted.share), list[Card]()
    for start in range(0, _PARTS - size + 1, size):
        for card in wanted.cards:
            if len(found) + len(taken) == wanted.many:
                return taken
            if card in found or card in taken:
                continue
            handle = _file(place / f"gpu{card.number}")
            if _locked(handle, start, size):
                stack.callback(os.close, handle)
                taken.append(card)
            else:
                os.close(handle)
    return taken


def _parts(share: float) -> int:
    return max(1, int(_PARTS * share + 1e-6))


@contextlib.contextmanager
def _turn(place: Path, closed: Callable[[], bool]) -> Iterator[None]:
    handle = _file(place / "turn")
    try:
        while not _locked(handle, 0, 1):
            _wait(closed)
        yield
    finally:
        os.close(handle)


def _wait(closed: Callable[[], bool]) -> None:
    if closed():
        raise RoomError("the rooms are closed")
    time.sleep(_LOOK_SECONDS * random.uniform(0.5, 1.5))


def _locked(handle: int, start: int, size: int) -> bool:
    """Whether these bytes are ours now: the lock belongs to the open file, not to the process."""
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, size, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, asked)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _place() -> Path:
    """The folder with the files of all cards.

    Raises:
        RoomError: somebody else made it.
    """
    place = Path(tempfile.gettempdir(), f"autograder-cards-{os.geteuid()}")
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise RoomError(f"{place} is not a folder of ours: remove it")
    return place


def _card(information: str) -> Card | None:
    """A card as the driver tells of it."""
    pairs = (line.partition(":") for line in information.splitlines())
    told = {name.strip(): value.strip() for name, _, value in pairs}
    number, uuid = told.get("Device Minor", ""), told.get("GPU UUID", "")
    if not number.isdecimal():
        return None
    return Card(int(number), shown(told.get("Model", "a GPU")), "" if "?" in uuid else uuid)


def _named(name: str, cards: list[Card]) -> Card:
    """The card that one entry of CUDA_VISIBLE_DEVICES means."""
    if name.isdecimal() and int(name) < len(cards):
        return cards[int(name)]
    if name.startswith("GPU-") and (found := [c for c in cards if c.uuid.startswith(name)]):
        return found[0]
    there = ", ".join(f"{n} ({card.uuid or card.name})" for n, card in enumerate(cards))
    raise UsageError(f"CUDA_VISIBLE_DEVICES names {quoted(name)}; there are: {there}")
