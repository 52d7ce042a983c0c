"""The pages that people look at, looked at: a graded course's feedback, report, index and the rest.

    python benchmarks/pages.py COURSE [--pictures FOLDER] [--student ID]

Opens each HTML page below COURSE/feedback and COURSE/runs in chromium, 1280 and 400 pixels wide, in
light and dark, and prints by kind: pages, violations that axe finds, pages wider than their window,
the largest in kB and the tallest in pixels. --pictures keeps pictures of the first of each kind, of
feedback the student's. Exit status 1 if axe finds anything, or a page is wider than its window.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import WIDTHS, chromium, opened, overflow, violations

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CUT = {1280: 1200, 400: 900}  # pixels of a page that a picture keeps
COLOURS = 64


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("course", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--student", default="")
    wish = parser.parse_args()
    kinds: dict[str, list[Path]] = defaultdict(list)
    for page in sorted(wish.course.glob("feedback/*/*/*.html")):
        kinds["feedback"].append(page)
    for page in sorted(wish.course.glob("runs/*.html")):
        kinds[kind_of(page)].append(page)
    bad = 0
    print("| kind | pages | axe | too wide | largest, kB | tallest at 1280, 400 px |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with chromium() as browser:
        for kind, pages in kinds.items():
            found, wide, tall = look(browser, pages)
            largest = max(page.stat().st_size for page in pages) / 1000
            heights = ", ".join(str(tall[width]) for width in WIDTHS)
            row = f"{kind} | {len(pages)} | {len(found)} | {wide} | {largest:.0f} | {heights}"
            print(f"| {row} |", *sorted(set(found)), sep="\n    ")
            bad += len(found) + wide
            if wish.pictures:
                chosen = [page for page in pages if wish.student in page.parts] or pages
                keep(browser, kind, chosen[0], wish.pictures)
    return int(bad > 0)


def kind_of(page: Path) -> str:
    """What a page in runs/ is."""
    if page.stem == "index":
        return "index"
    return "alike" if page.stem.endswith("-alike") else "report"


def look(browser: Browser, pages: list[Path]) -> tuple[list[str], int, dict[int, int]]:
    """What axe finds, how many are too wide, and the tallest at each width."""
    found: list[str] = []
    wide, tall = 0, dict.fromkeys(WIDTHS, 0)
    for file in pages:
        for width in WIDTHS:
            for scheme in SCHEMES:
                with opened(browser, file, width, scheme) as page:
                    found += [f"{file.name} {width} {scheme}: {one}" for one in violations(page)]
                    wide += overflow(page) > 0
                    height = page.evaluate("document.documentElement.scrollHeight")
                    tall[width] = max(tall[width], height)
    return found, wide, tall


def keep(browser: Browser, kind: str, file: Path, folder: Path) -> None:
    """Pictures of a page in each width and scheme: of its first mistake, or else of its top."""
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for scheme in SCHEMES:
            with opened(browser, file, width, scheme) as page:
                page.set_viewport_size({"width": width, "height": CUT[width]})
                if mistake := page.query_selector(".checks img"):
                    mistake.evaluate("image => image.scrollIntoView({block: 'center'})")
                place = folder / f"{kind}-{width}-{scheme}.png"
                page.screenshot(path=place)
            with Image.open(place) as picture:
                picture.convert("RGB").quantize(COLOURS).save(place, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
