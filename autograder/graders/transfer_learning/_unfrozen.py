"""What the student room saw of a step of training after `unfreeze_from`, and what should be."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.judge import Case

from ._bases import layers_from, norms_of
from ._inside import given_base, layers_of, short, step


def asked(case: Case) -> list[str]:
    """The layers of the base that are to train."""
    return layers_from(given_base(case), case.given["layer"])


def all_layers(case: Case) -> list[str]:
    """The layers of the base that have arrays."""
    return [layer.name for layer in given_base(case).layers if layer.weights]


def training(case: Case) -> list[str]:
    """The layers of the base of which something trains."""
    return layers_of(name for name, _, trains, _ in case.value["base"] if trains)


def moving(case: Case) -> list[str]:
    """The layers of the base of which something moved."""
    return layers_of(name for name, _, _, moved in case.value["base"] if moved)


def standing(case: Case) -> list[str]:
    """The arrays that are to move and did not."""
    layers = asked(case)
    return [
        f"{name}/{array}"
        for name, array, _, moved in case.value["base"]
        if name in layers and not moved
    ]


def beyond(case: Case, layers: Iterable[str]) -> list[str]:
    """Those of some layers that are not to train, batch norms left out."""
    others = {*asked(case), *norms_of(given_base(case))}
    return [layer for layer in layers if layer not in others]


def norms_at_work(case: Case) -> list[str]:
    """The batch norms of which something trains or moved."""
    norms = norms_of(given_base(case))
    return [layer for layer in dict.fromkeys([*training(case), *moving(case)]) if layer in norms]


def misplaced(case: Case) -> list[str]:
    """The layers of the base that move, in the judge room, and should not, or the other way round,
    and the batch norms whose statistics move.
    """
    found = step(case)
    moved = {short(path) for path in found.layers}.intersection(all_layers(case))
    return [*sorted(moved.symmetric_difference(asked(case))), *map(short, found.statistics)]
