"""What a student reads when a network is not as expected, in the student's own names and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from autograder.architecture import notes
from autograder.architecture.align import Alignment, Step, align
from autograder.architecture.blocks import ResidualBlock, Skip, joins_channels, skips, sums
from autograder.architecture.expression import Amount, Inception, Residual
from autograder.architecture.facts import Head
from autograder.architecture.facts import heads as heads_of
from autograder.architecture.kinds import LEARNING, MERGES, NORMS
from autograder.architecture.layers import label
from autograder.architecture.merges import Merge
from autograder.architecture.missing import Missing, connection, layer, merge
from autograder.architecture.node import Architecture, Node, Shape
from autograder.architecture.notes import QUIET, Note, listed, named, part, sized, worded
from autograder.architecture.parameters import count_parameters
from autograder.architecture.pattern import Pattern
from autograder.architecture.reach import learning_before
from autograder.architecture.text import shape_text, shown

LONGEST_LINE = 1_000
NEAREST = 3  # how many candidates are described
MOST_DIFFERENCES = 6
LONGEST_BODY = 30  # nodes among which the beginning of a block is looked for
# a module, and for each branch that is asked for the one that reads so
Candidate = tuple[Merge, list[int | None]]


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a student reads, the nodes that are wrong, and what is missing."""

    text: str
    nodes: list[Node]
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, eq=False)
class _Fault:
    """What is wrong with a candidate, how far that is from right, the nodes concerned, and what is
    missing.
    """

    cost: float
    text: str
    nodes: tuple[Node, ...]
    missing: tuple[Missing, ...] = ()


def expected_residual(asked: Residual) -> str:
    """The claim in words."""
    parts = [] if asked.body is None else [f"body «{asked.body.text}»"]
    parts += [f"shortcut {' or '.join(asked.shortcuts)}"] if asked.shortcuts else []
    parts += [f"of {asked.ways} ways"] if asked.ways.high else []
    parts += [f"{' or '.join(asked.activations)} after the sum"] if asked.activations else []
    parts += ["from the input on"] if asked.start else []
    blocks = _number_of(asked.amount, "residual block")
    return f"{blocks} ({', '.join(parts)})" if parts else blocks


def expected_inception(asked: Inception) -> str:
    """The claim in words."""
    modules = _number_of(asked.amount, "module")
    branches = ", ".join(f"«{pattern.text}»" for pattern in asked.branches)
    start = " from the input on" if asked.start else ""
    if not asked.free:
        return f"{modules} with {asked.size} branches{start}: {branches}"
    among = f"{branches} among its branches" if branches else ""
    size = "" if asked.size == Amount(1, None) else f"{asked.size} branches"
    return f"{modules}{start} with {' and '.join(filter(None, [size, among]))}"


def expected_unet(amount: Amount, kinds: Sequence[str], any_partner: bool) -> str:
    """The claim in words."""
    begin = "" if any_partner else " from tensors that are pooled next"
    return f"{_number_of(amount, 'U-Net skip')}{begin}, merged by {' or '.join(kinds)}"


def expected_output(shape: Shape) -> str:
    """The claim in words."""
    return f"an output of shape {shape_text((None, *shape))}"


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


def largest_layer(arch: Architecture) -> str:
    """Where the most parameters are, if there are several layers that have any."""
    layers = count_parameters(arch).layers
    if len(layers) < 2:
        return ""
    name, number = max(layers.items(), key=lambda item: item[1])
    return f", the most in «{shown(name, 40)}»: {number:,}"


def unknown_parameters(arch: Architecture) -> str:
    """What is not counted, if anything is not."""
    unknown = [f"«{shown(name, 40)}»" for name in count_parameters(arch).unknown]
    return f" without those of {', '.join(unknown[:5])}" if unknown else ""


def residual(form: Architecture, hits: Sequence[ResidualBlock], asked: Residual) -> Explanation:
    """Why the residual blocks are not those that are asked for: too many,
    or the nearest others and what they lack.
    """
    ends = [block.node for block in hits]
    if asked.amount.is_exceeded_by(len(hits)):
        return Explanation(f"{len(hits)} such blocks: ending at {listed(ends)}", ends)
    others = [_block(form, block, asked) for block in sums(form) if block not in hits]
    nearest = sorted(others, key=lambda fault: fault.cost)[:NEAREST]
    told = _about_sums(form, asked, bool(hits))
    if not (hits or others or told):
        note = notes.without(form, "add", "addition of two tensors")
        told.append(replace(note, missing=_missing_sum(form, asked)))
    return _explained(_so_many(hits, "block"), nearest, [*told, *notes.opaque(form)])


