"""The cheapest way to turn what a branch is into what an expression asks for,
over all ways through the branch.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from autograder.architecture.node import Node
from autograder.architecture.pattern import Pattern
from autograder.architecture.words import Word

MAX_WORK = 100_000  # nodes times states, about a second; beyond, nothing is aligned
MISSING, EXTRA, OTHER_SETTING, OTHER_KIND = 1.0, 1.0, 0.5, 1.6


@dataclass(frozen=True, eq=False)
class Step:
    """One place of an alignment."""

    how: Literal["same", "instead", "missing", "extra"]
    word: Word | None  # what is expected here; None for "extra"
    node: Node | None  # what is there; None for "missing"


@dataclass(frozen=True, eq=False)
class Alignment:
    """Expected words beside found nodes; cost 0 where all agree."""

    cost: float
    steps: tuple[Step, ...]

    def of(self, how: str) -> tuple[Step, ...]:
        """The steps of one sort."""
        return tuple(step for step in self.steps if step.how == how)


Trail = tuple[Step, "Trail"] | None  # steps so far, the last one first
Costs = dict[int, tuple[float, Trail]]


def align(
    pattern: Pattern, nodes: Sequence[Node], ends: Iterable[int], anywhere: bool = False
) -> Alignment | None:
    """The cheapest alignment of a way through `nodes` (in topological order) to one of `ends`,
    or of a part.
    """
    if len(nodes) * pattern.automaton.count > MAX_WORK:
        return None
    beginning = _closed(pattern, {pattern.start: (0.0, None)})
    inside, last = {node.id for node in nodes}, set(ends)
    costs: dict[int, Costs] = {}
    best = beginning[pattern.final] if not nodes or anywhere else None
    for node in nodes:
        starts = anywhere or not node.inputs or any(number not in inside for number in node.inputs)
        before: Costs = dict(beginning) if starts else {}
        for number in node.inputs:
            _keep_cheaper(before, costs.get(number, {}))
        costs[node.id] = (
            before
            if node.kind in pattern.silent
            else _closed(pattern, _read(pattern, before, node))
        )
        end = costs[node.id].get(pattern.final)
        if end is not None and (anywhere or node.id in last) and (best is None or end[0] < best[0]):
            best = end
    if best is None:
        return None
    steps, trail = [], best[1]
    while trail is not None:
        steps.append(trail[0])
        trail = trail[1]
    return Alignment(best[0], tuple(reversed(steps)))


def _read(pattern: Pattern, before: Costs, node: Node) -> Costs:
    """The states after a node, before anything is left out."""
    after: Costs = {}
    for state, (cost, trail) in before.items():
        _keep_cheaper(after, {state: (cost + EXTRA, (Step("extra", None, node), trail))})
        for word, to in pattern.automaton.steps.get(state, ()):
            if word.stands_for(node):
                _keep_cheaper(after, {to: (cost, (Step("same", word, node), trail))})
            else:
                price = OTHER_SETTING if word.is_kind(node) else OTHER_KIND
                _keep_cheaper(after, {to: (cost + price, (Step("instead", word, node), trail))})
    return after


def _closed(pattern: Pattern, costs: Costs) -> Costs:
    """With the states that are reached for free, or by leaving out a word."""
    order = count()
    heap = [(cost, next(order), state) for state, (cost, _) in costs.items()]
    heapq.heapify(heap)
    done: set[int] = set()
    while heap:
        cost, _, state = heapq.heappop(heap)
        if state in done:
            continue
        done.add(state)
        trail = costs[state][1]
        following: list[tuple[int, float, Trail]] = [
            (to, cost, trail) for to in pattern.automaton.free.get(state, ())
        ]
        following += [
            (to, cost + MISSING, (Step("missing", word, None), trail))
            for word, to in pattern.automaton.steps.get(state, ())
        ]
        for to, price, steps in following:
            if to not in costs or price < costs[to][0]:
                costs[to] = (price, steps)
                heapq.heappush(heap, (price, next(order), to))
    return costs


def _keep_cheaper(costs: Costs, others: Costs) -> None:
    for state, (cost, trail) in others.items():
        if state not in costs or cost < costs[state][0]:
            costs[state] = (cost, trail)
