"""The data card: its tables are those of the scenes, its pictures are there and small."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def card() -> ModuleType:
    """The script that writes it."""
    spec = importlib.util.spec_from_file_location("data_card", ROOT / "benchmarks" / "data_card.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_its_tables_are_those_of_the_scenes(card: ModuleType) -> None:
    """Drawn again, measured again; after a change: python benchmarks/data_card.py."""
    page = PAGE
    for name, table in card.TABLES.items():
        page = card.between(page, name, table())
    assert page == PAGE


def test_every_picture_is_shown_with_words_and_small(card: ModuleType) -> None:
    """In the page, with alternative text, at most 150 kB each."""
    shown = {
        Path(path).stem: words for words, path in re.findall(r"!\[(.*?)\]\((pictures/.*?)\)", PAGE)
    }
    assert set(shown) == set(card.PICTURES_OF)
    assert all(len(words) > 40 for words in shown.values())
    assert all((card.PICTURES / f"{name}.png").stat().st_size < 150_000 for name in shown)
