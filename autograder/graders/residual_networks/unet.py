"""unet: an encoder, a decoder, and a skip between them at each level
(Ronneberger et al. 2015, figure 1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import joins_channels, skips
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.layers import activation, resampling
from autograder.architecture.merges import merges
from autograder.architecture.missing import connection
from autograder.judge import Call, Case, Question, cases, expect, weight
from autograder.judge.structure import activation_at, at, differing, names
from autograder.records import CellError

from ._blocks import built, expect_images, expect_shape, expect_training
from ._unet_mistakes import (
    depth_of,
    mask_mistake,
    size_mistake,
    skips_mistake,
    unet_error,
    unet_widths_mistake,
)

KERAS_SAYS = re.compile(
    r"`Concatenate` layer requires|Every value in `xs`|^Inputs have incompatible shapes"
)


def questions(rng: np.random.Generator) -> dict[str, Question]:
    classes, width = int(rng.integers(3, 8)), int(rng.integers(3, 7))
    high, wide = (int(n) for n in 16 * rng.choice(range(2, 6), 2, replace=False))
    offset = int(rng.integers(1, 8))
    return {
        "default": Call("build_unet", ((64, 64, 3),)),
        "classes": Call("build_unet", ((high, wide, 3), classes), {"base_filters": width}),
        "shallow": Call(
            "build_unet", ((wide + 4, high + 4, 1),), {"base_filters": width, "depth": 2}
        ),
        "deep": Call("build_unet", ((high, high, 3), 2), {"base_filters": width, "depth": 4}),
        "odd": Call("build_unet", ((high + offset, wide + offset, 3),), {"base_filters": width}),
        "uneven": Call("build_unet", ((wide + 4, high, 3),), {"base_filters": width}),
        "free": Call("build_unet", ((None, None, 3),)),
        "free_shallow": Call("build_unet", ((None, None, 3),), {"depth": 2}),
    }


@weight(2)
@cases("default", "classes", "shallow", "deep")
def test_output_size(case: Case) -> None:
    """It takes images of the shape asked for, and its output is as large, with one channel for each
    class.
    """
    expect_images(case)
    expect_size(case)


@weight(4)
@cases("default")
def test_skips(case: Case) -> None:
    """With depth 3, three tensors of the encoder are concatenated into the decoder."""
    built(case, "free").expect('unet(skips=3, partner="any")', mistake=skips_mistake)


@weight(2)
@cases("shallow", "deep")
def test_depth(case: Case) -> None:
    """There are as many levels as `depth` says."""
    here = built(case, "free_shallow")
    plain = built(replace(case, name="default"), "free")
    if plain.says('unet(skips=3, partner="any")'):
        here.expect(f'unet(skips={depth_of(here)}, partner="any")', mistake=skips_mistake)
    else:
        here.expect(f'count("down") == {depth_of(here)}', mistake=skips_mistake)


@weight(2)
@cases("default")
def test_before_pooling(case: Case) -> None:
    """Each skip begins at the encoder's tensor before its pooling."""
    here = built(case, "free")
    late = [(node, partner) for node, partner in expect_ties(here) if is_pooled(here, partner)]
    begins = names(partner for _, partner in late)
    found, known = f"skips that begin after it, at {begins}", "unet_skip_after_pooling"
    missing = [connection("skip", unpooled(here, partner), node) for node, partner in late]
    place = at(node for node, _ in late)
    wanted = "skips that begin before the pooling"
    expect(not late, wanted, found, known, place=place, missing=missing)


@weight(2)
@cases("default", "classes")
def test_partners(case: Case) -> None:
    """Each level has its own skip: the encoder's tensor meets
    the decoder's of the same resolution.
    """
    found, wanted = expect_ties(case), sizes_upwards(case)
    sizes = [partner.size for _, partner in found]
    place = at(differing((node for node, _ in found), sizes, wanted))
    known = "unet_skips_in_encoder_order"
    expect(sizes == wanted, f"skips at {wanted}", sizes, mistake=known, place=place)


@weight(2)
@cases("default", "classes")
def test_widths(case: Case) -> None:
    """The first level has `base_filters` filters, and each one below it twice as many; all of them
    train.
    """
    here = built(case, "free")
    found, wanted = widths_upwards(here), planned_widths(here)
    place = at(of_other_width(here, found, wanted))
    expected = f"levels of {wanted} channels, from the lowest up"
    expect(found == wanted, expected, found, unet_widths_mistake(found, wanted), place=place)
    expect_training(here)


@weight(2)
@cases("default", "classes")
def test_activation(case: Case) -> None:
    """Per pixel the output is a sigmoid for one class, a softmax over several."""
    here = built(case, "free")
    one, last = classes_of(here) == 1, before_cropping(here.architecture)
    wanted, classes = ("sigmoid", "one class") if one else ("softmax", "several classes")
    expected, found = f"{wanted} for {classes}", activation(last) or "no activation"
    tried = found == "no activation" and here.name == case.name
    right = found == wanted or (tried and written_out(here, wanted))
    known = mask_mistake(wanted, found, last.channels)
    expect(right, expected, found, known, **activation_at(last, found, wanted))


@weight(2)
@cases("odd", "uneven")
def test_other_sizes(case: Case) -> None:
    """A size that 2^depth does not divide is handled,
    or refused by a ValueError that names the size or the divisor.
    """
    # whoever refuses every size, refuses none for a reason
    _ = replace(case, name="default").architecture
    if (error := case.answers.refusal(case.name)) is not None:
        expect_own_words(case, error)
    else:
        expect_size(case)


