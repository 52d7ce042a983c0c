"""Where a course says that a collection comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Source:
    """Real images for one collection: a table `[data.<collection>]` of a course.toml."""

    from_: Literal["cifar10", "folder"]
    path: str = ""  # of a folder with a sub-folder for each class, from the course's own
    classes: tuple[str, ...] = ()  # none: the first that there are

    def __post_init__(self) -> None:
        if bool(self.path) != (self.from_ == "folder"):
            raise ValueError(
                f'it needs path = "…" exactly where from = "folder"; path is {self.path!r}'
            )
        if len(set(self.classes)) < len(self.classes):
            raise ValueError(f"classes names one twice: {', '.join(self.classes)}")


@dataclass(frozen=True)
class Backbone:
    """A pretrained network in place of the one that comes along: the table `[backbone]`."""

    from_: Literal["vgg16"]
