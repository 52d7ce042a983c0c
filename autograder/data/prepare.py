"""`data/` of a course: images are split by its secret seed,
and public and hidden ones written apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.calibration.plan import plan_path, read_plans
from autograder.course import Course
from autograder.data.prepared import MADE, asked
from autograder.data.source import Source
from autograder.data.sources import Images, read_images, vgg16_arrays
from autograder.desk import course_part
from autograder.errors import UsageError
from autograder.files import replacing, write
from autograder.tables import read_toml, unknown

PUBLIC = ("train", "validation", "test")
LEAST = 10  # images of a class


@dataclass(frozen=True)
class Prepared:
    """What became of one collection."""

    collection: str
    source: Source
    images: Images
    doubles: int  # left out: the same image once more
    spare: int  # left out: more than the smallest class has
    sizes: Mapping[str, int]
    wanted: Mapping[str, int]


def prepare(course: Course) -> Iterator[Prepared]:
    """Write the course's folder `data` anew; gives each collection when it is done.
    The folder changes at the end.

    Raises:
        UsageError: images or weights are not there, or too few; the folder is then as it was.
    """
    target, collections = course.root / "data", _collections(course)
    _check(course, collections)
    if target.is_dir() and (
        foreign := {path.name for path in target.iterdir()} - {"public", "hidden", MADE}
    ):
        raise UsageError(
            f"{target} is to be written anew, but holds {min(foreign)!r}, "
            "which is yours: move it away"
        )
    with replacing(target) as aside:
        aside.chmod(0o700)
        for name in ("public", "hidden"):
            (aside / name).mkdir(mode=0o755)
        for collection, source in course.settings.data.items():
            yield _collection(course, collection, source, aside)
        if course.settings.backbone:
            np.savez(aside / "public" / "vgg16.npz", **vgg16_arrays())  # type: ignore[arg-type]
        files = {
            str(path.relative_to(aside)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(aside.rglob("*.npz"))
        }
        made = json.dumps({"asked": asked(course), "files": files}, indent=2)
        write(aside / MADE, made + "\n")


def _check(course: Course, collections: Mapping[str, Any]) -> None:
    """Raise a UsageError unless real images can take the place of what labkit draws."""
    for name in course.settings.data:
        place = read_toml(course.root / "course.toml")[1].inside("data").inside(name)
        if name not in collections:
            raise UsageError(f"{place}: {unknown('collection', name, collections)}")
        if reason := collections[name].drawn_only:
            raise UsageError(f"{place}: this one can only be drawn: {reason}")


def hidden_wanted(course: Course, collection: str) -> int:
    """How many hidden images the course's assignments judge on;
    at least as many as there are to test on.
    """
    names = {
        path.name for part in ("source", "release") for path in (course.root / part).glob("[!.]*/")
    }
    plans = [path for name in sorted(names) if (path := plan_path(course, name)).exists()]
    judged = [
        plan.hidden.get(collection, 0) for path in plans for plan in read_plans(path).values()
    ]
    least: int = _collections(course)[collection].sizes["test"]
    return max([least, *judged])


def rounds(images: Images, key: str) -> tuple[NDArray[np.int64], int, int]:
    """An order of the images in which each class comes once a round;
    how many are left out as doubles and as spare.

    Raises:
        UsageError: a class has too few.
    """
    seen: dict[bytes, int] = {}
    for index, image in enumerate(images.images):
        seen.setdefault(hashlib.sha256(image.tobytes()).digest(), index)
    single = np.array(sorted(seen.values()))
    classes = [single[images.labels[single] == label] for label in range(len(images.class_names))]
    smallest = min(range(len(classes)), key=lambda label: len(classes[label]))
    if len(classes[smallest]) < LEAST:
        raise UsageError(
            f"expected at least {LEAST} different images of each class; "
            f"found {len(classes[smallest])} of {images.class_names[smallest]!r}. "
            "Add some, or choose other classes in course.toml."
        )
    each = len(classes[smallest])
    columns = [
        one[_shuffled(f"{key} {label}", len(one))[:each]] for label, one in enumerate(classes)
    ]
    table = np.stack(columns, axis=1)
    mixed = [row[_shuffled(f"{key} round {turn}", len(row))] for turn, row in enumerate(table)]
    return (
        np.concatenate(mixed),
        len(images.labels) - len(single),
        len(single) - each * len(classes),
    )


def shares(total: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """How many images each split gets: what it wants, and the hidden one the rest.

    Where there are too few, training keeps at most half of all, and the others share what is left
    in proportion.
    """
    public = {split: wanted[split] for split in PUBLIC}
    if total < sum(wanted.values()):
        train = min(wanted["train"], total // 2)
        others = sum(wanted.values()) - wanted["train"]
        public = {split: (total - train) * wanted[split] // others for split in PUBLIC} | {
            "train": train
        }
    return public | {"hidden": total - sum(public.values())}


def _collection(course: Course, collection: str, source: Source, folder: Path) -> Prepared:
    kind = _collections(course)[collection]
    images = read_images(source, course.root, kind.classes)
    order, doubles, spare = rounds(images, f"real {course.secret_seed} {collection}")
    wanted = kind.sizes | {"hidden": hidden_wanted(course, collection)}
    sizes = shares(len(order), wanted)
    arrays: dict[str, dict[str, Any]] = {"public": {}, "hidden": {}}
    start = 0
    for split, size in sizes.items():
        part, start = order[start : start + size], start + size
        where = arrays["hidden" if split == "hidden" else "public"]
        where |= {f"{split}_images": images.images[part], f"{split}_labels": images.labels[part]}
    for place, found in arrays.items():
        np.savez(
            folder / place / f"{collection}.npz", class_names=np.array(images.class_names), **found
        )
    return Prepared(collection, source, images, doubles, spare, sizes, wanted)


def _collections(course: Course) -> Mapping[str, Any]:
    """The course's collections of drawn images, by name: how many each split has, of how many
    classes, and whether real ones may take their place.
    """
    found: Mapping[str, Any] = getattr(course_part(course), "COLLECTIONS", {})
    return found


def _shuffled(key: str, n: int) -> NDArray[np.int64]:
    return np.random.default_rng([*hashlib.sha256(key.encode()).digest()]).permutation(n)
