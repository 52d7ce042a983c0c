"""Claims that are no branch expression, as graders make them:
each gives what is wrong, in the student's names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import residual_blocks, skips
from autograder.architecture.facts import batch_norms, heads, preparations, trunk
from autograder.architecture.kinds import LEARNING
from autograder.architecture.notes import listed, named, sized
from autograder.architecture.parameters import frozen, unfrozen
from autograder.architecture.reach import (
    dead_ends,
    inputs_reaching,
    outputs_reached,
    shared_layers,
)

Fact = Callable[[Architecture], str]


def unshared(arch: Architecture) -> str:
    """Each place has a layer of its own."""
    nodes = [node for calls in shared_layers(canonical(arch)).values() for node in calls]
    return f"{listed(dict.fromkeys(nodes))} used {len(nodes)} times" if nodes else ""


def norms_over_channels(arch: Architecture) -> str:
    """Batch norms normalise channels."""
    rows = [norm.node for norm in batch_norms(arch) if not norm.channels_last]
    return f"{listed(rows)} normalises another axis than the channels" if rows else ""


def norms_before_activation(arch: Architecture) -> str:
    """Convolution, batch norm, activation."""
    late = [norm.node for norm in batch_norms(arch) if norm.after_activation]
    return f"an activation right before {listed(late)}" if late else ""


def no_idle_bias(arch: Architecture) -> str:
    """A layer before a batch norm has no bias."""
    idle = [norm.layer for norm in batch_norms(arch) if norm.layer is not None and norm.bias]
    return f"a bias in {listed(idle)}" if idle else ""


def nothing_idle(arch: Architecture) -> str:
    """Every input and layer reaches an output."""
    return f"{listed(dead_ends(arch))} reaches no output" if dead_ends(arch) else ""


def blocks(widths: list[int], sizes: list[int], projected: list[int]) -> Fact:
    """The residual blocks' widths, heights and places of projections, in order."""

    def wrong(arch: Architecture) -> str:
        found = residual_blocks(arch)
        got = [(block.node.channels, (block.node.size or (None,))[0]) for block in found]
        told = []
        if got != list(zip(widths, sizes, strict=True)):
            told.append(f"blocks of {', '.join(sized(block.node) for block in found) or 'no size'}")
        at = [place for place, block in enumerate(found) if block.shortcut != "identity"]
        if at != projected:
            nodes = [node for place in at for node in found[place].skip]
            told.append(f"{len(at)} projections, with {listed(nodes)}")
        return "; ".join(told)

    return wrong


def prepared(arch: Architecture) -> str:
    """Augmentation and rescaling come before the first convolution."""
    late = [found.node for found in preparations(arch) if not found.before_convolutions]
    return f"{listed(late)} not before the first convolution" if late else ""


def partners(sizes: list[int]) -> Fact:
    """The encoder's tensors of a U-Net's skips, in the decoder's order,
    and where they meet the decoder's.
    """

    def wrong(arch: Architecture) -> str:
        got = [(skip.partner.size or (None,))[0] for skip in skips(arch)]
        return (
            ""
            if got == sizes
            else f"skips from {', '.join(sized(skip.partner) for skip in skips(arch)) or 'nowhere'}"
        )

    return wrong


def direct(arch: Architecture) -> str:
    """Nothing stands on a skip."""
    nodes = [
        node for skip in skips(arch) for node in skip.shallow if node.kind in LEARNING | {"resize"}
    ]
    return f"{listed(nodes)} on a skip" if nodes else ""


def seen_only(kinds: frozenset[str], name: str) -> Fact:
    """Layers of some kinds depend on the input `name` alone."""

    def wrong(arch: Architecture) -> str:
        form, wanted = canonical(arch), {node.id for node in arch.find(name)}
        reaching = inputs_reaching(form)
        bad = [node for node in form.nodes if node.kind in kinds and reaching[node.id] != wanted]
        return f"{listed(bad)} sees more than «{name}»" if bad else ""

    return wrong


def inputs(*names: str) -> Fact:
    """Inputs of these names, all of which reach the first output."""

    def wrong(arch: Architecture) -> str:
        given = [arch.node(number) for number in arch.inputs]
        if sorted(node.name for node in given) != sorted(names):
            return f"the inputs are {listed(given)}"
        reached = outputs_reached(arch)
        lost = [node for node in given if not reached.get(node.id)]
        return f"{listed(lost)} reaches no output" if lost else ""

    return wrong


def outputs(*names: str) -> Fact:
    """Outputs of just these names."""

    def wrong(arch: Architecture) -> str:
        got = sorted(head.name for head in heads(arch))
        return (
            ""
            if got == sorted(names)
            else f"the outputs are {listed(head.node for head in heads(arch))}"
        )

    return wrong


