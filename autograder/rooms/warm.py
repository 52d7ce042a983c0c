"""Warm rooms: processes that have imported TensorFlow already, forked once for each room."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager

from autograder.rooms.limits import Limits
from autograder.rooms.provisioner import Ended, RoomProvisioner


class RoomManager(AsyncKernelManager):
    """A kernel manager whose kernel lives in a room; hand it to `NotebookClient(nb, km=…)`."""

    folder: Path
    limits: Limits

    async def start_kernel(self, **kwargs: Any) -> None:
        """Open the room; the kernel's working directory is the room's folder, whatever is asked for."""
        self.provisioner = RoomProvisioner(kernel_id=str(uuid.uuid4()), kernel_spec=self.kernel_spec, parent=self)
        await super().start_kernel(**{**kwargs, "cwd": str(self.folder)})

    @property
    def ended(self) -> Ended | None:
        """How the room ended; None while it is open (await `is_alive()` first to have it looked up)."""
        return None if self.provisioner is None else self.provisioner.ended


class Rooms:
    """Opens rooms; may be used from several threads at once."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self.isolation = "none"

    def kernel_manager(self, folder: Path, limits: Limits | None = None) -> RoomManager:
        """A manager, not started yet, of a kernel that will run in a room around `folder`."""
        runtime = Path(tempfile.mkdtemp(prefix="k", dir=self._base))
        manager = RoomManager(
            kernel_name="python3", transport="ipc", ip=str(runtime / "s"), connection_file=str(runtime / "kernel.json")
        )
        manager.folder = folder.resolve()
        manager.limits = limits or Limits()
        return manager


@contextmanager
def warm_rooms(*, warm: bool = True, threads: int = 1) -> Iterator[Rooms]:
    """Rooms for as long as the context lasts; everything in them dies with it."""
    with tempfile.TemporaryDirectory(prefix="rooms-") as base:
        yield Rooms(Path(base))
