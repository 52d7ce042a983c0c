"""The one structural concept: a merge, the fork that all ways to it pass (immediate dominator),
and its branches.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autograder.architecture.canonical import of_form
from autograder.architecture.node import Architecture, Node


@dataclass(frozen=True, eq=False)
class Merge:
    """A node called on two or more different tensors, constants not counted."""

    node: Node
    # the last node on all ways from the inputs to here; None where two inputs meet
    fork: Node | None
    # for each different input: the nodes after the fork, in topological order
    branches: tuple[tuple[Node, ...], ...]

    @property
    def kind(self) -> str:
        """What the node does: add, concat, mul, …."""
        return self.node.kind

    @property
    def chained(self) -> dict[int, int]:
        """For each branch that goes through the end of another one, that other one: numbers."""
        numbers = range(len(self.branches))
        ends = {self.branches[number][-1].id: number for number in numbers if self.branches[number]}
        return {
            number: ends[node.id]
            for number in numbers
            for node in self.branches[number][:-1]
            if node.id in ends
        }


@of_form
def merges(form: Architecture) -> tuple[Merge, ...]:
    """All merges, in topological order; each branch is walked back from the merge to the fork,
    and no further.
    """
    dominators = immediate_dominators(form)
    found = []
    for node in form.nodes:
        parents = tuple(_parents(form, node))
        if len(parents) > 1:
            fork = dominators[node.id]
            branches = tuple(branch(form, parent, fork) for parent in parents)
            found.append(Merge(node, None if fork is None else form.node(fork), branches))
    return tuple(found)


@of_form
def joined_merges(form: Architecture) -> tuple[Merge, ...]:
    """The merges, where concatenations that go straight into another one, from the same fork and
    over the same axis, count as one with it.
    """
    found: dict[int, Merge] = {}
    for merge in merges(form):
        branches: list[tuple[Node, ...]] = []
        for nodes in merge.branches:
            inner = found.get(nodes[-1].id) if nodes else None
            if inner is None or not _goes_straight_into(merge, inner):
                branches.append(nodes)
                continue
            branches += inner.branches
            if form.children(inner.node) == (merge.node,) and inner.node.id not in form.outputs:
                del found[inner.node.id]
        found[merge.node.id] = dataclasses.replace(merge, branches=tuple(branches))
    return tuple(found.values())


def _goes_straight_into(merge: Merge, inner: Merge) -> bool:
    axis, other = (one.node.config.get("axis", -1) for one in (merge, inner))
    return merge.kind == inner.kind == "concat" and axis == other and merge.fork is inner.fork


def branch(arch: Architecture, last: int, fork: int | None) -> tuple[Node, ...]:
    """The nodes on all ways from `fork` (left out) to `last`, in topological order."""
    if last == fork:
        return ()
    seen, todo = {last}, [last]
    while todo:
        for parent in arch.node(todo.pop()).inputs:
            if parent != fork and parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return tuple(arch.node(number) for number in sorted(seen, key=arch.position))


def immediate_dominators(arch: Architecture) -> dict[int, int | None]:
    """For each node the last one that all ways from the inputs to it pass;
    None for a common root before all inputs. Constants are no way to it.

    The graph has no cycles, so one pass in topological order is exact: the dominator of a node is
    where its parents' dominators meet. Jump pointers make each meeting cost the logarithm of the
    depth.
    """
    tree = _Tree({None: None}, {None: 0}, {None: None})
    for node in arch.nodes:
        parents = _parents(arch, node)
        meeting = parents[0] if parents else None
        for parent in parents[1:]:
            meeting = tree.meet(meeting, parent)
        tree.add(node.id, meeting)
    del tree.parent[None]
    return {number: parent for number, parent in tree.parent.items() if number is not None}


def _parents(arch: Architecture, node: Node) -> list[int]:
    return [n for n in dict.fromkeys(node.inputs) if not is_constant(arch.node(n))]


def is_constant(node: Node) -> bool:
    """Whether a node is the same whatever the inputs are."""
    return not node.inputs and node.kind != "input"


@dataclass
class _Tree:
    """A growing tree in which the common ancestor of two nodes is found
    in logarithmic time (skew-binary jumps).
    """

    parent: dict[int | None, int | None]
    depth: dict[int | None, int]
    jump: dict[int | None, int | None]

    def add(self, number: int, parent: int | None) -> None:
        """Hang a node below another."""
        self.parent[number], self.depth[number] = parent, self.depth[parent] + 1
        far = self.jump[parent]
        even = self.depth[parent] - self.depth[far] == self.depth[far] - self.depth[self.jump[far]]
        self.jump[number] = self.jump[far] if even else parent

    def meet(self, a: int | None, b: int | None) -> int | None:
        """The deepest node above both."""
        if self.depth[a] < self.depth[b]:
            a, b = b, a
        while self.depth[a] > self.depth[b]:
            a = self.jump[a] if self.depth[self.jump[a]] >= self.depth[b] else self.parent[a]
        while a != b:
            near = self.jump[a] == self.jump[b]
            a, b = (self.parent[a], self.parent[b]) if near else (self.jump[a], self.jump[b])
        return a
