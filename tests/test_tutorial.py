"""The tutorial does what it says, from a wheel in an environment outside the repository."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from installed import Installed

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.md"
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]*)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass
class Reader:
    """Someone who does what the tutorial says, step by step, and nothing else."""

    installed: Installed
    folder: Path
    shown: str = ""  # what the last commands printed

    def does(self, language: str, title: str, text: str) -> None:
        """One block of it."""
        if language == "sh":
            self.types(text)
        elif language == "text":
            for line in text.splitlines():
                assert line in self.shown, f"expected {line!r} in:\n{self.shown}"
        else:
            self.writes(title, text)

    def types(self, commands: str) -> None:
        """Commands, each after the one before; `cd` holds for those to come."""
        where = self.installed.folder / "where"
        script = f"set -e\n{commands}\npwd > {where}\n"
        done = self.installed.run(["bash", "-c", script], self.folder)
        self.shown = done.stdout
        assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        self.folder = Path(where.read_text().strip())

    def writes(self, title: str, text: str) -> None:
        """A file; or a part of one, which the title names after a colon."""
        name, _, part = title.partition(": ")
        path = self.folder / name
        if name.endswith(".ipynb"):
            notebook = nbformat.read(path, as_version=4)
            [cell] = [cell for cell in notebook.cells if cell.id == part]
            cell.source = text.rstrip("\n")
            nbformat.write(notebook, path)
        elif part:
            before = path.read_text(encoding="utf-8")
            after = re.sub(rf"\[{part}\]\n[^\n]*\n", lambda _: text, before)
            assert after != before
            path.write_text(after, encoding="utf-8")
        else:
            path.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_the_tutorial_leads_to_a_graded_class(installed: Installed, tmp_path: Path) -> None:
    """Each command works, each output is there, and the class has the grades that it should."""
    reader = Reader(installed, tmp_path)
    for language, title, text in _FENCE.findall(TUTORIAL.read_text(encoding="utf-8")):
        reader.does(language, title, text)
    assert reader.folder == tmp_path / "deep-learning"
    for course in (reader.folder / "demo", reader.folder):
        results = json.loads((course / "runs" / "attention.json").read_text(encoding="utf-8"))
        scores = {one["student"]: one["score"] for one in results["students"]}
        assert (scores["ada"], scores["cleo"]) == (10.0, 0.0)
        assert 6 <= scores["ben"] <= 7
    page = (reader.folder / "feedback" / "ben" / "attention" / "attention.html").read_text()
    assert "add it to what comes out" in page


def test_nothing_outside_of_its_folders_is_touched() -> None:
    """An assignment is its four folders; what else the tutorial writes is a sample class."""
    written = {
        title.partition(": ")[0]
        for language, title, _ in _FENCE.findall(TUTORIAL.read_text(encoding="utf-8"))
        if title
    }
    own = {"/".join(name.split("/")[:2]) for name in written}
    assert own == {"source/attention", "graders/attention", "bank/attention", "bank/class.toml"}
