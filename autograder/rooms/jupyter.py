"""The entry point "autograder-room": rooms for kernels that Jupyter itself asks for."""

from __future__ import annotations

from typing import Any

from autograder.rooms.provisioner import RoomProvisioner
from autograder.rooms.warm import default_rooms


class DefaultProvisioner(RoomProvisioner):
    """A room that is open in this process, or a cold one, around the working directory; chosen by a
    kernel specification or by JUPYTER_DEFAULT_PROVISIONER_NAME.
    """

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """As every room."""
        self.rooms = self.rooms or default_rooms()
        return await super().pre_launch(**kwargs)