diagnose = unet_error


def classes_of(case: Case) -> int:
    """How many classes were asked for; one where nothing is said."""
    return int(case.args[1]) if case.args[1:] else 1


def sizes_upwards(case: Case) -> list[tuple[int, int]]:
    """Height and width of each level, from the lowest up."""
    height, wide, _ = case.args[0]
    return [(height // 2**level, wide // 2**level) for level in reversed(range(depth_of(case)))]


def planned_widths(case: Case) -> list[int]:
    """Channels of each level, from the lowest up, the bottom among them."""
    base = int(case.kwargs.get("base_filters", 16))
    return [base * 2**level for level in reversed(range(depth_of(case) + 1))]


def widths_upwards(case: Case) -> list[int | None]:
    """Channels at the bottom, and of what each skip hands on; where there are not as many skips as
    levels, those of the convolutions of its size: the right ones if they are among others.
    """
    height, wide, _ = case.args[0]
    wanted, handed = planned_widths(case), [s.partner.channels for s in skips(case.architecture)]
    convolutions = [n for n in canonical(case.architecture).nodes if n.kind == "conv"]

    def there(level: int) -> int:
        size = None if height is None else (height // 2**level, wide // 2**level)
        widths = {n.channels or 0 for n in convolutions if size in {None, n.size}}
        plan = wanted[len(wanted) - 1 - level]
        return plan if plan in widths else max(widths, default=0)

    depth = depth_of(case)
    if len(handed) != depth:
        handed = [there(level) for level in reversed(range(depth))]
    elif height is None:  # whether each meets its own level is asked above
        handed = sorted(handed, key=lambda width: -(width or 0))
    return [there(depth), *handed]


def expect_ties(case: Case) -> list[tuple[Node, Node]]:
    """Where skips end, and the tensors of the encoder at which they begin; whether they are added
    or laid below one another has its price above.

    Raises:
        Failure: there are none.
    """
    found = [(skip.node, skip.partner) for skip in skips(case.architecture)]
    stacked = [
        (merge.node, merge.fork)
        for merge in merges(case.architecture)
        if merge.kind == "concat" and not joins_channels(merge.node)
        if merge.fork is not None and not all(merge.branches)
    ]
    ties = found or stacked
    known = None if ties else skips_mistake(case)
    expect(bool(ties), "skips from the encoder to the decoder", "none", mistake=known)
    return ties


def of_other_width(case: Case, found: Sequence[int | None], wanted: Sequence[int]) -> list[Node]:
    """What shows that widths differ: at the bottom, and of what skips hand on where that is what
    was found.
    """
    low = bottom(case) if found[0] != wanted[0] else []
    partners = [skip.partner for skip in skips(case.architecture)]
    handed = [partner.channels for partner in partners] == list(found[1:])
    return [*low, *differing(partners, found[1:], wanted[1:])] if handed else low


def lowest_of(case: Case) -> list[Node]:
    """What is at the bottom, as small as `depth` poolings make it; nothing where sizes are open."""
    height, wide, _ = case.args[0]
    if height is None:
        return []
    size = (height // 2 ** depth_of(case), wide // 2 ** depth_of(case))
    return [node for node in canonical(case.architecture).nodes if node.size == size]


def bottom(case: Case) -> list[Node]:
    """The convolutions there."""
    return [node for node in lowest_of(case) if node.kind in CONVOLUTIONS]


def written_out(case: Case, wanted: str) -> bool:
    """Whether an output without an activation that has a name gives such numbers all the same."""
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *case.args[0])).astype("float32")
    values = np.asarray(case.model(pixels, training=False))
    sums = values.sum(axis=-1)
    level = bool(np.allclose(sums, 1, atol=1e-3))
    between = bool(((values >= 0) & (values <= 1)).all())
    return between and level == (wanted == "softmax")


def expect_size(case: Case) -> None:
    """Fail unless the output is as large as the image."""
    expect_shape(case, *case.args[0][:2], classes_of(case), mistake=size_mistake)


def expect_own_words(case: Case, error: CellError) -> None:
    """Fail unless an error is the student's own, and says which size or divisor is meant."""
    numbers = [str(number) for number in (2 ** depth_of(case), *case.args[0][:2])]
    named = not set(numbers).isdisjoint(re.findall(r"\d+", error.message))
    whose = "Keras' own" if KERAS_SAYS.search(error.message) else "a"
    one = f"a ValueError of your own that names {' or '.join(numbers)}"
    expect(
        error.type == "ValueError" and named and not KERAS_SAYS.search(error.message),
        f"an output of the input's size, or {one}",
        f"{whose} {error.type}: {error.message[:200]}",
        mistake="unet_odd_sizes_not_handled",
    )


def is_pooled(case: Case, node: Node) -> bool:
    """Whether a tensor comes right out of a pooling, batch norm and activation left out."""
    return resampling(before_quiet(case, node)) < 1


def unpooled(case: Case, node: Node) -> Node:
    """What was pooled to give a tensor."""
    return canonical(case.architecture).parents(before_quiet(case, node))[0]


def before_quiet(case: Case, node: Node) -> Node:
    """A node, or the one before its batch norm and activation."""
    while node.kind in {"bn", "act"}:
        (node,) = canonical(case.architecture).parents(node)
    return node


def before_cropping(architecture: Architecture) -> Node:
    """The output, or what it is cut out of."""
    form = canonical(architecture)
    node = form.node(form.outputs[0])
    while node.kind in {"crop", "getitem", "reshape", "resize"}:
        (node,) = form.parents(node)
    return node