def inception(
    form: Architecture, hits: Sequence[Merge], asked: Inception, others: Sequence[Candidate]
) -> Explanation:
    """Why the modules are not those that are asked for:
    which branch is missing, which is not expected.
    """
    if asked.amount.is_exceeded_by(len(hits)):
        ends = [module.node for module in hits]
        return Explanation(f"{len(hits)} such modules: at {listed(ends)}", ends)
    chains = notes.chained(form)
    # of a module in which branches start at the end of others, one by one would say nothing
    silent = set(chain.from_iterable(note.nodes for note in chains))
    nearest = [(module, at) for module, at in _nearest(others, asked) if module.node not in silent]
    told = [*notes.wrong_axis(form), *chains, *notes.doubled(form, "concat")]
    if not (hits or others):
        told.append(notes.without(form, "concat", "concatenation of branches from one tensor"))
    faults = [_module(form, module, at, asked) for module, at in nearest]
    return _explained(_so_many(hits, "module"), faults, [*told, *notes.opaque(form)])


def unet(
    form: Architecture, hits: Sequence[Skip], kinds: Sequence[str], amount: Amount
) -> Explanation:
    """Why the skips are not those that are asked for: too many, or others."""
    number = f"{len(hits)} {'skip' if len(hits) == 1 else 'skips'}"
    line = f"{number}: {found_skips(hits)}" if hits else number
    every = skips(form)
    faults = [_wrong_skip(skip, kinds) for skip in every if skip not in hits]
    told = [*notes.wrong_axis(form), *notes.doubled(form, "concat")]
    if every:
        told += notes.no_skip_here(form, every)
    elif not told:
        told = notes.no_skips(form)
    told += notes.left_behind(form, every)
    if not told and not faults:
        told += notes.levels(form, amount.low - len(hits))
    ends = [skip.node for skip in hits if amount.is_exceeded_by(len(hits))]
    return _explained([line], faults, [*told, *notes.opaque(form)], ends)


def output(arch: Architecture, node: Node) -> str:
    """What the output's shape is."""
    return "; ".join([sized(node), *(note.text for note in notes.opaque(arch))])


def heads(arch: Architecture, found: Sequence[Head]) -> str:
    """What the outputs are instead."""
    if not found:
        return f"no output of that name; the outputs are {found_heads(heads_of(arch))}"
    return "; ".join([found_heads(found), *(note.text for note in notes.opaque(arch))])


def sequence(
    form: Architecture, pattern: Pattern, nodes: Sequence[Node], ends: Iterable[int], anywhere: bool
) -> Explanation:
    """Where the words and the nearest way part."""
    alignment = align(pattern, nodes, ends, anywhere)
    if alignment is None:
        text = "no way reads so"
    elif anywhere and not alignment.agrees_somewhere:
        text = "none of it"
    else:
        text = _differences(alignment)
    told = [*notes.dead_ends(form.as_read), *notes.opaque(form)]
    lacks = _lacks(form, alignment) if alignment is not None else ()
    return _explained([text], [], told, _wrong(alignment), lacks)


def nowhere(form: Architecture, place: str) -> Explanation:
    """What there is instead of a layer, an input or a merge."""
    if place in MERGES:
        note = notes.without(form, place, f"«{place}»")
        return Explanation(note.text, list(note.nodes))
    inputs, outputs = (listed(map(form.node, numbers)) for numbers in (form.inputs, form.outputs))
    return Explanation(f"there is none; the inputs are {inputs}, the outputs {outputs}", [])


def _block(form: Architecture, block: ResidualBlock, asked: Residual) -> _Fault:
    """How far a block is from what is asked for, and in what."""
    faults = [
        *_body_faults(form, block, asked.body),
        *_way_faults(block, asked),
        *_shortcut_faults(block, asked),
        *_activation_faults(form, block, asked.activations),
        *_start_faults(form, block.fork, asked.start),
    ]
    return _Fault(
        sum(fault.cost for fault in faults),
        f"your block ending at {sized(block.node)}: {'; '.join(fault.text for fault in faults)}",
        tuple(chain.from_iterable(fault.nodes for fault in faults)),
        tuple(chain.from_iterable(fault.missing for fault in faults)),
    )


