"""Our course verified under other settings of its rooms, in a copy of its own: what other scripts
here compare. A second call with the same folder goes on where the first one stopped.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import own_course
from autograder.records import Run, read_run
from autograder.sample import lay_out

Results = dict[str, dict[str, Any]]  # by assignment and name


@dataclass(frozen=True)
class Way:
    """A way to run the course, and where its copy lies."""

    folder: Path
    rooms: str  # what its course.toml says in [rooms]

    def verify(self, bank: Path, assignments: Sequence[str], jobs: int) -> Results:
        """What `autograder verify` finds.

        Raises:
            SystemExit: it could not be run.
        """
        if not (self.folder / "course.toml").exists():
            lay_out(own_course(), self.folder)
            file = self.folder / "course.toml"
            before, heading, after = file.read_text(encoding="utf-8").partition("[rooms]\n")
            file.write_text(f"{before}{heading}{self.rooms}\n{after}", encoding="utf-8")
        found = self.folder / "verified.json"
        command = [sys.executable, "-m", "autograder", "verify", *assignments, "--bank", str(bank)]
        done = subprocess.run(
            [*command, "--jobs", str(jobs), "--json", str(found)], cwd=self.folder, check=False
        )
        if done.returncode not in {0, 1}:  # 1: something came out otherwise than a recipe says
            raise SystemExit(done.returncode)
        data = json.loads(found.read_text(encoding="utf-8"))
        return {f"{name}/{one['name']}": one for name, found in data.items() for one in found}

    def run_of(self, name: str) -> Run:
        """What the student room told of a known submission."""
        return read_run(self.folder / "runs" / "verify" / name / "run.json")


def sample(place: Path, assignments: Iterable[str], recipes: Iterable[Path], most: int) -> Path:
    """A bank in `place` of at most so many of the recipes for each assignment: always the same."""
    shutil.rmtree(place, ignore_errors=True)
    for assignment in assignments:
        (place / assignment).mkdir(parents=True)
        there = sorted(one for one in recipes if one.parent.name == assignment)
        for one in random.Random(0).sample(there, min(most, len(there))):
            shutil.copy(one, place / assignment)
    return place
