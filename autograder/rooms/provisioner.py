"""Jupyter's ends of a room: a kernel manager, and a provisioner that opens a room instead of
starting a process.
"""

from __future__ import annotations

import asyncio
import signal
import uuid
from pathlib import Path
from typing import Any, Protocol

from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase

from autograder.rooms.limits import Limits
from autograder.rooms.room import Ended, Room


class Opener(Protocol):
    """What opens rooms."""

    def new_place(self) -> Path:
        """A private folder outside for one room."""

    def open_kernel(self, argv: list[str], folder: Path, limits: Limits, place: Path) -> Room:
        """A student room in which a kernel has been started."""


class RoomProvisioner(KernelProvisionerBase):
    """Runs the kernel in a room around `folder`.

    `room_manager` sets `rooms`, `folder` and `limits`; without, the room is one around the working
    directory.
    """

    rooms: Opener | None = None
    folder: Path | None = None
    limits = Limits()
    room: Room | None = None
    _place: Path | None = None
    _ended: Ended | None = None
    _last_words = ""

    @property
    def has_process(self) -> bool:
        """Whether there is a room whose end has not been taken notice of."""
        return self.room is not None

    @property
    def ended(self) -> Ended | None:
        """How the last room ended; None while it is open."""
        return self._ended if self.room is None else self.room.wait(0)

    def last_words(self) -> str:
        """The end of what the kernel's processes wrote to standard error, past Jupyter."""
        return self.room.log() if self.room else self._last_words

    async def poll(self) -> int | None:
        """None while the room is open, then the exit status of the kernel."""
        ended = self.ended
        return ended.status if ended else None if self.room else 0

    async def wait(self) -> int | None:
        """Wait for the end of the room, and put it away."""
        if self.room is None:
            return None
        ended = await asyncio.to_thread(self.room.wait, 3600)
        self._put_away()
        return ended.status if ended else None

    async def send_signal(self, signum: int) -> None:
        """SIGINT and SIGTERM reach the kernel, SIGKILL everything in the room;
        there are no others.
        """
        if self.room is None:
            return
        if signum == signal.SIGKILL:
            await self.kill()
        elif signum == signal.SIGINT:
            self.room.interrupt()
        elif signum == signal.SIGTERM:
            self.room.terminate()

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 — the signature is Jupyter's
        """End everything in the room; nothing of it is left when this returns."""
        if self.room is not None:
            await asyncio.to_thread(self.room.kill)

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002 — the signature is Jupyter's
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Settle where kernel and manager meet: sockets in a private folder,
        since the room has no network.
        """
        assert self.rooms is not None
        self._place = self.rooms.new_place()
        manager = self.parent
        manager.transport = "ipc"
        manager.ip = str(self._place / "run" / "s")
        manager.connection_file = str(self._place / "run" / "kernel.json")
        manager._connection_file_written = False  # noqa: SLF001 — or a restart would keep the old one
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        extra = kwargs.pop("extra_arguments", None) or []
        # no parent to follow, or to greet
        quiet = ["--IPKernelApp.parent_handle=1", "--HistoryManager.enabled=False"]
        kwargs |= {"cmd": ["-f", manager.connection_file, *quiet, *extra]}
        return dict(await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Open the room; its environment is its own, whatever the caller's is."""
        assert self.rooms is not None
        assert self._place is not None
        folder = self.folder or Path(kwargs.get("cwd") or ".")
        self._ended = None
        self.room = await asyncio.to_thread(
            self.rooms.open_kernel, cmd, folder, self.limits, self._place
        )
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002 — the signature is Jupyter's
        """Put the room away; Jupyter calls this twice."""
        self._put_away()

    def _put_away(self) -> None:
        if self.room is not None:
            self.room.close()
            self._ended, self._last_words = self.room.ended, self.room.log()
            self.room = None


class RoomManager(AsyncKernelManager):
    """A kernel manager whose kernel lives in a room; hand it to `NotebookClient(nb, km=…)`."""

    room_provisioner: RoomProvisioner

    async def start_kernel(self, **kwargs: Any) -> None:
        """Open the room; the kernel's working directory is the room's folder,
        whatever is asked for.
        """
        self.provisioner = self.room_provisioner
        await super().start_kernel(**kwargs)

    @property
    def ended(self) -> Ended | None:
        """How the room ended; None while it is open."""
        return self.room_provisioner.ended

    @property
    def layers(self) -> dict[str, str]:
        """What each layer of the room's walls is made of; empty before it is open."""
        return self.room_provisioner.room.layers if self.room_provisioner.room else {}

    def last_words(self) -> str:
        """The end of what the kernel's processes wrote to standard error, past Jupyter:
        why it crashed, if it did.
        """
        return self.room_provisioner.last_words()

    def cpu_seconds(self) -> float:
        """CPU time that the room has used so far."""
        return self.room_provisioner.room.cpu_seconds() if self.room_provisioner.room else 0.0


def room_manager(rooms: Opener, folder: Path, limits: Limits) -> RoomManager:
    """A manager, not started yet, of a kernel that will run in a room around `folder`."""
    manager = RoomManager(kernel_name="python3", transport="ipc")
    provisioner = RoomProvisioner(
        kernel_id=str(uuid.uuid4()), kernel_spec=manager.kernel_spec, parent=manager
    )
    provisioner.rooms, provisioner.folder, provisioner.limits = rooms, folder.resolve(), limits
    manager.room_provisioner = provisioner
    return manager