def _start_faults(
    form: Architecture, fork: Node | None, start: tuple[str, ...] | None
) -> list[_Fault]:
    """What stands before the place where a way begins that should begin at the input."""
    before = learning_before(form, fork) if start and fork else ()
    if not before:
        return []
    return [_Fault(1, f"it begins only after {named(before[-1])}", (before[-1],))]


def _about_sums(form: Architecture, asked: Residual, found: bool) -> list[Note]:
    """Known mistakes with sums; some are worth saying only where no block is found."""
    told = [
        replace(note, missing=_missing_shortcut(form, note.nodes[0], asked))
        for note in notes.doubled(form, "add")
    ]
    if not {"any", "stretched"} & set(asked.allowed):
        told += notes.stretched(form)
    if not found:
        told += notes.concatenated_instead(form)
    return told


def _body_faults(
    form: Architecture, block: ResidualBlock, body: Pattern | None
) -> Iterator[_Fault]:
    alignment = align(body, block.body, block.ends) if body and block.body else None
    if alignment is None or not alignment.cost:
        return
    late = _late(form, block, alignment)
    only = "only: " if late or not alignment.of("extra") else ""
    told = worded(block.body, QUIET & body.silent if body else QUIET)
    found = f"the shortcut leaves after {named(block.fork)}; the body between is {only}{told}"
    better = f"it should leave before {named(late)}" if late else _differences(alignment)
    if late:
        nodes = [block.node]
        lacks = tuple(connection("shortcut", up, block.node) for up in form.parents(late)[:1])
    else:
        nodes, lacks = _wrong(alignment), _lacks(form, alignment, block.fork, block.node)
    yield _Fault(alignment.cost, f"{found}; {better}", tuple(nodes), lacks)


def _way_faults(block: ResidualBlock, asked: Residual) -> Iterator[_Fault]:
    if block.ways not in asked.ways:
        yield _Fault(1, f"it adds {block.ways} tensors, expected {asked.ways}", (block.node,))
    elif asked.shortcuts is None and block.shortcut != "other" and not block.works:
        text = f"beside the shortcut is only {worded(block.body)}: nothing to go around"
        yield _Fault(0.9, text, block.body)


def _shortcut_faults(block: ResidualBlock, asked: Residual) -> Iterator[_Fault]:
    if "any" in asked.allowed or block.kind in asked.allowed:
        return
    if block.shortcut in asked.allowed:
        yield _Fault(0.9, "its two sides differ in shape", (block.node,))
        return
    kind = block.shortcut if block.shortcut not in {"other", "linear"} else ""
    layers = worded(block.skip, NORMS)
    if asked.shortcuts is None:
        text = f"nothing goes around: it adds {layers} and {worded(block.body)}"
        lack = connection("shortcut", block.fork, block.node)
        yield _Fault(0.9, text, (block.node,), (lack,))
        return
    what = f"{kind}: {layers}" if kind and block.skip else kind or layers
    wanted = " or ".join(asked.allowed)
    bare = not block.skip and "identity" not in asked.allowed
    lacks = (layer(wanted, block.fork, block.node),) if bare else ()
    text = f"its shortcut is {what}, expected {wanted}"
    yield _Fault(0.9, text, block.skip, lacks)


def _activation_faults(
    form: Architecture, block: ResidualBlock, allowed: Sequence[str] | None
) -> Iterator[_Fault]:
    if allowed is None or (block.activation or "none") in allowed:
        return
    found, wanted = block.activation or "no activation", " or ".join(allowed)
    text = f"after the sum comes {found}, expected {wanted}"
    if block.activation is None:
        yield _Fault(0.8, text, (), (layer(wanted, block.node),))
    else:
        wrong = (node for node in form.children(block.node) if node.kind in NORMS | {"act"})
        yield _Fault(0.8, text, tuple(wrong))


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


def _nearest(others: Iterable[Candidate], asked: Inception) -> list[Candidate]:
    """The modules of which fewest branches are missing or too many."""

    def distance(candidate: Candidate) -> tuple[int, int]:
        number = len(candidate[0].branches)
        return candidate[1].count(None) + asked.size.distance(number), -number

    return sorted(others, key=distance)[:NEAREST]


