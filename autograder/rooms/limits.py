"""What one room may use before it is closed from outside."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one room; seconds are wall time and are kept by whoever supervises the room."""

    cell_seconds: float = 240
    submission_seconds: float = 600
    question_seconds: float = 60
    memory_bytes: int = 4096 * MIB
    file_bytes: int = 512 * MIB  # of a single file
    output_bytes: int = 2 * MIB  # of everything that the cells print and draw
    processes: int = 256  # threads count too
    folder_bytes: int = 2048 * MIB  # of everything that the room writes into its folder
    folder_files: int = 20_000

    def __post_init__(self) -> None:
        for one in dataclasses.fields(self):
            if not 0 < getattr(self, one.name) < 1 << 50:  # NaN is neither
                raise ValueError(f"{one.name} is a number above 0, with no more than 15 digits")
