"""Whether feedback is enough to repair a mistake, tried by somebody who has read nothing else.

    python benchmarks/repairs.py pick FOLDER [--number 30] [--seed 0]
    python benchmarks/repairs.py judge FOLDER

`pick` draws known submissions that make one named mistake, grades them, and writes a numbered
folder for each: page.md, what the student was asked and handed in and what the feedback says, with
its pictures. Whoever tries writes repaired.py beside it: the answer's cell, mended. `judge` grades
these and prints the list; exit status 1 if not all score full. FOLDER-key.json says which is which.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.bench import open_bench
from autograder.course import own_course
from autograder.nbgrader_bridge.checks import checks_text
from autograder.proofs.bank import Recipe, read_bank
from autograder.records import read_verdict

OWN = own_course()
RECIPE = '''"""A repair.
---
assignment = "{assignment}"
---
"""
# %% {task}
{source}
'''


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", choices=("pick", "judge"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    wish = parser.parse_args()
    key = wish.folder.with_name(f"{wish.folder.name}-key.json")
    if wish.do == "pick":
        return pick(wish.folder, key, wish.number, wish.seed)
    return judge(wish.folder, key)


def pick(folder: Path, key: Path, number: int, seed: int) -> int:
    """Draw the mistakes, grade them, and write what their feedback says."""
    there = [recipe for name in OWN.assignments() for recipe in one_mistake(name)]
    chosen = random.Random(seed).sample(there, min(number, len(there)))
    graded({f"{one.assignment}/{one.name}": one.path.read_text(encoding="utf-8") for one in chosen})
    known = {}
    for n, recipe in enumerate(chosen, 1):
        (task,) = recipe.cells
        verdict = read_verdict(
            OWN.runs / "verify" / recipe.assignment / recipe.name / "verdict.json"
        )
        judged = [one for one in verdict.tasks if one.score < one.max_score]
        place = folder / f"{n:02}"
        place.mkdir(parents=True)
        told = "\n\n".join(checks_text(one) for one in judged)
        page = [*asked(recipe.assignment, task), "## Your answer", code(recipe.cells[task])]
        page += ["## Feedback", code(told)]
        (place / "page.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")
        pictures = dict.fromkeys(c.picture for one in judged for c in one.checks if c.picture)
        for i, picture in enumerate(pictures, 1):
            (place / f"picture-{i}.svg").write_text(picture, encoding="utf-8")
        known[place.name] = {
            "assignment": recipe.assignment, "task": task, "recipe": recipe.name,
        }  # fmt: skip
    key.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    print(f"{len(chosen)} of {len(there)} are in {folder}")
    return 0


def judge(folder: Path, key: Path) -> int:
    """Grade the repairs and say which score full."""
    known = json.loads(key.read_text(encoding="utf-8"))
    texts = {}
    for name, one in known.items():
        file = folder / name / "repaired.py"
        if file.is_file():
            source = file.read_text(encoding="utf-8")
            texts[f"{one['assignment']}/repaired_{name}"] = RECIPE.format(**one, source=source)
    found = graded(texts)
    full = 0
    for name, one in known.items():
        result = found.get(f"{one['assignment']}/repaired_{name}")
        deviations = result["deviations"] if result else [{"task": one["task"], "found": "nothing"}]
        full += not deviations
        told = "; ".join(f"{d['task']}: {d['found']}" for d in deviations)
        said = told[:200] or "repaired"
        print(f"| {name} | {one['assignment']} | `{one['recipe']}` | {said} |")
    print(f"{full} of {len(known)} repaired")
    return int(full < len(known))


def one_mistake(assignment: str) -> Iterator[Recipe]:
    """The known submissions with one replaced cell, which makes a mistake that has a name."""
    for recipe in read_bank(OWN.bank, assignment):
        one = len(recipe.cells) == 1 and recipe.cells.keys() <= recipe.misconception.keys()
        if one and recipe.base == "reference":
            yield recipe


def graded(texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What `autograder verify` finds of these recipes, by assignment and name."""
    with tempfile.TemporaryDirectory() as place:
        bank, found = Path(place) / "bank", Path(place) / "found.json"
        for name, text in texts.items():
            file = bank / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        names = sorted({name.partition("/")[0] for name in texts})
        command = [sys.executable, "-m", "autograder", "verify", *names, "--bank", str(bank)]
        subprocess.run([*command, "--json", str(found)], cwd=OWN.root, check=False)
        data = json.loads(found.read_text(encoding="utf-8"))
    return {f"{name}/{one['name']}": one for name, some in data.items() for one in some}


def asked(assignment: str, task: str) -> Iterator[str]:
    """What the released notebook says of a task, from the check before it to its own."""
    section: list[str] = []
    for cell in open_bench(OWN, assignment).template.cells:
        role = cell.metadata.get("nbgrader", {})
        section.append(cell.source if cell.cell_type == "markdown" else code(cell.source))
        if role.get("grade_id") == f"{task}_check":
            break
        if role.get("grade") and not role.get("solution"):
            section = []
    yield from section


def code(text: str) -> str:
    return f"```\n{text.strip()}\n```"


if __name__ == "__main__":
    sys.exit(main())