def _module(
    form: Architecture, module: Merge, at: Sequence[int | None], asked: Inception
) -> _Fault:
    """What is missing in a module and what is not expected."""
    spare = [branch for number, branch in enumerate(module.branches) if number not in at]
    wrong, parts, lacks = list[Node](), list[str](), list[Missing]()
    for pattern, number in zip(asked.branches, at, strict=True):
        if number is not None:
            continue
        alignment, branch = _nearest_branch(pattern, spare)
        if alignment is None:
            parts.append(f"the branch «{pattern.text}» is missing")
            if module.fork:
                lacks.append(layer(pattern.text, module.fork, module.node))
        else:
            spare.remove(branch)
            wrong += _wrong(alignment)
            lacks += _lacks(form, alignment, module.fork, module.node)
            found = f"for «{pattern.text}» there is {worded(branch)}"
            parts.append(f"{found}: {_differences(alignment)}")
    if asked.free:
        parts += _size_faults(module, asked)
    else:
        parts += (f"not expected: {worded(branch)}" for branch in spare)
        wrong += chain.from_iterable(spare)
    parts = parts or ["the branches are right"]
    if not joins_channels(module.node):
        wrong.append(module.node)
        parts.append("but they are not joined over channels")
    for fault in _start_faults(form, module.fork, asked.start):
        parts.append(fault.text)
        wrong += fault.nodes
    if not wrong and not lacks:
        wrong.append(module.node)
    return _Fault(0, f"at {sized(module.node)}: {'; '.join(parts)}", tuple(wrong), tuple(lacks))


def _nearest_branch(
    pattern: Pattern, branches: Iterable[tuple[Node, ...]]
) -> tuple[Alignment | None, tuple[Node, ...]]:
    """The branch that is most like an expression, if any is like it at all."""
    aligned = ((align(pattern, nodes, [n.id for n in nodes[-1:]]), nodes) for nodes in branches)
    near = [(alignment, nodes) for alignment, nodes in aligned if alignment is not None]
    best = min(near, key=lambda pair: pair[0].cost - len(pair[0].of("same")), default=None)
    if best is None or not best[0].agrees_somewhere:
        return None, ()
    far = best[0].of("missing") and not best[0].of("same")
    return (None, ()) if far else best


def _size_faults(module: Merge, asked: Inception) -> list[str]:
    number = len(module.branches)
    if number in asked.size:
        return []
    branches = ", ".join(map(worded, module.branches))
    return [f"{number} branches, expected {asked.size}: {branches}"]


def _wrong_skip(skip: Skip, kinds: Sequence[str]) -> _Fault:
    where = f"the skip from {sized(skip.partner)} to {named(skip.node)}"
    if skip.node.kind not in kinds:
        text = f"{where} is merged by {skip.node.kind}, expected {' or '.join(kinds)}"
    else:
        text = (
            f"{where} does not carry the tensor that is pooled next: "
            "save the one right before the pooling"
        )
    return _Fault(0, text, (skip.node,))


def _differences(alignment: Alignment) -> str:
    """An alignment in words: only where it differs."""
    parts = list(_differing(alignment.steps))
    more = len(parts) - MOST_DIFFERENCES
    return "; ".join(parts[:MOST_DIFFERENCES]) + (
        f"; and {more} more differences" if more > 0 else ""
    )


def _differing(steps: Iterable[Step]) -> Iterator[str]:
    missing: list[str] = []
    previous: Node | None = None
    for step in steps:
        if step.node is None:
            missing.append(step.expected)
            continue
        if missing:
            yield f"missing: {' '.join(missing)} before {part(step.node)}"
            missing = []
        if step.how == "instead":
            yield f"{part(step.node)} is {label(step.node)} where {step.expected} is expected"
        elif step.how == "extra":
            yield f"{part(step.node)} [{label(step.node)}] is not expected there"
        previous = step.node
    if missing:
        yield f"missing: {' '.join(missing)}" + (f" after {part(previous)}" if previous else "")


def _wrong(alignment: Alignment | None) -> list[Node]:
    """The nodes that differ."""
    steps = alignment.steps if alignment is not None else ()
    return [step.node for step in steps if step.node is not None and step.how != "same"]


