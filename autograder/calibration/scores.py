"""How a trained model fares on each hidden item: for each measure its parts, the lowest mean of
which is the value. An assignment may have measures of its own, in the scores.py of its hidden
folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import UsageError
from autograder.judge.hidden_side import SCORES, load
from autograder.tables import unknown

Hidden = dict[str, list[Any]]  # by collection, the hidden sets
Parts = dict[str, list[np.ndarray]]  # scores in [0, 1], one an item
Scorer = Callable[[Any, Hidden], Parts]


def classifier(model: Any, hidden: Hidden) -> Parts:
    """Accuracy on the only collection."""
    [sets] = hidden.values()
    return {"accuracy": [right(model, sets)]}


def right(model: Any, sets: Sequence[Any]) -> np.ndarray:
    """For each item of some sets, whether the largest of the model's numbers is the label's."""
    guesses = [model.predict(one.images, batch_size=100, verbose=0).argmax(axis=1) for one in sets]
    return np.concatenate([guess == one.labels for guess, one in zip(guesses, sets, strict=True)])


GENERAL: dict[str, Scorer] = {"classifier": classifier}


def scorer(folder: Path, name: str) -> Scorer:
    """The function of that name: the hidden folder's own, or one of those here.

    Raises:
        UsageError: there is none.
    """
    known = dict(GENERAL)
    if (folder / SCORES).is_file():
        own = load(folder / SCORES)
        known |= {
            key: one for key, one in vars(own).items() if _defined(one, own) and key[0] != "_"
        }
    if name not in known:
        raise UsageError(f"{folder / SCORES}: {unknown('measure', name, known)}")
    return known[name]


def _defined(found: Any, module: Any) -> bool:
    return callable(found) and getattr(found, "__module__", "") == module.__name__
