"""Does an architecture do what an expression claims? A match says what was expected,
what was found, and where.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.architecture import explain
from autograder.architecture.blocks import ResidualBlock, Skip, joins_channels
from autograder.architecture.expression import (
    SHORTCUTS,
    Amount,
    Claim,
    Comparison,
    Expression,
    parse_expression,
)
from autograder.architecture.facts import Head
from autograder.architecture.merges import Merge
from autograder.architecture.node import Architecture, Node
from autograder.architecture.notes import listed, named
from autograder.architecture.pattern import Pattern, occurs, spells
from autograder.errors import ExpressionError

SOME = Amount(1, None)
OPERATIONS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Match:
    """What became of an expression."""

    ok: bool
    expected: str
    found: str
    place: tuple[int, ...] = ()  # nodes as read: what was found, or what is wrong


class Mismatch(AssertionError):
    """An architecture is not as expected; carries the match's `expected`, `found` and `place`."""

    def __init__(self, found: Match) -> None:
        super().__init__(f"expected {found.expected}\nfound: {found.found}")
        self.expected, self.found, self.place = found.expected, found.found, found.place


def match(expression: str, arch: Architecture) -> Match:
    """Whether `arch` is as `expression` says; ExpressionError if it can't be parsed."""
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
        return Match(False, nowhere.expected, nowhere.found, nowhere.place)


def _evaluate(expression: Expression, arch: Architecture) -> Match:
    if isinstance(expression, Claim):
        return CLAIMS[expression.name](expression, arch)
    if isinstance(expression, Comparison):
        return _compare(expression, arch)
    if expression.how == "not":
        part = _evaluate(expression.claims[0], arch)
        return Match(not part.ok, f"not: {part.expected}", part.found, part.place)
    parts: list[Match] = []
    for claim in expression.claims:
        parts.append(_settled(claim, arch))
        if parts[-1].ok and expression.how == "or":
            break
    decisive = [part for part in parts if part.ok == (expression.how == "or")] or parts
    ok = (
        all(part.ok for part in parts)
        if expression.how == "and"
        else any(part.ok for part in parts)
    )
    told = parts if ok and expression.how == "and" else decisive
    return Match(
        ok,
        f" {'or' if expression.how == 'or' and not ok else 'and'} ".join(
            part.expected for part in told
        ),
        "\n".join(part.found for part in told),
        tuple(sorted({number for part in told for number in part.place})),
    )


def _compare(comparison: Comparison, arch: Architecture) -> Match:
    wanted = f"{comparison.operator} {comparison.number:,}"
    if isinstance(comparison.quantity, str):
        counts = arch.parameters
        number = {
            "parameters": counts.total,
            "trainable": counts.trainable,
            "non_trainable": counts.non_trainable,
        }
        found, name = number[comparison.quantity], comparison.quantity.replace("_", "-")
        name = name if name == "parameters" else f"{name} parameters"
        text = f"{found:,} {name}" + explain.unknown_parameters(arch)
        return Match(
            OPERATIONS[comparison.operator](found, comparison.number), f"{name} {wanted}", text
        )
    nodes, text = _counted(comparison.quantity, arch)
    ok = OPERATIONS[comparison.operator](len(nodes), comparison.number)
    return Match(ok, f"number of {text} {wanted}", f"{len(nodes)}: {listed(nodes)}", places(nodes))


def places(nodes: Iterable[Node]) -> tuple[int, ...]:
    """The nodes as read that canonical nodes stand for."""
    return tuple(sorted({number for node in nodes for number in node.origin or (node.id,)}))


def _residual(claim: Claim, arch: Architecture) -> Match:
    body: Pattern | None = claim.options.get("body")
    shortcuts = claim.options.get("shortcut", SHORTCUTS)
    activations = claim.options.get("activation")
    amount = claim.options.get("n", SOME)
    form = arch.form(body.keep if body else frozenset())

    def fits(block: ResidualBlock) -> bool:
        return (
            block.shortcut in shortcuts
            and not block.stretched
            and (activations is None or (block.activation or "none") in activations)
            and (body is None or spells(body, block.body, _ends(block.body)))
        )

    hits = [block for block in form.own_blocks.sums if fits(block)]
    expected = explain.expected_residual(body, claim.options.get("shortcut"), activations, amount)
    if len(hits) in amount:
        return Match(
            True, expected, explain.found_blocks(hits), places(block.node for block in hits)
        )
    found, nodes = explain.residual(form, hits, amount, body, shortcuts, activations)
    return Match(False, expected, found, places(nodes))


def _inception(claim: Claim, arch: Architecture) -> Match:
    branches: Sequence[Pattern] = claim.options["branches"]
    amount = claim.options.get("n", SOME)
    form = arch.form(frozenset().union(*(branch.keep for branch in branches)))
    modules = explain.concatenations(form)
    hits = [
        module
        for module in modules
        if len(module.branches) == len(branches)
        and joins_channels(module.node)
        and None not in assign(branches, module)
    ]
    expected = explain.expected_inception(branches, amount)
    if len(hits) in amount:
        return Match(
            True, expected, explain.found_modules(hits), places(module.node for module in hits)
        )
    near = sorted(
        (module for module in modules if module not in hits),
        key=lambda module: (abs(len(module.branches) - len(branches)), -len(module.branches)),
    )[:10]
    found, nodes = explain.inception(
        form, hits, amount, branches, [(module, assign(branches, module)) for module in near]
    )
    return Match(False, expected, found, places(nodes))


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
    kinds = claim.options.get("merge", ("concat",))
    expected = (
        f"{amount} U-Net {'skip' if str(amount) == '1' else 'skips'} merged by {' or '.join(kinds)}"
    )

    def fits(skip: Skip) -> bool:
        return skip.node.kind in kinds and skip.pooling is not None

    hits = [skip for skip in arch.skips if fits(skip)]
    if len(hits) in amount:
        return Match(True, expected, explain.found_skips(hits), places(skip.node for skip in hits))
    found, nodes = explain.unet(arch.canonical, hits, kinds, arch.skips)
    return Match(False, expected, found, places(nodes))


