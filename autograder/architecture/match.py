"""Does an architecture do what an expression claims? A match says what was expected,
what was found, and where.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.architecture import explain
from autograder.architecture.blocks import (
    ResidualBlock,
    Skip,
    concatenations,
    joins_channels,
    skips,
    sums,
)
from autograder.architecture.canonical import canonical
from autograder.architecture.expression import (
    QUANTITIES,
    Amount,
    Claim,
    Comparison,
    Expression,
    Inception,
    Residual,
    parse_expression,
)
from autograder.architecture.facts import Head, heads
from autograder.architecture.merges import Merge
from autograder.architecture.missing import Missing, layer
from autograder.architecture.node import Architecture, Node
from autograder.architecture.notes import counted, named
from autograder.architecture.parameters import NUMBERS, bounds
from autograder.architecture.pattern import Pattern, occurs, spells
from autograder.architecture.reach import (
    depending_on,
    learning_before,
    needed_for,
    shared_layers,
)
from autograder.errors import ArchitectureError, ExpressionError

SOME = Amount(1, None)
MERGED = Amount(2, None)
OPERATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
AMOUNTS = {
    "<": "less than", "<=": "at most", "==": "exactly",
    "!=": "other than", ">=": "at least", ">": "more than",
}  # fmt: skip


@dataclass(frozen=True)
class Match:
    """What became of an expression."""

    ok: bool
    expected: str
    found: str
    place: tuple[int, ...] = ()  # nodes as read: what was found, or what is wrong
    missing: tuple[Missing, ...] = ()  # what is not there, and where it belongs


class Mismatch(AssertionError):
    """An architecture is not as expected; carries the match's `expected`, `found`, `place` and
    `missing`.
    """

    def __init__(self, found: Match) -> None:
        super().__init__(f"expected {found.expected}\nfound: {found.found}")
        self.expected, self.found = found.expected, found.found
        self.place, self.missing = found.place, found.missing


def match(expression: str, arch: Architecture) -> Match:
    """Whether `arch` is as `expression` says; ExpressionError if it can't be parsed, and
    ArchitectureError where a number that is not known decides.
    """
    return _settled(parse_expression(expression), arch)


def expect(expression: str, arch: Architecture) -> Match:
    """The match, or Mismatch raised."""
    found = match(expression, arch)
    if not found.ok:
        raise Mismatch(found)
    return found


def _settled(expression: Expression, arch: Architecture) -> Match:
    """What became of a claim; one about a place that is not there does not hold,
    nor does its negation.
    """
    try:
        return _evaluate(expression, arch)
    except Mismatch as nowhere:
        return Match(False, nowhere.expected, nowhere.found, nowhere.place, nowhere.missing)


def _evaluate(expression: Expression, arch: Architecture) -> Match:
    if isinstance(expression, Claim):
        return CLAIMS[expression.name](expression, arch)
    if isinstance(expression, Comparison):
        return _compare(expression, arch)
    return JOINTS[expression.how](expression.claims, arch)


def _not(claims: Sequence[Expression], arch: Architecture) -> Match:
    part = _evaluate(claims[0], arch)
    return Match(not part.ok, f"not: {part.expected}", part.found, part.place)


def _all(claims: Sequence[Expression], arch: Architecture) -> Match:
    parts = [_settled(claim, arch) for claim in claims]
    wrong = [part for part in parts if not part.ok]
    return _together(not wrong, wrong or parts, "and")


def _any(claims: Sequence[Expression], arch: Architecture) -> Match:
    parts: list[Match] = []
    for claim in claims:
        parts.append(_settled(claim, arch))
        if parts[-1].ok:
            return parts[-1]
    return _together(False, parts, "or")


def _together(ok: bool, parts: Sequence[Match], joint: str) -> Match:
    return Match(
        ok,
        f" {joint} ".join(part.expected for part in parts),
        "\n".join(part.found for part in parts),
        tuple(sorted({number for part in parts for number in part.place})),
        tuple(dict.fromkeys(one for part in parts for one in part.missing)),
    )


def _compare(comparison: Comparison, arch: Architecture) -> Match:
    quantity, number = comparison.quantity, comparison.number
    found, what, text, nodes = _measured(quantity, arch)
    amount = f"{AMOUNTS[comparison.operator]} {number:,}"
    if (comparison.operator, number) == ("==", 0):
        amount = "no"
    elif not isinstance(quantity, str):
        amount += " ×"
    if isinstance(quantity, str) and quantity in NUMBERS:
        _refuse_guess(quantity, comparison, arch)
    ok = OPERATIONS[comparison.operator](found, number)
    if not ok and quantity == "parameters" and found > number:
        text += explain.largest_layer(arch)
    # of too few none is wrong
    return Match(ok, f"{amount} {what}", text, places(nodes) if ok or found >= number else ())


def _refuse_guess(quantity: str, comparison: Comparison, arch: Architecture) -> None:
    """Raise ArchitectureError where what is not known of a number would decide."""
    compare, number = OPERATIONS[comparison.operator], comparison.number
    low, high = bounds(arch, quantity)
    if (
        low < high
        and low <= number <= high
        and not (compare(low, number) and compare(high, number))
    ):
        ends = f"at least {low:,.0f}" if high == math.inf else f"{low:,.0f} to {high:,.0f}"
        raise ArchitectureError(
            f"The number of {QUANTITIES[quantity]} can't be told for certain: "
            f"{ends}{explain.unknown_parameters(arch)}. A person has to look."
        )


def _measured(quantity: Claim | str, arch: Architecture) -> tuple[int, str, str, Sequence[Node]]:
    """A number of the network, what it is the number of, both in words, and the nodes counted."""
    if isinstance(quantity, Claim):
        nodes, what = _counted(quantity, arch)
        return len(nodes), what, counted(nodes), nodes
    what = QUANTITIES[quantity]
    if quantity in NUMBERS:
        number = NUMBERS[quantity](arch)
        return number, what, f"{number:,} {what}{explain.unknown_parameters(arch)}", ()
    nodes = [calls[0] for calls in shared_layers(canonical(arch)).values()]
    return len(nodes), what, counted(nodes), nodes


def places(nodes: Iterable[Node]) -> tuple[int, ...]:
    """The nodes as read that canonical nodes stand for."""
    return tuple(sorted({number for node in nodes for number in node.origin or (node.id,)}))


def _not_so(expected: str, why: explain.Explanation) -> Match:
    return Match(False, expected, why.text, places(why.nodes), why.missing)


def _residual(claim: Claim, arch: Architecture) -> Match:
    said = claim.options.get
    asked = Residual(
        said("body"), said("shortcut"), said("activation"), said("n", SOME), said("start"),
        said("ways", MERGED),
    )  # fmt: skip
    form = canonical(arch, asked.body.keep if asked.body else frozenset())
    hits = [block for block in sums(form) if _is_block(form, block, asked)]
    expected = explain.expected_residual(asked)
    if len(hits) in asked.amount:
        return Match(
            True, expected, explain.found_blocks(hits), places(block.node for block in hits)
        )
    return _not_so(expected, explain.residual(form, hits, asked))


def _is_block(form: Architecture, block: ResidualBlock, asked: Residual) -> bool:
    if asked.start and learning_before(form, block.fork):
        return False
    if block.ways not in asked.ways or (asked.shortcuts is None and not block.goes_around):
        return False
    if "any" not in asked.allowed and block.kind not in asked.allowed:
        return False
    if asked.activations and (block.activation or "none") not in asked.activations:
        return False
    return asked.body is None or spells(asked.body, block.body, block.ends)


def _inception(claim: Claim, arch: Architecture) -> Match:
    asked = _modules(claim.options)
    form = canonical(arch, frozenset().union(*(pattern.keep for pattern in asked.branches)))
    modules = concatenations(form)
    hits = [module for module in modules if _is_module(form, module, asked)]
    expected = explain.expected_inception(asked)
    if len(hits) in asked.amount:
        return Match(
            True, expected, explain.found_modules(hits), places(module.node for module in hits)
        )
    near = sorted(
        (module for module in modules if module not in hits),
        key=lambda module: (asked.size.distance(len(module.branches)), -len(module.branches)),
    )[:10]
    others = [(module, assign(asked.branches, module)) for module in near]
    return _not_so(expected, explain.inception(form, hits, asked, others))


def _modules(options: Mapping[str, Any]) -> Inception:
    """What is asked for: a list of all branches, or their number and some of them."""
    branches, has = options.get("branches", SOME), options.get("has", ())
    amount, start = options.get("n", SOME), options.get("start")
    if isinstance(branches, Amount):
        return Inception(has, branches, True, amount, start)
    return Inception(branches, Amount(len(branches), len(branches)), False, amount, start)


def _is_module(form: Architecture, module: Merge, asked: Inception) -> bool:
    return (
        len(module.branches) in asked.size
        and joins_channels(module.node)
        and not (asked.start and _begins_late(form, module))
        and None not in assign(asked.branches, module)
    )


def _begins_late(form: Architecture, module: Merge) -> bool:
    """Whether a branch begins after a layer with weights, or where another branch ends."""
    late = module.fork is not None and learning_before(form, module.fork)
    return bool(late or module.chained)


def assign(patterns: Sequence[Pattern], module: Merge) -> list[int | None]:
    """For each expression the branch that reads so, each branch once:
    as many as possible (augmenting paths).
    """
    fits = [
        [spells(pattern, branch, _ends(branch)) for branch in module.branches]
        for pattern in patterns
    ]
    owner: dict[int, int] = {}

    def place(number: int, tried: set[int]) -> bool:
        for branch, good in enumerate(fits[number]):
            if good and branch not in tried:
                tried.add(branch)
                if branch not in owner or place(owner[branch], tried):
                    owner[branch] = number
                    return True
        return False

    for number in range(len(patterns)):
        place(number, set())
    taken = {number: branch for branch, number in owner.items()}
    return [taken.get(number) for number in range(len(patterns))]


def _unet(claim: Claim, arch: Architecture) -> Match:
    amount = claim.options.get("skips", SOME)
    kinds, any_partner = claim.options.get("merge", ("concat",)), "partner" in claim.options
    expected = explain.expected_unet(amount, kinds, any_partner)

    def fits(skip: Skip) -> bool:
        return skip.node.kind in kinds and (any_partner or skip.pooling is not None)

    hits = [skip for skip in skips(arch) if fits(skip)]
    if len(hits) in amount:
        return Match(True, expected, explain.found_skips(hits), places(skip.node for skip in hits))
    return _not_so(expected, explain.unet(canonical(arch), hits, kinds, amount))


def _head(claim: Claim, arch: Architecture) -> Match:
    options = claim.options
    hits = [head for head in heads(arch) if _is_head(head, options)]
    expected = explain.expected_head(options)
    if hits:
        return Match(True, expected, explain.found_heads(hits), places(head.node for head in hits))
    known = [head for head in heads(arch) if head.name == options.get("name", head.name)]
    found = explain.heads(arch, known)
    bare = [head for head in known if _lacks_activation(head, options)]
    if bare:
        lacks = (layer(" or ".join(options["activation"]), head.node) for head in bare)
        return Match(False, expected, found, (), tuple(lacks))
    return Match(False, expected, found, places(head.node for head in known or heads(arch)))


def _lacks_activation(head: Head, options: Mapping[str, Any]) -> bool:
    """Whether a head would be right if an activation were there."""
    others = {name: value for name, value in options.items() if name != "activation"}
    return head.activation == "linear" and len(others) < len(options) and _is_head(head, others)


def _is_head(head: Head, options: Mapping[str, Any]) -> bool:
    activations = [name.replace("none", "linear") for name in options.get("activation", ())]
    return (
        options.get("name", head.name) == head.name
        and options.get("units", head.units) == head.units
        and options.get("rank", head.rank) == head.rank
        and (not activations or head.activation in activations)
    )


def _output(claim: Claim, arch: Architecture) -> Match:
    wanted, read = claim.options["shape"], arch.as_read
    node = read.node(read.outputs[0])
    found = (node.shape or ())[1:]
    ok = (
        node.shape is not None
        and len(found) == len(wanted)
        and all(size in {None, there} for size, there in zip(wanted, found, strict=True))
    )
    return Match(ok, explain.expected_output(wanted), explain.output(read, node), places([node]))


def _path(claim: Claim, arch: Architecture) -> Match:
    pattern: Pattern = claim.options["pattern"]
    form, nodes, ends, where = _region(claim, arch, pattern)
    expected = f"{where or 'a way from input to output'} that reads «{pattern.text}»"
    if spells(pattern, nodes, ends):
        return Match(True, expected, "there is one", ())
    return _not_so(expected, explain.sequence(form, pattern, nodes, ends, anywhere=False))


def _contains(claim: Claim, arch: Architecture) -> Match:
    pattern: Pattern = claim.options["pattern"]
    form, nodes, ends, where = _region(claim, arch, pattern)
    expected = f"«{pattern.text}» somewhere" + (f" {where}" if where else "")
    if (last := occurs(pattern, nodes)) is not None:
        return Match(True, expected, f"it ends at {named(last)}", places([last]))
    return _not_so(expected, explain.sequence(form, pattern, nodes, ends, anywhere=True))


def _count(claim: Claim, arch: Architecture) -> Match:
    nodes, text = _counted(claim, arch)
    amount = claim.options.get("n", SOME)
    ok = len(nodes) in amount
    place = places(nodes) if ok or amount.is_exceeded_by(len(nodes)) else ()
    return Match(ok, f"{amount} × {text}", counted(nodes), place)


def _counted(claim: Claim, arch: Architecture) -> tuple[list[Node], str]:
    pattern: Pattern = claim.options["pattern"]
    _, nodes, _, where = _region(claim, arch, pattern)
    return _read_by(pattern, nodes), f"«{pattern.text}»" + (f" {where}" if where else "")


def _region(
    claim: Claim, arch: Architecture, pattern: Pattern
) -> tuple[Architecture, tuple[Node, ...], tuple[int, ...], str]:
    """The canonical form, the nodes that a claim speaks of, the last ones of them,
    and the place in words.
    """
    form = canonical(arch, pattern.keep)
    if claim.within is None:
        return form, form.nodes, form.outputs, ""
    first, last = claim.within
    starts, stops = _at(first, form), _at(last, form)
    between = depending_on(form, starts) & needed_for(form, stops)
    if first != "input":
        between -= set(starts)
    if last != "output":
        between -= set(stops)
    nodes = tuple(node for node in form.nodes if node.id in between)
    ends = stops if last == "output" else [n for stop in stops for n in form.node(stop).inputs]
    return form, nodes, tuple(ends), f"between «{first}» and «{last}»"


def _at(place: str, form: Architecture) -> tuple[int, ...]:
    """The ids of the nodes at a place: "input", "output", a layer's name,
    or a word; Mismatch where there are none.
    """
    if place in {"input", "output"}:
        return form.inputs if place == "input" else form.outputs
    found = form.find(place) or _of_word(place, form)
    if not found:
        raise Mismatch(_not_so(f"«{place}» in the model", explain.nowhere(form, place)))
    return tuple(node.id for node in found)


def _of_word(place: str, form: Architecture) -> list[Node]:
    try:
        claim = parse_expression(f"count({place!r})")
    except ExpressionError:
        return []
    assert isinstance(claim, Claim)
    return _read_by(claim.options["pattern"], form.nodes)


def _read_by(pattern: Pattern, nodes: Iterable[Node]) -> list[Node]:
    """The nodes each of which is a whole word of the pattern."""
    return [
        node
        for node in nodes
        if node.kind not in pattern.silent
        and pattern.accepts(pattern.after(pattern.beginning, node))
    ]


def _ends(branch: Sequence[Node]) -> tuple[int, ...]:
    return (branch[-1].id,) if branch else ()


CLAIMS: Mapping[str, Callable[[Claim, Architecture], Match]] = {
    "residual": _residual, "inception": _inception, "unet": _unet, "head": _head, "path": _path,
    "contains": _contains, "count": _count, "output": _output,
}  # fmt: skip
JOINTS: Mapping[str, Callable[[Sequence[Expression], Architecture], Match]] = {
    "not": _not, "and": _all, "or": _any,
}  # fmt: skip