def _lacks(
    form: Architecture, alignment: Alignment, fork: Node | None = None, end: Node | None = None
) -> tuple[Missing, ...]:
    """The words that are missing, where they belong; `fork` and `end` are the nodes between which
    the whole stands.
    """
    found: list[Missing] = []
    words: list[str] = []
    previous = fork
    for step in (*alignment.steps, None):
        if step is not None and step.node is None:
            words.append(step.expected)
            continue
        following = end if step is None else step.node
        if words and previous is None and following is not None:
            previous = next(iter(form.parents(following)), None)
        if words and previous is not None:
            found.append(layer(" ".join(words), previous, following))
        words, previous = [], following
    return tuple(found)


def _missing_shortcut(form: Architecture, node: Node, asked: Residual) -> tuple[Missing, ...]:
    """The shortcut to a sum that is given the end of its body alone."""
    fork = _before_body(form, form.parents(node)[0], asked)
    return () if fork is None else (connection("shortcut", fork, node),)


def _missing_sum(form: Architecture, asked: Residual) -> tuple[Missing, ...]:
    """The sum of a model that should be one block and is a straight line."""
    if asked.amount != Amount(1, 1):
        return ()
    end = _end_of_body(form, asked)
    fork = None if end is None else _before_body(form, end, asked)
    if end is None or fork is None:
        return ()
    readers = form.children(end)
    return (merge("add", (end, fork), readers[0] if len(readers) == 1 else None),)


def _end_of_body(form: Architecture, asked: Residual) -> Node | None:
    """Where what reads most as a body ends; where nothing is said of it, before the last activation
    of a model that gives feature maps.
    """
    if asked.body is not None:
        alignment = align(asked.body, form.nodes, form.outputs, anywhere=True)
        steps = alignment.steps if alignment is not None and alignment.agrees_somewhere else ()
        return next((step.node for step in reversed(steps) if step.node is not None), None)
    last = form.node(form.outputs[0])
    if last.size is None or not last.inputs:
        return None
    return form.parents(last)[0] if last.kind == "act" else last


def _before_body(form: Architecture, end: Node, asked: Residual) -> Node | None:
    """The node before a body that ends at `end`: before what reads most as is asked for; where
    nothing is said of it, before the last two layers that learn.
    """
    body = [end]
    while len(body[0].inputs) == 1 and len(body) < LONGEST_BODY:
        body.insert(0, form.parents(body[0])[0])
    starts = range(len(body) - 1, 0, -1)
    if asked.body is None:
        places = [place for place in starts if body[place].kind in LEARNING][:2]
        return body[places[-1] - 1] if places else None
    costs = {}
    for place in starts:
        alignment = align(asked.body, body[place:], [end.id])
        if alignment is not None and alignment.agrees_somewhere:
            costs[place] = alignment.cost
    return body[min(costs, key=lambda place: costs[place]) - 1] if costs else None


def _explained(
    lines: Sequence[str],
    faults: Sequence[_Fault],
    told: Sequence[Note],
    wrong: Iterable[Node] = (),
    missing: Iterable[Missing] = (),
) -> Explanation:
    """All of an explanation, each thing said once: what there is (of which `wrong` is and `missing`
    is not), the faults, and what else is worth saying.
    """
    said = [*lines, *(fault.text for fault in faults), *(note.text for note in told)]
    short = dict.fromkeys(shown(line, LONGEST_LINE) for line in said)
    text = "\n".join(_capitalised(line) for line in short if line) or "none"
    parts: list[_Fault | Note] = [*faults, *told]
    nodes = [*wrong, *chain.from_iterable(part.nodes for part in parts)]
    lacks = [*missing, *chain.from_iterable(part.missing for part in parts)]
    return Explanation(text, list(dict.fromkeys(nodes)), tuple(dict.fromkeys(lacks)))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].isalpha() else text


def _so_many(hits: Sequence[object], what: str) -> list[str]:
    return [f"{len(hits)} such {what}{'' if len(hits) == 1 else 's'}"] if hits else []


def _number_of(amount: Amount, what: str) -> str:
    if (amount.low, amount.high) == (1, None):
        return f"at least one {what}"
    return f"{amount} {what}" if str(amount) in {"1", "at least 1"} else f"{amount} {what}s"
