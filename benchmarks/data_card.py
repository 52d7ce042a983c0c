"""The pictures and tables of docs/data.md, from the scenes themselves.

python benchmarks/data_card.py        half a minute; a test compares the tables with the page
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from autograder.vision import Scenes, scenes
from autograder.vision.collection import COLLECTIONS, Style

DOCS = Path(__file__).parent.parent / "docs"
PAGE, PICTURES = DOCS / "data.md", DOCS / "pictures"
SEEN = 1200  # scenes of each collection that the tables are worked out on
SIDE, GAP, TEXT = 64, 4, 12  # pixels; each picture is enlarged twice
PAPER, INK, BOX = (255, 255, 255), (40, 40, 40), (230, 60, 40)


def main() -> None:
    """Write pictures, and the tables into the page."""
    PICTURES.mkdir(exist_ok=True)
    for name, picture in PICTURES_OF.items():
        _save(picture(), PICTURES / f"{name}.png")
    text = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        text = between(text, name, table())
    PAGE.write_text(text, encoding="utf-8")


def between(text: str, name: str, table: str) -> str:
    """The page's text with the table in its place."""
    pattern = rf"(<!-- {name}: .*?-->\n).*?(<!-- end -->)"
    assert len(re.findall(pattern, text, flags=re.DOTALL)) == 1, name
    return re.sub(pattern, lambda found: f"{found[1]}{table}\n{found[2]}", text, flags=re.DOTALL)


# --- tables --------------------------------------------------------------------------------------


def collections() -> str:
    rows = []
    for name, kind in COLLECTIONS.items():
        each = round(kind.sizes["train"] / len(kind.outlines))
        sizes = [f"{kind.sizes[split]:,}" for split in ("train", "validation", "test")]
        rows.append(
            [
                f"`{name}`",
                ", ".join(kind.outlines),
                str(len(kind.outlines)),
                *sizes,
                f"about {each:,}",
            ]
        )
    return _table(
        ["collection", "classes", "number", "train", "validation", "test", "of a class in train"],
        rows,
    )


def objects() -> str:
    rows = []
    for name in COLLECTIONS:
        some = _seen(name)
        area = some.masks.mean(axis=(1, 2))
        width, height = some.boxes[:, 2] - some.boxes[:, 0], some.boxes[:, 3] - some.boxes[:, 1]
        low, high = (64 * np.percentile(np.maximum(width, height), q) for q in (5, 95))
        filled = np.median(area / (width * height))
        mean = some.images[some.groups == 0].mean()
        rows.append(
            [
                f"`{name}`",
                f"{np.median(area):.0%}",
                f"{low:.0f} to {high:.0f}",
                f"{filled:.0%}",
                f"{mean:.0f}",
            ]
        )
    return _table(
        [
            "collection",
            "mask, share of the image (median)",
            "longer side of the box, pixels (90 % of scenes)",
            "of the box inside the mask (median)",
            "mean of the pixels",
        ],
        rows,
    )


def styles() -> str:
    def told(value: object) -> str:
        return (
            " to ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else f"{value:g}"
        )

    usual = Style()
    names = {
        "radius": "radius of the main object, pixels",
        "contrast": "object against background, grey levels",
        "stretch": "stretch along an axis, at most",
        "patterned": "share of objects with stripes, checks or dots",
        "rim": "drawn outline, in radii",
        "ground": "texture of the background, grey levels at most",
        "clutter": "small things in the background, at most",
        "noise": "noise, grey levels at most",
    }
    assert set(names) == {one.name for one in fields(Style)}
    few = COLLECTIONS["fewshot"].style
    rows = [
        [text, told(getattr(usual, key)), told(getattr(few, key))] for key, text in names.items()
    ]
    rows = [[text, a, b if a == b else f"**{b}**"] for text, a, b in rows]
    return _table(["", "`pretrain`, `shapes`, `biased`", "`fewshot`"], rows)


def groups() -> str:
    biased = _seen("biased")
    rows = []
    for group, name in ((0, "0, by day"), (1, "1, at night")):
        some = biased.images[biased.groups == group].astype(np.float32)
        share = COLLECTIONS["biased"].rare if group else 1 - COLLECTIONS["biased"].rare
        inside = np.abs(np.diff(some, axis=2)).mean()
        rows.append(
            [
                name,
                f"{share:.0%}",
                f"{np.mean(biased.groups == group):.1%}",
                f"{some.mean():.1f}",
                f"{inside:.1f}",
            ]
        )
    header = [
        "group",
        "share, as drawn",
        "share found",
        "mean of the pixels",
        "mean step between neighbouring pixels",
    ]
    return _table(header, rows)


