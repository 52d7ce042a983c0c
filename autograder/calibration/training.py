"""One training run in a process of its own: the reference with a seed,
or a variation; its scores go into a file.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np

from autograder.calibration.plan import HIDDEN_SETS, Plan, Solution, read_plans
from autograder.calibration.scores import scorer
from autograder.data.prepared import use


def train(plan: Plan, code: list[str], solution: Solution, seed: int) -> dict[str, Any]:
    """The variables of the notebook after its cells have run,
    from this seed and changed as the solution says.
    """
    first, rest = code[0], [solution.code] if solution.code else code[1:]
    rest = _replaced(
        rest,
        {old: new.replace("{seed}", str(seed)) for old, new in plan.seeded.items()},
        must=False,
    )
    rest = _replaced(rest, solution.replace, must=True)
    if solution.shuffle:
        _shuffle_labels(importlib.import_module("labkit"))
    names: dict[str, Any] = {}
    exec(first, names)  # noqa: S102 — the instructor's own notebook
    keras.utils.set_random_seed(seed)
    if not solution.fit:
        keras.Model.fit = lambda *_, **__: None
    for cell in rest:
        exec(cell, names)  # noqa: S102
    return names


def _replaced(cells: list[str], changes: Any, *, must: bool) -> list[str]:
    for old, new in changes.items():
        if must and not any(old in cell for cell in cells):
            raise ValueError(f"no cell holds {old!r} any more, which the plan replaces")
        cells = [cell.replace(old, new) for cell in cells]
    return cells


def _shuffle_labels(labkit: ModuleType) -> None:
    """Let labels and boxes belong to other images."""
    original = labkit.scenes

    def scenes(collection: str, split: str, n: int | None = None, seed: int | None = None) -> Any:
        drawn = original(collection, split, n, seed)
        order = np.random.default_rng(0).permutation(len(drawn))
        drawn.labels[:], drawn.boxes[:] = drawn.labels[order], drawn.boxes[order]
        return drawn

    labkit.scenes = scenes  # type: ignore[attr-defined]


def main(request: str) -> None:
    """Train, score on the calibration sets, write arrays and numbers; `request` is JSON."""
    import matplotlib as mpl

    mpl.use("Agg")
    wish = json.loads(request)
    use(wish)
    plan = read_plans(Path(wish["plan"]))[wish["task"]]
    solution = Solution(**wish["solution"])
    start = time.process_time()
    names = train(plan, wish["code"], solution, wish["seed"])
    seconds = round(time.process_time() - start, 1)
    draw = importlib.import_module("labkit.course").draw
    hidden = {
        collection: [draw(collection, f"calibration {number}", n) for number in range(HIDDEN_SETS)]
        for collection, n in plan.hidden.items()
    }
    parts = scorer(Path(wish["plan"]).parent, plan.scores)(names[plan.model], hidden)
    own = {} if solution.code else plan.numbers  # code of its own has not the notebook's variables
    parts |= {name: [np.array([float(eval(number, names))])] for name, number in own.items()}  # noqa: S307
    kept = {} if solution.code else {name: eval(value, names) for name, value in plan.keep.items()}  # noqa: S307
    told = json.dumps({"processor_seconds": seconds, **kept}, default=float)
    arrays: dict[str, Any] = {
        f"{measure}:{n}": part for measure, found in parts.items() for n, part in enumerate(found)
    }
    unfinished = Path(wish["file"]).with_suffix(".part.npz")
    np.savez_compressed(unfinished, told=np.array(told), **arrays)
    unfinished.replace(wish["file"])


if __name__ == "__main__":
    main(sys.argv[1])