def vectors(arch: Architecture) -> str:
    """What is concatenated are processed vectors, one from each input."""
    form = canonical(arch)
    reaching = inputs_reaching(form)
    joined = [node for node in form.nodes if node.kind == "concat"]
    for node in joined:
        parents = form.parents(node)
        raw = [parent for parent in parents if parent.kind == "input"]
        if raw:
            return f"{named(node)} takes {listed(raw)} as it is"
        if any(parent.shape is None or len(parent.shape) != 2 for parent in parents):
            return f"{named(node)} joins {', '.join(map(sized, parents))}, which are no vectors"
        if sorted(len(reaching[parent.id]) for parent in parents) != [1, 1]:
            return f"{named(node)} joins {listed(parents)}, not one vector from each input"
    return "" if len(joined) == 1 else f"{len(joined)} concatenations: {listed(joined)}"


def one_trunk(arch: Architecture) -> str:
    """All convolutions are shared by both outputs, which have their own last layers."""
    form, both = canonical(arch), {node.id for node in trunk(arch)}
    blind = [
        h for h in heads(arch) if not any(node.kind == "conv" for node in _before(form, h.node))
    ]
    if blind:
        return f"{listed(head.node for head in blind)} is computed without a convolution"
    apart = [
        node for node in form.nodes if node.kind in LEARNING - {"dense"} and node.id not in both
    ]
    if apart:
        return f"{listed(apart)} leads to one output only"
    if not any(node.kind == "conv" for node in trunk(arch)):
        return f"no convolution in the trunk, which is {listed(trunk(arch))}"
    common = [head.layer for head in heads(arch) if head.layer is None or head.layer.id in both]
    last = [head.layer for head in heads(arch) if head.layer is not None]
    if common or len({node.layer for node in last}) < len(heads(arch)):
        return f"the outputs share their last layer, {listed(last)}"
    others = {head.layer.id for head in heads(arch) if head.layer is not None}
    return next(
        (
            f"{named(h.node)} is computed from {listed(before)}, another output's"
            for h in heads(arch)
            if (before := [n for n in _before(form, h.node) if n.id in others and n is not h.layer])
        ),
        "",
    )


def one_encoder(arch: Architecture) -> str:
    """Before the comparison each layer is called once for each input, and afterwards on both."""
    form = canonical(arch)
    reaching = inputs_reaching(form)
    learning = [node for node in form.nodes if node.kind in LEARNING]
    calls: dict[str, list[Node]] = {}
    for node in learning:
        calls.setdefault(node.layer, []).append(node)
    sides = {
        layer: sorted(sorted(reaching[node.id]) for node in nodes) for layer, nodes in calls.items()
    }
    each = sorted([number] for number in arch.inputs)
    encoder = [layer for layer, got in sides.items() if got == each]
    after = [layer for layer, got in sides.items() if got == [sorted(arch.inputs)]]
    odd = [
        node for layer, nodes in calls.items() if layer not in {*encoder, *after} for node in nodes
    ]
    if odd:
        return f"{listed(odd)} not called once for each input"
    if not any(calls[layer][0].kind == "conv" for layer in encoder):
        return f"the encoder has no convolution: {listed(calls[layer][0] for layer in encoder)}"
    return ""


def compared(arch: Architecture) -> str:
    """One absolute difference of the two sides' embeddings, read by all that follows."""
    form = canonical(arch)
    reaching = inputs_reaching(form)
    merges = [node for node in form.nodes if len(node.inputs) > 1]
    if [node.kind for node in merges] != ["sub"]:
        return (
            "the two sides are merged by "
            f"{', '.join(f'{named(n)} [{n.kind}]' for n in merges) or 'nothing'}"
        )
    merge = merges[0]
    sides = form.parents(merge)
    if sorted(sorted(reaching[side.id]) for side in sides) != sorted(
        [number] for number in arch.inputs
    ):
        return f"{named(merge)} compares {listed(sides)}, which are not one side each"
    if sides[0].layer != sides[1].layer or any(
        side.shape is None or len(side.shape) != 2 for side in sides
    ):
        return (
            f"{named(merge)} compares {', '.join(map(sized, sides))}, "
            "not the encoder's two embeddings"
        )
    readers = form.children(merge)
    if [reader.cls for reader in readers] != ["Absolute"]:
        return f"{named(merge)} is read by {listed(readers)}, expected the absolute value"
    return ""


def trains_only_head(names: Iterable[str]) -> Fact:
    """All layers of the base are there, each once, none of which trains; everything else does."""
    wanted = tuple(names)

    def wrong(arch: Architecture) -> str:
        lost = [name for name in wanted if not arch.find(name)]
        if lost:
            return f"«{'», «'.join(lost)}» of the base is not in the model"
        twice = [node for name in wanted for node in arch.find(name)[1:]]
        if twice:
            return f"{listed(twice)} called more than once"
        base = {node.id for name in wanted for node in arch.find(name)}
        bad = [node for node in unfrozen(arch) if node.id in base]
        bad += [node for node in frozen(arch) if node.id not in base]
        return f"{listed(bad)} {'trains' if bad[0].trainable else 'does not train'}" if bad else ""

    return wrong


def _before(form: Architecture, node: Node) -> list[Node]:
    seen = set(node.inputs)
    for other in reversed(form.nodes):
        if other.id in seen:
            seen.update(other.inputs)
    return [other for other in form.nodes if other.id in seen]
