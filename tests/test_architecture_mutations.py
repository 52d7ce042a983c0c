"""The course's structures in many spellings, all of them accepted,
and with many mistakes, each found and named.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.architecture import match, read

BENCHMARKS = str(Path(__file__).parents[1] / "benchmarks")


@pytest.fixture(scope="module")
def mutations() -> Any:
    sys.path.insert(0, BENCHMARKS)
    yield importlib.import_module("mutations")
    sys.path.remove(BENCHMARKS)


def wrong(trials: list[Any]) -> list[str]:
    """Rewrites that were rejected and changes that were accepted."""
    return [
        f"{t.structure}: {t.sort} «{t.what}»" for t in trials if t.accepted != (t.sort == "rewrite")
    ]


def test_a_sample_of_rewrites_is_accepted_and_of_changes_rejected(mutations: Any) -> None:
    """No wrong verdict on every sixth of them."""
    trials = [
        trial
        for structure in mutations.STRUCTURES
        for trial in mutations.trials_of(structure, every=6)
    ]
    assert {trial.structure for trial in trials} == {
        structure.name for structure in mutations.STRUCTURES
    }
    assert wrong(trials) == []


@pytest.mark.slow
def test_every_rewrite_is_accepted_and_every_change_is_rejected_and_named(mutations: Any) -> None:
    """At least 15 of each for each structure;
    nine of ten changes are named by the nearest layer.
    """
    for structure in mutations.STRUCTURES:
        trials = list(mutations.trials_of(structure))
        changes = [trial for trial in trials if trial.sort == "change"]
        assert len(changes) >= 15
        assert sum(trial.sort == "rewrite" for trial in trials) >= 15
        assert wrong(trials) == []
        assert sum(trial.named for trial in changes) >= 0.9 * len(changes)


def test_a_claim_that_is_weakened_lets_a_change_through(mutations: Any) -> None:
    """The trials can fail: without its claims a structure accepts everything."""
    structure = mutations.replace(
        mutations.STRUCTURES[0], claims=('residual(shortcut="identity")',)
    )
    assert any("change" in what for what in wrong(list(mutations.trials_of(structure, every=3))))


def test_a_sum_of_unequal_shapes_is_no_residual_block(mutations: Any) -> None:
    """Keras broadcasts the smaller side without a word;
    the block is rejected, whatever its layers.
    """
    structure = next(s for s in mutations.STRUCTURES if s.name == "projection block")
    model = mutations.built(structure, mutations.Spelling(), "projection stretched")
    found = match('residual(shortcut="projection")', read(mutations.text_of(model)))
    assert not found.ok
    assert "«short» (6×6×1): the smaller one is stretched" in found.found
