"""Debian's chromium, which looks at a page as people do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = (1280, 400)  # pixels: a laptop, a phone
_ARGUMENTS = ("--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
              "--disable-background-networking", "--disable-component-update",
              "--disable-sync")  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips the test where there is none, fails it on CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if "CI" in os.environ:
            pytest.fail("no chromium here: apt-get install chromium")
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=_ARGUMENTS, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, file: Path, width: int, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """The page in a window of this width, in light or dark colours."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,  # for axe alone, which is put into the page
    )
    page.goto(file.resolve().as_uri())
    yield page
    page.close()


def violations(page: Page) -> list[str]:
    """What axe finds against a page: rule, and the first place."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return max(0, wide)