def _head(claim: Claim, arch: Architecture) -> Match:
    options = claim.options

    def fits(head: Head) -> bool:
        return (
            options.get("name", head.name) == head.name
            and options.get("units", head.units) == head.units
            and options.get("rank", head.rank) == head.rank
            and (
                "activation" not in options
                or head.activation in [a.replace("none", "linear") for a in options["activation"]]
            )
        )

    hits = [head for head in arch.heads if fits(head)]
    expected = explain.expected_head(options)
    if hits:
        return Match(True, expected, explain.found_heads(hits), places(head.node for head in hits))
    named = [head for head in arch.heads if head.name == options.get("name", head.name)]
    return Match(
        False,
        expected,
        explain.heads(arch, named),
        places(head.node for head in named or arch.heads),
    )


def _path(claim: Claim, arch: Architecture) -> Match:
    pattern: Pattern = claim.options["pattern"]
    form, nodes, ends, where = _region(claim, arch, pattern)
    expected = f"{where or 'a way from input to output'} that reads «{pattern.text}»"
    if spells(pattern, nodes, ends):
        return Match(True, expected, "there is one", ())
    found, wrong = explain.sequence(form, pattern, nodes, ends, anywhere=False)
    return Match(False, expected, found, places(wrong))


def _contains(claim: Claim, arch: Architecture) -> Match:
    pattern: Pattern = claim.options["pattern"]
    form, nodes, ends, where = _region(claim, arch, pattern)
    expected = f"«{pattern.text}» somewhere" + (f" {where}" if where else "")
    if (last := occurs(pattern, nodes)) is not None:
        return Match(True, expected, f"it ends at {named(last)}", places([last]))
    found, wrong = explain.sequence(form, pattern, nodes, ends, anywhere=True)
    return Match(False, expected, found, places(wrong))


def _count(claim: Claim, arch: Architecture) -> Match:
    nodes, text = _counted(claim, arch)
    amount = claim.options.get("n", SOME)
    return Match(
        len(nodes) in amount, f"{amount} × {text}", f"{len(nodes)}: {listed(nodes)}", places(nodes)
    )


def _counted(claim: Claim, arch: Architecture) -> tuple[list[Node], str]:
    pattern: Pattern = claim.options["pattern"]
    _, nodes, _, where = _region(claim, arch, pattern)
    counted = [
        node
        for node in nodes
        if node.kind not in pattern.silent
        and pattern.accepts(pattern.after(pattern.beginning, node))
    ]
    return counted, f"«{pattern.text}»" + (f" {where}" if where else "")


def _region(
    claim: Claim, arch: Architecture, pattern: Pattern
) -> tuple[Architecture, tuple[Node, ...], tuple[int, ...], str]:
    """The canonical form, the nodes that a claim speaks of, the last ones of them,
    and the place in words.
    """
    form = arch.form(pattern.keep)
    if claim.within is None:
        return form, form.nodes, form.outputs, ""
    first, last = claim.within
    starts, stops = _at(first, form), _at(last, form)
    below = {node.id for node in starts} if first != "input" else set()
    begun = set(below) | ({node.id for node in starts} if first == "input" else set())
    for node in form.nodes:
        if any(number in begun for number in node.inputs):
            begun.add(node.id)
    leading = {node.id for node in stops}
    for node in reversed(form.nodes):
        if node.id in leading:
            leading.update(node.inputs)
    ends = {node.id for node in stops}
    outside = below | (ends if last != "output" else set())
    nodes = tuple(
        node
        for node in form.nodes
        if node.id in begun and node.id in leading and node.id not in outside
    )
    finish = ends if last == "output" else {number for node in stops for number in node.inputs}
    return form, nodes, tuple(finish), f"between «{first}» and «{last}»"


def _at(place: str, form: Architecture) -> list[Node]:
    """The nodes at a place: "input", "output", a layer's name,
    or a word; Mismatch where there are none.
    """
    if place in {"input", "output"}:
        return [form.node(number) for number in (form.inputs if place == "input" else form.outputs)]
    found = list(form.find(place)) or _of_word(place, form)
    if not found:
        found_instead, nodes = explain.nowhere(form, place)
        raise Mismatch(Match(False, f"«{place}» in the model", found_instead, places(nodes)))
    return found


def _of_word(place: str, form: Architecture) -> list[Node]:
    try:
        claim = parse_expression(f"count({place!r})")
    except ExpressionError:
        return []
    assert isinstance(claim, Claim)
    pattern: Pattern = claim.options["pattern"]
    return [
        n
        for n in form.nodes
        if n.kind not in pattern.silent and pattern.accepts(pattern.after(pattern.beginning, n))
    ]


def _ends(branch: Sequence[Node]) -> tuple[int, ...]:
    return (branch[-1].id,) if branch else ()


CLAIMS: Mapping[str, Callable[[Claim, Architecture], Match]] = {
    "residual": _residual, "inception": _inception, "unet": _unet, "head": _head, "path": _path,
    "contains": _contains, "count": _count,
}  # fmt: skip
