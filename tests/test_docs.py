"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from answering import OWN
from nbgrader import apps, converters, coursedir, plugins, preprocessors
from nbgrader.exchange import default as exchange
from traitlets.config import Configurable

from autograder.nbgrader_bridge import exporting

PAGES = sorted(
    [*OWN.root.glob("*.md"), *OWN.root.glob("docs/*.md"), *OWN.root.glob("autograder/**/*.md")]
)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#([^)\s]+))?\)|\]\(#([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(OWN.root).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """To a file of the repository, and to a heading in it where one is named."""
    for file, heading, here in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        if heading or here:
            assert (heading or here) in headings(target)


def headings(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_paths_in_the_text_are_there() -> None:
    """Our own files, named in code letters."""
    for page in PAGES:
        if page.name == "CHANGELOG.md":
            continue
        for path in re.findall(
            r"`((?:autograder|tests|benchmarks|docs|source)/[\w./]+)`",
            page.read_text(encoding="utf-8"),
        ):
            assert (OWN.root / path).exists() or path.startswith("source/attention"), (
                page.name,
                path,
            )


def test_settings_of_nbgrader_are_settings() -> None:
    """Each `c.Class.name` is a name that this class of nbgrader's, or of ours, reads."""
    kinds: dict[str, Any] = {
        kind.__name__: kind
        for module in (apps, converters, exchange, plugins, preprocessors, coursedir, exporting)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Configurable)
    }
    named = {
        found
        for page in PAGES
        for found in re.findall(r"\bc\.([A-Z]\w+)\.(\w+)", page.read_text(encoding="utf-8"))
    }
    assert ("LateSubmissionPlugin", "penalty_method") in named
    unknown = {one for one in named if not kinds[one[0]].class_traits(config=True).get(one[1])}
    assert unknown == set()
