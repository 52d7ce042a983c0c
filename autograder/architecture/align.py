"""The cheapest way to turn what a branch is into what an expression asks for,
over all ways through the branch.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from typing import Literal

from autograder.architecture.node import Node
from autograder.architecture.pattern import Pattern, begins
from autograder.architecture.words import Word

MAX_WORK = 100_000  # nodes times states, about a second; beyond, nothing is aligned
MISSING, EXTRA, OTHER_KIND = 1.0, 1.0, 1.6
OTHER_SETTINGS = (0.0, 0.5, 0.6, 0.7)  # by how many of kernel, stride and width differ


@dataclass(frozen=True, eq=False)
class Step:
    """One place of an alignment."""

    how: Literal["same", "instead", "missing", "extra"]
    word: Word | None  # what is expected here; None for "extra"
    node: Node | None  # what is there; None for "missing"

    @property
    def expected(self) -> str:
        """The word as written."""
        return self.word.text if self.word is not None else ""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Expected words beside found nodes; cost 0 where all agree."""

    cost: float
    steps: tuple[Step, ...]

    def of(self, how: str) -> tuple[Step, ...]:
        """The steps of one sort."""
        return tuple(step for step in self.steps if step.how == how)

    @property
    def agrees_somewhere(self) -> bool:
        """Whether some node stands where a word is, if not as that asks for it."""
        return any(step.how in {"same", "instead"} for step in self.steps)


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
    beginning, last = _closed(pattern, {pattern.start: (0.0, None)}), set(ends)
    costs = _costs(pattern, nodes, beginning, anywhere)
    reached = [beginning] if not nodes or anywhere else []
    reached += [costs[node.id] for node in nodes if anywhere or node.id in last]
    found = [states[pattern.final] for states in reached if pattern.final in states]
    best = min(found, key=itemgetter(0), default=None)
    return None if best is None else Alignment(best[0], _in_order(best[1]))


def _costs(
    pattern: Pattern, nodes: Sequence[Node], beginning: Costs, anywhere: bool
) -> dict[int, Costs]:
    """The states after each node."""
    inside = {node.id for node in nodes}
    costs: dict[int, Costs] = {}
    for node in nodes:
        before: Costs = dict(beginning) if anywhere or begins(node, inside) else {}
        for number in node.inputs:
            _keep_cheaper(before, costs.get(number, {}))
        costs[node.id] = (
            before
            if node.kind in pattern.silent
            else _closed(pattern, _read(pattern, before, node))
        )
    return costs


def _in_order(trail: Trail) -> tuple[Step, ...]:
    steps: list[Step] = []
    while trail is not None:
        steps.append(trail[0])
        trail = trail[1]
    return tuple(reversed(steps))


def _read(pattern: Pattern, before: Costs, node: Node) -> Costs:
    """The states after a node, before anything is left out."""
    after: Costs = {}
    for state, (cost, trail) in before.items():
        _keep_cheaper(after, {state: (cost + EXTRA, (Step("extra", None, node), trail))})
        for word, to in pattern.automaton.steps.get(state, ()):
            if word.stands_for(node):
                _keep_cheaper(after, {to: (cost, (Step("same", word, node), trail))})
            else:
                price = _price(word, node)
                _keep_cheaper(after, {to: (cost + price, (Step("instead", word, node), trail))})
    return after


def _price(word: Word, node: Node) -> float:
    """What it costs that a node stands where another is expected."""
    return OTHER_SETTINGS[word.other_settings(node)] if word.is_kind(node) else OTHER_KIND


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
