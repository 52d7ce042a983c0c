"""A Jupyter kernel provisioner that opens a room instead of starting a process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_client.provisioning import LocalProvisioner


@dataclass(frozen=True)
class Ended:
    """How a room came to its end."""

    status: int  # exit status of its main process, negative: minus the signal
    reason: Literal["exited", "killed", "out_of_memory", "folder_full"]  # killed: by us, at a deadline or closing time


class RoomProvisioner(LocalProvisioner):
    """Opens a room for the kernel (not closed yet: first version)."""

    ended: Ended | None = None

    async def poll(self) -> int | None:
        """None while the kernel runs, then its exit status."""
        status: int | None = await super().poll()
        if status is not None and self.ended is None:
            self.ended = Ended(status, "exited")
        return status

    def _finalize_env(self, env: dict[str, str]) -> None:
        super()._finalize_env(env)
        env.pop("JPY_PARENT_PID", None)


