"""What the student room saw of a step of training after `unfreeze_from`, and what should be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autograder.answers.networks import layer_names
from autograder.judge import Blocked, Case

from ._bases import layers_from, norms_of
from ._inside import base_of, given_base, layers_of, moved, of_base, short, step, trained

STEPS = ("narrow", "middle")  # questions about a step of training
FROZEN = "frozen_model"


def asked(case: Case) -> list[str]:
    """The layers of the base that are to train."""
    return layers_from(given_base(case), case.given["layer"])


def all_layers(case: Case) -> list[str]:
    """The layers of the base that have arrays."""
    return [layer.name for layer in given_base(case).layers if layer.weights]


def training(case: Case) -> list[str]:
    """The layers of the base of which something trains.

    Raises:
        Blocked: the model is around another base than the one that was given.
    """
    if case.name not in STEPS:
        return of_base(case, trained(case))
    if not case.value["inside"]:
        raise Blocked(FROZEN, "the base that it is given is not in its model")
    return layers_of(name for name, _, trains, _ in case.value["base"] if trains)


def moving(case: Case) -> list[str]:
    """The layers of the base of which something moved."""
    return layers_of(name for name, _, _, moved in case.value["base"] if moved)


def standing(case: Case, layers: Iterable[str]) -> list[str]:
    """The arrays of some layers of the base that did not move."""
    layers = set(layers)
    return [
        f"{name}/{array}"
        for name, array, _, moved in case.value["base"]
        if name in layers and not moved
    ]


def beyond(case: Case, layers: Iterable[str]) -> list[str]:
    """Those of some layers that come before the one from which on the base is to train."""
    names = layer_names(base_of(case))
    later = names[names.index(case.given["layer"]) :]
    return [layer for layer in layers if layer not in later]


def follows_no_name(case: Case) -> bool:
    """Whether in two bases with the same layers the same ones train, and not all of them, though
    others were named.
    """
    cases = [replace(case, name=name) for name in ("narrow", "vgg16")]
    if not all(answered(one) for one in cases):
        return False
    first, second = (set(training(one)) for one in cases)
    return bool(first) and first == second != set(all_layers(cases[0]))


def trains_somewhere(case: Case) -> bool:
    """Whether something trains in any of the bases."""
    cases = [replace(case, name=name) for name in STEPS]
    return any(answered(one) and training(one) for one in cases)


def answered(case: Case) -> bool:
    """Whether there is an answer."""
    return case.answers.outcome(case.name).outcome in {"model", "value"}


def wait_for_training(layers: Iterable[str]) -> None:
    """Say that this waits until something in the base trains.

    Raises:
        Blocked: none of its layers does.
    """
    if not any(layers):
        raise Blocked("test_something_trains", "first something in this base has to train")


def wait_for_a_model(case: Case) -> None:
    """Say that this waits for the frozen model.

    Raises:
        Blocked: it can't be fitted, if there is one at all.
    """
    other = case.answers.of(FROZEN)
    if not gives_a_model(replace(case, answers=other)):
        raise Blocked(FROZEN, "it gives no model")
    for error in (other.outcome(name).error for name in ("fitted", "narrow")):
        if error is not None:
            raise Blocked(FROZEN, other.told(error))


def wait_for_a_head(case: Case) -> None:
    """Say that this waits for a frozen model of which something trains.

    Raises:
        Blocked: nothing does.
    """
    other = replace(case, answers=case.answers.of(FROZEN), name="normed")
    if gives_a_model(other) and not trained(other):
        raise Blocked(FROZEN, "nothing in its model trains, not even the head")


def gives_a_model(case: Case) -> bool:
    """Whether `build_frozen` gives a model for the first of its bases."""
    return case.answers.outcome("normed").outcome == "model"


def norms_at_work(case: Case) -> list[str]:
    """The batch norms of which something trains or moved."""
    norms = norms_of(given_base(case))
    return [layer for layer in dict.fromkeys([*training(case), *moving(case)]) if layer in norms]


def misplaced(case: Case) -> tuple[list[str], list[str]]:
    """The layers of the base that move, in the judge room, and should not, the batch norms whose
    statistics move among them; and those that should move and don't.
    """
    found = step(case)
    moved = {short(path) for path in found.layers}.intersection(all_layers(case))
    others = moved.difference(asked(case)).union(map(short, found.statistics))
    return sorted(others), sorted(set(asked(case)) - moved)


def frozen_head(case: Case) -> list[str]:
    """The dense layers of an unfrozen model that do not train, by the flags."""
    other = replace(case, name="residual")
    if other.answers.outcome(other.name).outcome != "model":
        return []
    trains = trained(other)
    dense = [node.name for node in other.architecture.nodes if node.kind == "dense"]
    return [name for name in dense if name not in trains]


def redrawn(case: Case) -> list[str]:
    """The layers whose arrays `unfreeze_from` changed, of those that are to train: after a step
    with the base frozen, and before any other, they should be as given.
    """
    other = replace(case, name="residual")
    if other.answers.outcome(other.name).outcome != "model":
        return []
    changed = moved(other, given_base(other)).changed
    return changed if set(changed) <= set(asked(other)) else []