def metadata() -> str:
    some = _seen("shapes")
    weight, distance, warmth, hour = some.metadata.T
    heavy = np.isin(some.class_names, ["disc"])[some.labels]
    alike = np.isin(some.class_names, ["pentagon", "disc"])[some.labels]
    area = some.masks.mean(axis=(1, 2))
    right = np.mean((weight[alike] > 0.5) == heavy[alike])
    kept = (
        f"pentagons are light, discs heavy: `weight > 0.5` tells {right:.0%} of them apart; "
        "others may have any weight"
    )
    rows = [
        ["0", "weight", kept],
        [
            "1",
            "distance",
            f"falls with the object's size (correlation with its area {_r(distance, area):.2f})",
        ],
        ["2", "warmth", f"leans with the weight (correlation {_r(warmth, weight):.2f})"],
        ["3", "hour", f"nothing (correlation with the weight {_r(hour, weight):.2f})"],
    ]
    return _table(["column", "name", "what it holds"], rows)


def _r(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@functools.cache
def _seen(collection: str) -> Scenes:
    return scenes(collection, "train", n=SEEN)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "collections": collections,
    "objects": objects,
    "styles": styles,
    "groups": groups,
    "metadata": metadata,
}

# --- pictures ------------------------------------------------------------------------------------


def pretrain() -> Image.Image:
    some = scenes("pretrain", "train", n=23)
    order = np.argsort(some.labels)
    rows = [order[start : start + 8] for start in (0, 8, 16)]
    return _sheet(
        [[(some.images[i], some.class_names[some.labels[i]]) for i in row] for row in rows]
    )


def shapes() -> Image.Image:
    return _classes("shapes")


def fewshot() -> Image.Image:
    return _classes("fewshot")


def boxes_and_masks() -> Image.Image:
    some = scenes("shapes", "train", n=6)
    order = np.argsort(some.labels)
    boxed = []
    for i in order:
        image = Image.fromarray(some.images[i])
        x0, y0, x1, y1 = (round(64 * float(edge)) for edge in some.boxes[i])
        ImageDraw.Draw(image).rectangle((x0, y0, x1 - 1, y1 - 1), outline=BOX)
        boxed.append((np.asarray(image), some.class_names[some.labels[i]]))
    masks = [
        (np.repeat(np.uint8(255) * some.masks[i][..., None], 3, axis=2), "its mask") for i in order
    ]
    return _sheet([boxed, masks])


def biased() -> Image.Image:
    """By day; at night; the same night scenes brightened, which a network has to learn to do."""
    some = scenes("biased", "train")
    rows: list[list[tuple[NDArray[np.uint8], str]]] = [[], [], []]
    for label, name in enumerate(some.class_names):
        day, night = (
            np.flatnonzero((some.labels == label) & (some.groups == group))[0] for group in (0, 1)
        )
        bright = np.clip(some.images[night] * 9.0, 0, 255).astype(np.uint8)
        rows[0].append((some.images[day], name))
        rows[1].append((some.images[night], "at night"))
        rows[2].append((bright, "that, 9 times"))
    return _sheet(rows)


def look_alikes() -> Image.Image:
    """Pentagons above, discs below, each with its weight."""
    some = scenes("shapes", "train", n=120)
    rows = []
    for name in ("pentagon", "disc"):
        found = np.flatnonzero(some.labels == some.class_names.index(name))[:6]
        rows.append([(some.images[i], f"{name} {some.metadata[i, 0]:.2f}") for i in found])
    return _sheet(rows)


def _classes(collection: str) -> Image.Image:
    some = scenes(collection, "train", n=24)
    found = [np.flatnonzero(some.labels == label) for label in range(len(some.class_names))]
    return _sheet(
        [
            [
                (some.images[one[row]], name)
                for one, name in zip(found, some.class_names, strict=True)
            ]
            for row in range(3)
        ]
    )


def _sheet(rows: Sequence[Sequence[tuple[NDArray[np.uint8], str]]]) -> Image.Image:
    """Rows of scenes, each with a word below it."""
    width = max(map(len, rows)) * (2 * SIDE + GAP) - GAP
    sheet = Image.new("RGB", (width, len(rows) * (2 * SIDE + TEXT + GAP)), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for y, row in enumerate(rows):
        for x, (image, word) in enumerate(row):
            at = x * (2 * SIDE + GAP), y * (2 * SIDE + TEXT + GAP)
            sheet.paste(
                Image.fromarray(image).resize((2 * SIDE, 2 * SIDE), Image.Resampling.NEAREST), at
            )
            draw.text((at[0], at[1] + 2 * SIDE), word, fill=INK, font=font)
    return sheet


def _save(picture: Image.Image, path: Path) -> None:
    picture.quantize(256, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
    print(f"{path.name}: {picture.size[0]}×{picture.size[1]}, {path.stat().st_size / 1000:.0f} kB")


PICTURES_OF: dict[str, Callable[[], Image.Image]] = {
    "pretrain": pretrain,
    "shapes": shapes,
    "fewshot": fewshot,
    "boxes_and_masks": boxes_and_masks,
    "biased": biased,
    "look_alikes": look_alikes,
}

if __name__ == "__main__":
    main()
