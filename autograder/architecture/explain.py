"""What a student reads when a network is not as expected, in the student's own names and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograder.architecture import notes
from autograder.architecture.align import Alignment, align
from autograder.architecture.blocks import ResidualBlock, Skip, joins_channels
from autograder.architecture.expression import Amount
from autograder.architecture.facts import Head
from autograder.architecture.kinds import MERGES, NORMS
from autograder.architecture.layers import label
from autograder.architecture.merges import Merge
from autograder.architecture.node import Architecture, Node
from autograder.architecture.notes import Note, listed, named, sized, worded
from autograder.architecture.pattern import Pattern
from autograder.architecture.text import shape_text, shown

LONGEST_LINE = 1_000
NEAREST = 3  # how many candidates are described
Explanation = tuple[str, list[Node]]


def expected_residual(
    body: Pattern | None,
    shortcuts: Sequence[str] | None,
    activations: Sequence[str] | None,
    amount: Amount,
) -> str:
    """The claim in words."""
    parts = [] if body is None else [f"body «{body.text}»"]
    parts += [] if shortcuts is None else [f"shortcut {' or '.join(shortcuts)}"]
    parts += [] if activations is None else [f"{' or '.join(activations)} after the sum"]
    return f"{_blocks(amount, 'residual block')}" + (f" ({', '.join(parts)})" if parts else "")


def expected_inception(branches: Sequence[Pattern], amount: Amount) -> str:
    """The claim in words."""
    return (
        f"{_blocks(amount, 'module')} with {len(branches)} branches: "
        f"{', '.join(f'«{b.text}»' for b in branches)}"
    )


def expected_head(options: Mapping[str, Any]) -> str:
    """The claim in words."""
    parts = [f"of {options['units']}"] if "units" in options else []
    parts += [f"with {' or '.join(options['activation'])}"] if "activation" in options else []
    parts += [f"with {options['rank']} axes"] if "rank" in options else []
    return " ".join(
        [f"an output «{options['name']}»" if "name" in options else "an output", *parts]
    )


def found_blocks(blocks: Sequence[ResidualBlock]) -> str:
    """The residual blocks that fit, in words."""
    return (
        f"{len(blocks)}: ending at {listed(block.node for block in blocks)}" if blocks else "none"
    )


def found_modules(modules: Sequence[Merge]) -> str:
    """The inception modules that fit, in words."""
    return f"{len(modules)}: at {listed(module.node for module in modules)}" if modules else "none"


def found_skips(skips: Sequence[Skip]) -> str:
    """The skips that fit, in words."""
    return (
        "; ".join(
            f"{named(s.partner)} reaches {named(s.node)} at {shape_text(s.node.shape)}"
            for s in skips
        )
        or "none"
    )


def found_heads(heads: Iterable[Head]) -> str:
    """Outputs in words."""
    return "; ".join(
        f"«{h.name}»: {shape_text(h.node.shape)}, "
        f"{h.activation if h.activation != 'linear' else 'no activation'}"
        for h in heads
    )


def unknown_parameters(arch: Architecture) -> str:
    """What is not counted, if anything is not."""
    unknown = arch.parameters.unknown
    return (
        f" without those of {', '.join(f'«{shown(name, 40)}»' for name in unknown[:5])}"
        if unknown
        else ""
    )


def residual(
    form: Architecture, hits: Sequence[ResidualBlock], amount: Amount, body: Pattern | None,
    shortcuts: Sequence[str], activations: Sequence[str] | None,
) -> Explanation:  # fmt: skip
    """Why the residual blocks are not those that are asked for: too many,
    or the nearest others and what they lack.
    """
    if amount.high is not None and len(hits) > amount.high:
        ends = [block.node for block in hits]
        return f"{len(hits)} such blocks: ending at {listed(ends)}", ends
    others = [block for block in form.own_blocks.sums if block not in hits]
    described = sorted(
        (_block(form, block, body, shortcuts, activations) for block in others),
        key=lambda found: found[0],
    )[:NEAREST]
    lines = [f"{len(hits)} such {'block' if len(hits) == 1 else 'blocks'}"] if hits else []
    lines += [text for _, text, _ in described]
    nodes = [node for _, _, wrong in described for node in wrong] or [block.node for block in hits]
    told = [*notes.doubled(form, "add"), *notes.stretched(form)]
    if not hits:
        told += notes.concatenated_instead(form)
    if not (hits or others or told):
        told.append(notes.without(form, "add", "addition of two tensors"))
    return _together(lines, nodes, [*told, *notes.opaque(form)])


def inception(
    form: Architecture, hits: Sequence[Merge], amount: Amount, branches: Sequence[Pattern],
    candidates: Sequence[tuple[Merge, list[int | None]]],
) -> Explanation:  # fmt: skip
    """Why the modules are not those that are asked for:
    which branch is missing, which is not expected.
    """
    if amount.high is not None and len(hits) > amount.high:
        ends = [module.node for module in hits]
        return f"{len(hits)} such modules: at {listed(ends)}", ends
    others = list(candidates)
    others.sort(
        key=lambda pair: (
            pair[1].count(None) + abs(len(pair[0].branches) - len(branches)),
            -len(pair[0].branches),
        )
    )
    lines = [f"{len(hits)} such {'module' if len(hits) == 1 else 'modules'}"] if hits else []
    nodes: list[Node] = []
    chains = notes.chained(form)
    for module, at in others[:NEAREST]:
        if any(module.node in note.nodes for note in chains):
            continue  # its branches one by one would say nothing
        text, wrong = _module(module, at, branches)
        lines.append(text)
        nodes += wrong
    told = [*notes.wrong_axis(form), *chains, *notes.doubled(form, "concat")]
    if not (hits or others):
        told.append(notes.without(form, "concat", "concatenation of branches from one tensor"))
    return _together(lines, nodes, [*told, *notes.opaque(form)])


def unet(
    form: Architecture, hits: Sequence[Skip], kinds: Sequence[str], skips: Sequence[Skip]
) -> Explanation:
    """Why the skips are not those that are asked for."""
    lines = [
        f"{len(hits)} {'skip' if len(hits) == 1 else 'skips'}"
        + (f": {found_skips(hits)}" if hits else "")
    ]
    nodes = [skip.node for skip in hits]
    for skip in skips:
        if skip in hits:
            continue
        nodes += [skip.node, skip.partner]
        where = f"the skip from {sized(skip.partner)} to {named(skip.node)}"
        if skip.node.kind not in kinds:
            lines.append(f"{where} is merged by {skip.node.kind}, expected {' or '.join(kinds)}")
        else:
            lines.append(
                f"{where} does not carry the tensor that is pooled next: "
                "save the one right before the pooling"
            )
    told = [*notes.wrong_axis(form), *notes.doubled(form, "concat")]
    if not skips and not told:
        told = notes.no_skips(form)
    elif skips:
        told += notes.no_skip_here(form, skips)
    told += notes.left_behind(form, skips)
    return _together(lines, nodes, [*told, *notes.opaque(form)])


def heads(arch: Architecture, found: Sequence[Head]) -> str:
    """What the outputs are instead."""
    if not found:
        return f"no output of that name; the outputs are {found_heads(arch.heads)}"
    return "; ".join([found_heads(found), *(note.text for note in notes.opaque(arch))])


def sequence(
    form: Architecture, pattern: Pattern, nodes: Sequence[Node], ends: Iterable[int], anywhere: bool
) -> Explanation:
    """Where the words and the nearest way part."""
    alignment = align(pattern, nodes, ends, anywhere)
    wrong = _wrong(alignment)
    text = _differences(alignment) if alignment is not None else "no way reads so"
    if (
        anywhere
        and alignment is not None
        and not alignment.of("same")
        and not alignment.of("instead")
    ):
        text = "none of it"
    return _together([text], wrong, [*notes.dead_ends(form), *notes.opaque(form)])


def nowhere(form: Architecture, place: str) -> Explanation:
    """What there is instead of a layer, an input or a merge."""
    if place in MERGES:
        note = notes.without(form, place, f"«{place}»")
        return note.text, list(note.nodes)
    inputs, outputs = (listed(map(form.node, numbers)) for numbers in (form.inputs, form.outputs))
    return f"there is none; the inputs are {inputs}, the outputs {outputs}", []


def concatenations(form: Architecture) -> list[Merge]:
    """Where an inception module may be: concatenations of branches from one tensor."""
    return [
        merge
        for merge in form.own_blocks.merges
        if merge.kind == "concat" and merge.fork is not None
    ]


def _block(
    form: Architecture,
    block: ResidualBlock,
    body: Pattern | None,
    shortcuts: Sequence[str],
    activations: Sequence[str] | None,
) -> tuple[float, str, list[Node]]:
    """How far a block is from what is asked for, that in words, and the nodes concerned."""
    parts: list[str] = []
    wrong = [block.node]
    alignment = align(body, block.body, [block.body[-1].id]) if body and block.body else None
    cost = alignment.cost if alignment is not None else 0.0
    if alignment is not None and cost:
        late = _late(form, block, alignment)
        only = "only: " if late or not alignment.of("extra") else ""
        parts.append(
            f"the shortcut leaves after {named(block.fork)}; "
            f"the body between is {only}{worded(block.body)}"
        )
        parts.append(f"it should leave before {named(late)}" if late else _differences(alignment))
        wrong += [block.fork, *_wrong(alignment), *([late] if late else [])]
    if block.shortcut not in shortcuts:
        cost += 0.9
        kind = block.shortcut if block.shortcut != "other" else ""
        layers = worded(block.skip, NORMS)
        what = f"{kind}: {layers}" if kind and block.skip else kind or layers
        parts.append(f"its shortcut is {what}, expected {' or '.join(shortcuts)}")
        wrong += block.skip
    if activations is not None and (block.activation or "none") not in activations:
        cost += 0.8
        parts.append(
            f"after the sum comes {block.activation or 'no activation'}, "
            f"expected {' or '.join(activations)}"
        )
    return cost, f"your block ending at {sized(block.node)}: {'; '.join(parts)}", wrong


def _late(form: Architecture, block: ResidualBlock, alignment: Alignment) -> Node | None:
    """The node that the shortcut should have left before:
    what the body lacks at its start stands before the fork.
    """
    first = next(iter(alignment.steps), None)
    if first is None or first.how != "missing" or first.word is None:
        return None
    node = block.fork
    while not first.word.stands_for(node):
        if node.kind not in NORMS | {"act", "rescale"} or len(node.inputs) != 1:
            return None
        node = form.parents(node)[0]
    return node


def _module(
    module: Merge, at: Sequence[int | None], branches: Sequence[Pattern]
) -> tuple[str, list[Node]]:
    """What is missing in a module and what is not expected."""
    spare = [branch for number, branch in enumerate(module.branches) if number not in at]
    parts: list[str] = []
    wrong = [module.node, *(node for branch in spare for node in branch)]
    lacking = [pattern for pattern, number in zip(branches, at, strict=True) if number is None]
    for pattern in lacking:
        near = [
            (align(pattern, branch, [branch[-1].id] if branch else []), branch) for branch in spare
        ]
        best = min(
            (pair for pair in near if pair[0] is not None),
            key=lambda pair: pair[0].cost if pair[0] else 0,
            default=None,
        )
        if best is None or best[0] is None or not best[0].of("same") + best[0].of("instead"):
            parts.append(f"the branch «{pattern.text}» is missing")
        else:
            spare.remove(best[1])
            parts.append(
                f"for «{pattern.text}» there is {worded(best[1])}: {_differences(best[0])}"
            )
    parts += [f"not expected: {worded(branch)}" for branch in spare]
    if not lacking and not spare:
        parts.append("the branches are right")
    if not joins_channels(module.node):
        parts.append("but they are not joined over channels")
    return f"at {sized(module.node)}: {'; '.join(parts)}", wrong


def _differences(alignment: Alignment) -> str:
    """An alignment in words: only where it differs."""
    parts: list[str] = []
    missing: list[str] = []
    previous: Node | None = None
    for step in (*alignment.steps, None):
        if step is not None and step.how == "missing" and step.word is not None:
            missing.append(step.word.text)
            continue
        if missing:
            following = step.node if step is not None else None
            where = (
                f" before {named(following)}"
                if following
                else f" after {named(previous)}"
                if previous
                else ""
            )
            parts.append(f"missing: {' '.join(missing)}{where}")
            missing = []
        if step is None or step.node is None:
            continue
        if step.how == "instead" and step.word is not None:
            parts.append(
                f"{named(step.node)} is {label(step.node)} where {step.word.text} is expected"
            )
        elif step.how == "extra":
            parts.append(f"{named(step.node)} [{label(step.node)}] is not expected there")
        previous = step.node
    return "; ".join(parts[:6]) + (
        f"; and {len(parts) - 6} more differences" if len(parts) > 6 else ""
    )


def _wrong(alignment: Alignment | None) -> list[Node]:
    """The nodes that differ; for a word that is missing, the one before which it should stand,
    or the last one.
    """
    steps = alignment.steps if alignment is not None else ()
    wrong: list[Node] = []
    for place, step in enumerate(steps):
        if step.how == "missing":
            beside = [
                s.node for s in (*steps[place:], *reversed(steps[:place])) if s.node is not None
            ]
            wrong += beside[:1]
        elif step.how != "same" and step.node is not None:
            wrong.append(step.node)
    return wrong


def _together(lines: Sequence[str], nodes: Iterable[Node], told: Sequence[Note]) -> Explanation:
    """All of an explanation, each thing said once."""
    texts = list(
        dict.fromkeys(shown(line, LONGEST_LINE) for line in [*lines, *(note.text for note in told)])
    )
    marked = dict.fromkeys([*nodes, *(node for note in told for node in note.nodes)])
    return "\n".join(
        text[:1].upper() + text[1:] if text[:1].isalpha() else text for text in texts if text
    ) or "none", list(marked)


def _blocks(amount: Amount, what: str) -> str:
    if (amount.low, amount.high) == (1, None):
        return f"at least one {what}"
    return f"{amount} {what}" if str(amount) in {"1", "at least 1"} else f"{amount} {what}s"
