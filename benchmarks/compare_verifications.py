"""What two runs of `autograder verify --json` differ in: a row for each known submission and task.

    python benchmarks/compare_verifications.py BEFORE.json AFTER.json

Exit status 0 if no score differs, else 1. Misconceptions are compared too, and told; they are no
scores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Results = dict[str, dict[str, Any]]  # by assignment and name


def main(before: Path, after: Path) -> int:
    old, new = _read(before), _read(after)
    scores, named = list(different_scores(old, new)), list(different_names(old, new))
    for title, rows in (("scores", scores), ("misconceptions", named)):
        print(f"{title}: {len(rows)} differences over {len(old.keys() & new.keys())} submissions")
        for row in rows:
            print("  " + "  ".join(row))
    for missing, where in ((old.keys() - new.keys(), after), (new.keys() - old.keys(), before)):
        if missing:
            print(f"not in {where}: {', '.join(sorted(missing))}")
    return int(bool(scores or old.keys() - new.keys()))


def _read(path: Path) -> Results:
    data = json.loads(path.read_text(encoding="utf-8"))
    return {f"{name}/{one['name']}": one for name, found in data.items() for one in found}


def different_scores(old: Results, new: Results) -> Iterator[tuple[str, ...]]:
    """Submission, task, share before and after."""
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name]["shares"], new[name]["shares"]
        for task in {**before, **after}:
            was, now = before.get(task), after.get(task)
            if was is None or now is None or abs(was - now) > 5e-5:
                yield name, task, str(was), str(now)


def different_names(old: Results, new: Results) -> Iterator[tuple[str, ...]]:
    """Submission, task, misconceptions before and after."""
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name]["misconceptions"], new[name]["misconceptions"]
        for task in {**before, **after}:
            was, now = sorted(before.get(task, ())), sorted(after.get(task, ()))
            if was != now:
                yield name, task, ", ".join(was) or "none", ", ".join(now) or "none"


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
