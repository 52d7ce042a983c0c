"""Spellings of a reference cell: rewrites that keep its meaning, composed at random.

A grader that takes a point from one of them has mistaken a way of writing for a mistake.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.proofs.changes import BEGIN, END, Place, Text, places
from autograder.proofs.spellings import layers, statements, values
from autograder.proofs.spellings.reading import Rewrite

MOST = 12  # rewrites of one cell

Rewriting = Callable[[Place], Iterator[Rewrite]]
ALL: tuple[Rewriting, ...] = (
    layers.merge_as_operator, layers.merge_as_function, layers.merge_turned,
    layers.branches_turned, layers.difference_as_layer, layers.relu_otherwise,
    layers.activation_apart, layers.activation_as_function, layers.rescaling_otherwise,
    layers.pooling_otherwise, layers.padding_by_hand, layers.applied_otherwise,
    layers.sequential_as_functional, layers.model_otherwise, layers.named,
    values.class_by_another_name, values.arguments_by_name, values.pairs,
    values.defaults_spelled_out, values.computed, values.value_named, values.condition_turned,
    statements.layer_then_call, statements.return_by_name, statements.loop_unrolled,
    statements.loop_over_list, statements.assignments_turned, statements.condition_as_statement,
    statements.said_aloud, statements.unused_code, statements.unused_tensor,
    statements.wrong_first, statements.type_hints, statements.other_function,
    statements.variable_renamed,
)  # fmt: skip


@dataclass(frozen=True)
class Spelling:
    """A cell in other words."""

    rewrites: tuple[str, ...]
    source: str


def spell(source: str, seed: str, trains: bool = False) -> Spelling:
    """The cell after a few rewrites, one after the other, each wherever it is possible; where what
    it makes is trained, such that it can be.
    """
    chance = random.Random(seed)
    source, helpers = _solution_only(source), dict[str, None]()
    done: list[str] = []
    for _ in range(chance.randint(1, MOST)):
        name, found = _possible(source, chance, trains)
        if not found:
            break
        chosen = chance.choice(found)
        changed = Text(source).replaced(chosen.node, chosen.text)
        if changed is not None and changed != source:
            source, done = changed, [*done, name]
            helpers |= dict.fromkeys(chosen.helpers)
    above = [layers.HELPERS[name] for name in helpers]
    return Spelling(tuple(done), "\n\n".join([*above, source]))


def _possible(source: str, chance: random.Random, trains: bool) -> tuple[str, list[Rewrite]]:
    """A sort of rewrite that is possible, and all of that sort; none where none is."""
    all_places = list(places(ast.parse(source)))
    for rewriting in chance.sample(ALL, len(ALL)):
        found = [one for place in all_places for one in rewriting(place)]
        if trains:
            found = list(filter(layers.is_trainable, found))
        if found:
            return rewriting.__name__, found
    return "", []


def _solution_only(source: str) -> str:
    """The cell without what follows a solution in its function, which is never reached."""
    kept, skipping = [], False
    for line in source.splitlines():
        if END in line:
            skipping = line.startswith(" ")
        elif skipping and line and not line.startswith(" "):
            skipping = False
        if not skipping and BEGIN not in line and END not in line:
            kept.append(line)
    return "\n".join(kept) + "\n"
