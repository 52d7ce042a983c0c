"""Facts about architectures: merges, blocks, heads, resolutions, freezing, order."""

import dataclasses
import gc
import weakref
from typing import Any

import keras
import networkx as nx
import pytest

from autograder.architecture import Architecture, canonical, match, read
from autograder.architecture.blocks import (
    doubled_merges,
    inception_modules,
    residual_blocks,
    skips,
    sums,
)
from autograder.architecture.facts import (
    batch_norms,
    heads,
    ladder,
    preparations,
    separable_convolutions,
    trunk,
)
from autograder.architecture.merges import immediate_dominators, joined_merges, merges
from autograder.architecture.parameters import count_parameters, frozen, unfrozen
from autograder.architecture.reach import dead_ends, shared_layers

L = keras.layers


def conv(filters: int = 8, size: int = 3, **settings: Any) -> Any:
    return L.Conv2D(filters, size, **{"padding": "same", **settings})


def image(size: int | None = 32, channels: int = 8) -> Any:
    return keras.Input((size, size, channels), name="image")


def unet(
    where: str = "before",
    merge: str = "concat",
    size: int | None = 32,
    up: str = "transposed",
    silent: bool = False,
) -> Architecture:
    """A U-Net of depth 2; `where` the skips leave, how they are merged, how it goes up."""
    x = given = image(size, 3)
    skips = []
    for filters in (8, 16):
        x = first = conv(filters, activation="relu")(x)
        x = conv(filters, name=f"encoder_{filters}")(x)
        if where == "before":
            skips.append(x)
        if silent:
            x = L.Dropout(0.1)(L.ReLU()(L.BatchNormalization()(x)))
        x = L.MaxPooling2D(name=f"pool_{filters}")(x)
        skips += {"after": [x], "early": [first]}.get(where, [x] if where != "before" else [])
    x = conv(32, activation="relu")(x)
    for filters, skip in zip((16, 8), reversed(skips), strict=True):
        if where == "after":
            x = L.Concatenate()([x, skip])
        x = (
            L.Conv2DTranspose(filters, 2, strides=2)(x)
            if up == "transposed"
            else conv(filters, 2)(L.UpSampling2D()(x))
        )
        if where == "decoder":
            x = L.Concatenate()([x, conv(filters)(x)])
        elif where in {"before", "early"}:
            x = L.Concatenate()([skip, x]) if merge == "concat" else x + skip
        x = conv(filters, activation="relu")(x)
    return read(keras.Model(given, conv(1, 1, activation="sigmoid")(x)))


def residual(
    x: Any, filters: int, strides: int = 1, shortcut: str = "auto", pool: bool = False
) -> Any:
    """A block after He et al.; `shortcut` otherwise: what stands there."""
    y = L.ReLU()(L.BatchNormalization()(conv(filters, strides=1 if pool else strides)(x)))
    y = L.BatchNormalization()(conv(filters)(y))
    y = L.MaxPooling2D(3, strides=2, padding="same")(y) if pool else y
    same = strides == 1 and x.shape[-1] == filters
    s = {
        "auto": lambda: x if same else L.BatchNormalization()(conv(filters, 1, strides=strides)(x)),
        "pool": lambda: L.MaxPooling2D(1, strides=strides)(x),
        "wide": lambda: conv(filters, 3, strides=strides)(x),
        "norm": lambda: L.BatchNormalization()(x),
    }[shortcut]()  # fmt: skip
    return L.ReLU()(y + s)


# ---- merges


def test_dominators_are_those_that_networkx_finds() -> None:
    """Forks of a network with long and short ways, several inputs included."""
    a, b = keras.Input((16, 16, 8)), keras.Input((16, 16, 8))
    x = a
    kept = []
    for step in range(6):
        x = L.ReLU()(conv(8)(x) + x)
        kept.append(x)
        if step > 1:
            x = L.Concatenate()([x, kept[step - 2]])
            x = conv(8, 1)(x)
    arch = canonical(read(keras.Model([a, b], L.Concatenate()([x, kept[0], conv(8)(b)]))))
    graph = nx.DiGraph([(parent, node.id) for node in arch.nodes for parent in node.inputs])
    graph.add_edges_from((-1, number) for number in arch.inputs)
    expected = dict(nx.immediate_dominators(graph, -1))
    assert {number: -1 if d is None else d for number, d in immediate_dominators(arch).items()} == {
        number: d for number, d in expected.items() if number != -1
    }


def test_a_merge_has_a_fork_and_branches() -> None:
    """The fork is the last tensor that all ways share;
    branches are the nodes between, one for each input.
    """
    given = image()
    x = conv(8, name="stem")(given)
    merged = L.Concatenate(name="join")(
        [conv(4, name="a2")(conv(4, name="a1")(x)), conv(4, name="b1")(x), x]
    )
    (merge,) = merges(read(keras.Model(given, merged)))
    assert merge.node.name == "join"
    assert merge.fork is not None
    assert merge.fork.name == "stem"
    assert [[node.name for node in branch] for branch in merge.branches] == [
        ["a1", "a2"],
        ["b1"],
        [],
    ]


def test_two_inputs_have_no_fork() -> None:
    """Where nothing is shared there is none."""
    a, b = keras.Input((4,)), keras.Input((4,))
    (merge,) = merges(read(keras.Model([a, b], L.Concatenate()([L.Dense(2)(a), b]))))
    assert merge.fork is None


def test_a_doubled_tensor_is_no_merge_but_is_noted() -> None:
    """`Add()([x, x])`."""
    given = image()
    arch = read(keras.Model(given, L.Add(name="twice")([given, given])))
    assert merges(arch) == ()
    assert [node.name for node in doubled_merges(arch)] == ["twice"]


# ---- residual blocks


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda x: residual(x, 8), ["identity"]),
        (lambda x: residual(x, 16, 2), ["projection"]),
        (lambda x: residual(x, 8, 2, "pool"), ["pool"]),
        (lambda x: residual(x, 16, 2, pool=True), ["projection"]),
        (
            lambda x: residual(residual(residual(x, 8), 16, 2), 16),
            ["identity", "projection", "identity"],
        ),
        (lambda x: residual(x, 8, 1, "wide"), []),
        (lambda x: residual(x, 8, 1, "norm"), ["linear"]),
        (lambda x: L.ReLU()(x) + L.BatchNormalization()(x), []),
        (lambda x: L.Concatenate()([conv(8)(x), x]), []),
        (lambda x: conv(8)(x) - x, []),
        (lambda x: x + L.Dropout(0.2)(conv(8)(x) * 0.1), ["identity"]),
    ],
)
def test_shortcuts_are_told_apart(build: Any, expected: list[str]) -> None:
    """Identity, one 1×1 projection (batch norm is free), one pooling, or linear otherwise;
    everything else is no residual block.
    """
    given = image()
    assert [
        block.shortcut for block in residual_blocks(read(keras.Model(given, build(given))))
    ] == expected


def body(x: Any, filters: int = 8, strides: int = 1) -> Any:
    """Two convolutions with an activation between."""
    return conv(filters)(L.ReLU()(conv(filters, strides=strides)(x)))


def padded(x: Any) -> Any:
    """Every second pixel, and zeros as new channels (option A of He et al.)."""
    return keras.ops.pad(x[:, ::2, ::2], [[0, 0], [0, 0], [0, 0], [4, 4]])


CONNECTIONS: dict[str, tuple[bool, Any]] = {
    "beside each other": (False, lambda x: conv()(x) + L.SeparableConv2D(8, 3, padding="same")(x)),
    "two bodies": (False, lambda x: body(x) + body(x)),
    "three bodies": (False, lambda x: L.Add()([body(x), body(x), conv()(x)])),
    "two projections": (False, lambda x: conv(8, 1)(x) + conv(8, 1)(x)),
    "a projection and the input": (False, lambda x: x + L.BatchNormalization()(conv(8, 1)(x))),
    "a pooling and a projection": (
        False,
        lambda x: L.AveragePooling2D(3, 1, padding="same")(x) + conv(8, 1)(x),
    ),
    "an activation and the input": (False, lambda x: x + L.ReLU()(x)),
    "an activation on the way": (False, lambda x: body(x) + conv(8, 1, activation="relu")(x)),
    "a way of one channel": (False, lambda x: body(x) + conv(1, 1)(x)),
    "a difference": (False, lambda x: L.Subtract()([x, body(x)])),
    "one convolution": (True, lambda x: x + conv()(x)),
    "an activated projection": (True, lambda x: x + conv(8, 1, activation="relu")(x)),
    "two bodies and the input": (True, lambda x: L.Add()([body(x), x, body(x)])),
    "two bodies, then the input": (True, lambda x: (body(x) + body(x)) + x),
    "the input, then another body": (True, lambda x: (body(x) + x) + body(x)),
    "bodies with a common start": (
        True,
        lambda x: L.Add()([x, *(conv()(y) for y in [conv(8, 1)(x)] * 2)]),
    ),
    "pooled, then projected": (
        True,
        lambda x: body(x, 16, 2) + L.BatchNormalization()(conv(16, 1)(L.AveragePooling2D(2)(x))),
    ),
    "normed": (True, lambda x: body(x) + L.BatchNormalization()(x)),
    "cut and padded": (True, lambda x: body(x, 16, 2) + padded(x)),
    "zeros and a body": (False, lambda x: 0 * x + body(x)),
    "zeros from a layer": (False, lambda x: L.Rescaling(0.0)(x) + body(x)),
    "zeros of a body": (False, lambda x: x + body(x) * 0.0),
    "zeros as new channels": (
        True,
        lambda x: body(x, 16) + L.Concatenate()([x, keras.ops.zeros_like(L.MaxPooling2D(1, 1)(x))]),
    ),
    "scaled": (True, lambda x: 0.5 * x + 0.5 * body(x)),
    "by a vector, stretched": (
        True,
        lambda x: x + conv(8, 1)(L.ReLU()(conv(4, 1)(L.GlobalAveragePooling2D(keepdims=True)(x)))),
    ),
}


@pytest.mark.parametrize("case", CONNECTIONS)
def test_a_residual_connection_goes_around_what_works(case: str) -> None:
    """One way linear and pixel by pixel, one that learns and does more; other ways are free."""
    expected, build = CONNECTIONS[case]
    given = image()
    arch = read(keras.Model(given, build(given)))
    assert bool(residual_blocks(arch)) is expected
    assert match("residual()", arch).ok is expected


def unread() -> Architecture:
    """A nested model of two outputs, of which only the first is read."""
    given, inside = image(), image()
    rest = L.SeparableConv2D(8, 3, padding="same")(L.RandomFlip()(inside)) + inside
    inner = keras.Model(inside, [conv()(inside), L.Concatenate()([rest, conv(4)(inside), inside])])
    return read(keras.Model(given, conv(name="last")(inner(given)[0])))


def multiplied() -> Architecture:
    """A network that counts for nothing: zero times it is added to a single convolution."""
    given = image()
    rest = L.SeparableConv2D(8, 3, padding="same")(L.RandomFlip()(given)) + given
    rest = L.Concatenate()([rest, conv(4)(given), given])
    return read(keras.Model(given, conv(name="last")(conv()(given)) + 0.0 * conv()(rest)))


@pytest.mark.parametrize("build", [unread, multiplied])
@pytest.mark.parametrize(
    "claim",
    ["residual()", 'residual(shortcut="any")', 'inception(branches="2+")', 'count("augment")',
     'count("sepconv")', 'contains("sepconv")', 'path(".* sepconv .*")', 'count("concat")',
     'between("sepconv", "output").contains("conv")', 'unet(partner="any")'],
)  # fmt: skip
def test_what_counts_for_nothing_passes_nothing(build: Any, claim: str) -> None:
    """Neither what no output needs, nor what is multiplied by zero."""
    arch = build()
    assert not match(claim, arch).ok
    assert [node.kind for node in canonical(arch).nodes if node.kind == "conv"] == ["conv"] * 2
    assert (preparations(arch), separable_convolutions(arch), residual_blocks(arch)) == ((), (), ())


def test_a_skip_or_an_input_that_is_multiplied_by_zero_is_none() -> None:
    """The decoder then gets nothing of the encoder, and an output nothing of that input."""
    given, other = image(), keras.Input((32, 32, 2), name="idle")
    up = L.UpSampling2D()(conv()(L.MaxPooling2D(2)(given)))
    for factor in (1.0, 0.0):
        joined = L.Concatenate()([factor * given, up, factor * other])
        form = canonical(read(keras.Model([given, other], conv(1)(joined))))
        assert [node.name for node in dead_ends(form)] == ["idle"] * (factor == 0)
    assert skips(read(keras.Model(given, L.Concatenate()([0 * given, up])))) == ()


@pytest.mark.parametrize(
    ("layer", "idle"),
    [
        (L.Dropout(1e-9), True),
        (L.Dropout(0.01), False),
        (L.GaussianNoise(0.0), True),
        (L.GaussianNoise(0.05), False),
        (L.RandomRotation(1e-12), True),
        (L.RandomTranslation(0.0, 0.1), False),
        (L.RandomErasing(factor=0.0), True),
        (L.RandomSaturation(0.0), False),  # takes all colour away
        (L.RandomPosterization(8), False),  # keeps one to eight bits
    ],
)
def test_what_changes_next_to_nothing_is_passed_over(layer: Any, idle: bool) -> None:
    """An amount, or a probability, of zero or so; what training says in a call is no amount, since
    Keras overwrites it.
    """
    given = image()
    arch = read(keras.Model(given, layer(given, training=False)))
    assert (arch.nodes[-1].kind == "identity") is idle


def test_a_dropout_of_nothing_and_a_kernel_of_one_pixel_count_for_nothing() -> None:
    """The one leaves nothing out, the other looks at no neighbours."""
    given = image()
    x = L.Dropout(0.0)(L.SeparableConv2D(8, 1)(given))
    arch = read(keras.Model(given, conv(8, 1)(L.DepthwiseConv2D(1)(x))))
    assert not match('count("dropout")', arch).ok
    assert separable_convolutions(arch) == ()


def test_a_stride_before_a_projection_is_the_projection_s() -> None:
    """A pooling of single pixels only leaves pixels out; a larger one averages them."""
    given = image()
    ways = [L.MaxPooling2D(1, strides=2), L.AveragePooling2D(2)]
    sides = [conv(16, 1)(way(given)) for way in ways]
    found = [sums(read(keras.Model(given, body(given, 16, 2) + side))) for side in sides]
    assert [block.shortcut for (block,) in found] == ["projection", "linear"]


def test_a_body_of_several_ways_ends_with_each_of_them() -> None:
    """Of three tensors that are added; a claim may ask for two."""
    given = image()
    arch = read(keras.Model(given, L.Add()([conv(8, 1)(conv()(given)), given, body(given)])))
    (block,) = sums(arch)
    assert (block.shortcut, block.ways, len(block.ends)) == ("identity", 3, 2)
    assert match('residual(body="conv3x3 conv1x1")', arch).ok
    assert match('residual(body="conv3x3 conv3x3", ways=3)', arch).ok
    two = match("residual(ways=2)", arch)
    assert two.expected == "at least one residual block (of 2 ways)"
    assert "it adds 3 tensors, expected 2" in two.found


def test_a_residual_block_knows_its_parts() -> None:
    """Sum, fork, body and the activation after the sum."""
    given = image()
    (block,) = residual_blocks(read(keras.Model(given, residual(given, 8))))
    assert (block.node.kind, block.fork.name, block.skip, block.activation) == (
        "add",
        "image",
        (),
        "relu",
    )
    assert [node.kind for node in block.body] == ["conv", "bn", "act", "conv", "bn"]


def test_a_batch_norm_between_sum_and_activation_is_free() -> None:
    """The activation still comes after the sum; one that only some readers apply does not."""
    given = image()
    x = conv(8)(given) + given
    (block,) = residual_blocks(read(keras.Model(given, L.ReLU()(L.BatchNormalization()(x)))))
    assert block.activation == "relu"
    (block,) = residual_blocks(read(keras.Model(given, [L.ReLU()(x), conv(8)(x)])))
    assert block.activation is None


# ---- U-Nets


@pytest.mark.parametrize(
    "options", [{}, {"size": None}, {"up": "sampling"}, {"merge": "add"}, {"silent": True}]
)
def test_skips_are_found_however_the_unet_is_written(options: dict[str, Any]) -> None:
    """For any size, with transposed convolutions or up-sampling,
    merged by either, BN and activation after them.
    """
    found = skips(unet(**options))
    assert [skip.partner.name for skip in found] == ["encoder_16", "encoder_8"]
    assert [skip.pooling.name if skip.pooling else None for skip in found] == ["pool_16", "pool_8"]


@pytest.mark.parametrize("where", ["after", "early"])
def test_a_skip_of_another_tensor_has_no_pooling(where: str) -> None:
    """After the pooling, or from inside a level: not the tensor that is pooled next."""
    assert {skip.pooling for skip in skips(unet(where=where))} == {None}


@pytest.mark.parametrize("where", ["decoder", "nowhere"])
def test_what_never_leaves_the_encoder_is_no_skip(where: str) -> None:
    """Concatenations of decoder tensors are none; neither is a plain autoencoder."""
    assert skips(unet(where=where)) == ()


# ---- resolutions, heads, inputs


def test_the_ladder_goes_down_and_up() -> None:
    """Resolutions along the longest way."""
    assert ladder(unet()) == ((32, 32), (16, 16), (8, 8), (16, 16), (32, 32))


def test_gates_are_no_rung_of_the_ladder() -> None:
    """Squeeze-and-excite looks at 1×1, the feature maps do not."""
    x = given = image()
    gate = conv(8, 1, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))
    arch = read(keras.Model(given, conv(8, strides=2)(L.Multiply()([x, gate]))))
    assert ladder(arch) == ((32, 32), (16, 16))


def localizer(shared: bool = True) -> Architecture:
    given = image(16, 3)
    x = L.Flatten()(conv(4, activation="relu", name="trunk")(given))
    y = x if shared else L.Flatten()(conv(4)(given))
    outputs = {
        "label": L.Dense(6, activation="softmax")(x),
        "box": L.Activation("sigmoid")(L.Dense(4, name="b")(y)),
    }
    return read(keras.Model(given, outputs))


def test_heads_say_units_activation_and_rank() -> None:
    """However the activation is written; a 4-D output has rank 4."""
    assert [(h.name, h.units, h.activation, h.rank) for h in heads(localizer())] == [
        ("box", 4, "sigmoid", 2),
        ("label", 6, "softmax", 2),
    ]
    assert [(h.units, h.activation, h.rank) for h in heads(unet())] == [(1, "sigmoid", 4)]
    assert [layer.name for layer in (heads(localizer())[0].layer,) if layer] == ["b"]


@pytest.mark.parametrize(
    ("layer", "activation"),
    [
        (L.Softmax(), "softmax"),
        (L.Softmax(axis=3), "softmax"),
        (L.Softmax(axis=1), "softmax over another axis"),
        (keras.ops.softmax, "softmax"),
        (lambda x: keras.ops.softmax(x, axis=-1), "softmax"),
        (lambda x: keras.ops.softmax(x, axis=2), "softmax over another axis"),
    ],
)
def test_a_softmax_is_one_over_the_last_axis(layer: Any, activation: str) -> None:
    """Over rows its numbers don't add up for a pixel."""
    given = image()
    (head,) = heads(read(keras.Model(given, layer(conv(4, 1)(given)))))
    assert head.activation == activation


def test_the_trunk_is_what_all_heads_need() -> None:
    """Shared layers stand in it, a head's own ones do not."""
    assert [node.name for node in trunk(localizer()) if node.kind == "conv"] == ["trunk"]
    assert [node.kind for node in trunk(localizer(shared=False))] == ["input"]
    assert [[node.kind for node in head.own] for head in heads(localizer())] == [
        ["dense", "act"]
    ] * 2


def test_shared_layers_and_dead_ends() -> None:
    """A layer called twice, an input that nothing looks at."""
    given, idle = image(), keras.Input((3,), name="idle")
    layer = conv(8, name="again")
    arch = read(keras.Model([given, idle], layer(layer(given))))
    assert {name: len(calls) for name, calls in shared_layers(arch).items()} == {"again": 2}
    assert [node.name for node in dead_ends(arch)] == ["idle"]


def test_states_that_feed_a_decoder_are_no_dead_end() -> None:
    """Nor is the sequence that comes beside them; an encoder that feeds nothing is one."""
    words, spoken = keras.Input((7, 3)), keras.Input((5, 3))
    _, *states = L.LSTM(4, return_state=True, return_sequences=True, name="encoder")(words)
    x = L.LSTM(4, name="decoder")(spoken, initial_state=states)
    idle = L.LSTM(2, return_state=True, name="idle")(spoken)[1]
    assert dead_ends(read(keras.Model([words, spoken], L.Dense(2)(x)))) == ()
    both = read(keras.Model([words, spoken], [x, idle]))
    one = dataclasses.replace(both, outputs=both.outputs[:1])
    assert {node.name for node in dead_ends(one)} == {"idle"}


# ---- batch norm, augmentation, separable convolutions, bases


def test_batch_norms_know_their_place() -> None:
    """What stands before, whether a bias is idle, whether channels are what is normalised."""
    x = given = image()
    x = L.ReLU()(L.BatchNormalization(name="right")(conv(8, use_bias=False)(x)))
    x = L.BatchNormalization(name="late")(conv(8, activation="relu")(x))
    x = L.BatchNormalization(axis=1, name="rows")(L.MaxPooling2D()(x))
    norms = {norm.node.name: norm for norm in batch_norms(read(keras.Model(given, x)))}
    assert [(n.bias, n.after_activation, n.channels_last) for n in norms.values()] == [
        (False, False, True),
        (True, True, True),
        (False, False, False),
    ]
    assert norms["rows"].layer is None


def test_a_bias_in_either_half_of_a_separable_convolution_is_idle() -> None:
    """Depthwise and 1×1 count as one layer before a batch norm, and so do their biases."""
    for halves in ((True, False), (False, True), (False, False)):
        given = image()
        first, second = (L.DepthwiseConv2D(3, use_bias=halves[0]), conv(8, 1, use_bias=halves[1]))
        x = L.BatchNormalization()(second(first(given)))
        (norm,) = batch_norms(read(keras.Model(given, x)))
        assert norm.bias == any(halves)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([L.RandomFlip, L.Rescaling, conv], [("augment", True), ("rescale", True)]),
        ([L.Rescaling, L.RandomFlip, conv], [("rescale", True), ("augment", True)]),
        ([conv, L.RandomFlip, L.Rescaling], [("augment", False), ("rescale", False)]),
        ([conv, lambda: lambda x: x * 0.5, conv], []),
        ([lambda: lambda x: x / 255.0, conv], [("rescale", True)]),
    ],
)
def test_augmentation_and_rescaling_before_the_first_convolution(
    layers: Any, expected: list[tuple[str, bool]]
) -> None:
    """In either order; after a convolution they are in the wrong place,
    arithmetic there is none of them.
    """
    x = given = image()
    for make in layers:
        x = (make(1 / 255) if make is L.Rescaling else make())(x)
    arch = read(keras.Model(given, x))
    assert [(p.node.kind, p.before_convolutions) for p in preparations(arch)] == expected


def test_separable_convolutions_however_they_are_written() -> None:
    """One layer, two, or two with batch norm and activation between; depthwise alone is none."""
    x = given = image()
    x = L.SeparableConv2D(8, 3, padding="same", name="one")(x)
    x = conv(8, 1)(L.DepthwiseConv2D(3, padding="same")(x))
    x = conv(8, 1)(L.ReLU()(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same")(x))))
    x = L.MaxPooling2D()(L.DepthwiseConv2D(3, padding="same")(x))
    assert len(separable_convolutions(read(keras.Model(given, x)))) == 3


def test_frozen_layers_are_told_from_those_that_train() -> None:
    """Of the layers with weights, in a nested model too."""
    given = image(16, 3)
    base = keras.Model(given, L.ReLU()(conv(4, name="b1")(given)), name="base")
    base.trainable = False
    inner = keras.Input((16, 16, 3))
    arch = read(keras.Model(inner, L.Dense(2)(L.GlobalAveragePooling2D()(base(inner)))))
    assert [node.kind for node in frozen(arch)] == ["conv"]
    assert [node.kind for node in unfrozen(arch)] == ["dense"]


def test_inception_modules_have_three_branches_or_more() -> None:
    """Concatenated over channels, from one tensor."""
    given = image()
    branches = [
        conv(4, 1)(given),
        conv(4)(conv(2, 1)(given)),
        L.MaxPooling2D(3, strides=1, padding="same")(given),
    ]
    assert len(inception_modules(read(keras.Model(given, L.Concatenate()(branches))))) == 1
    assert inception_modules(read(keras.Model(given, L.Concatenate()(branches[:2])))) == ()
    assert (
        inception_modules(
            read(keras.Model(given, L.Concatenate(axis=1)([conv(8)(b) for b in branches])))
        )
        == ()
    )


def joined_in_steps(*extra: str) -> Architecture:
    """Three 3×3 branches and the input itself, two of them concatenated first."""
    given = image()
    ends = [conv(4, name=name)(given) for name in ("a", "b", "c")]
    first = L.Concatenate(name="first", axis=1 if "rows" in extra else -1)(ends[:2])
    if "rows" in extra:
        first = L.MaxPooling2D((2, 1), name="even")(first)
    x = L.Concatenate(name="whole")([L.ReLU()(first) if "relu" in extra else first, ends[2], given])
    return read(keras.Model(given, [x, first] if "read elsewhere" in extra else x))


def test_concatenations_in_steps_are_one() -> None:
    """One that goes straight into another, from the same fork and over the same axis."""
    (module,) = joined_merges(joined_in_steps())
    assert (module.node.name, module.fork and module.fork.name) == ("whole", "image")
    assert [[node.name for node in branch] for branch in module.branches] == [
        ["a"],
        ["b"],
        ["c"],
        [],
    ]


@pytest.mark.parametrize("why", ["relu", "rows", "read elsewhere"])
def test_what_does_not_go_straight_into_another_stays_one_of_its_own(why: str) -> None:
    """Something stands between, the axes differ, or the inner one is read elsewhere too."""
    found = {merge.node.name: len(merge.branches) for merge in joined_merges(joined_in_steps(why))}
    assert found == {"first": 2, "whole": 4 if why == "read elsewhere" else 3}


def test_concatenations_of_different_forks_stay_two() -> None:
    """DenseNet concatenates again and again, each time with what became of the last one."""
    x = given = image()
    for number in range(3):
        x = L.Concatenate(name=f"dense_{number}")([x, conv(4)(x)])
    assert [len(merge.branches) for merge in joined_merges(read(keras.Model(given, x)))] == [2] * 3


def test_a_fact_is_the_same_of_an_architecture_and_of_its_form() -> None:
    """Nodes are those of the form, parameters those of the layers as read; each is worked out
    once, and goes with the architecture.
    """
    given = image()
    x = L.SeparableConv2D(8, 3, padding="same", activation="relu")(given)
    arch = read(keras.Model(given, L.Dropout(0.5)(x + given)))
    form = canonical(arch)
    assert sums(arch) is sums(form)
    assert sums(arch)[0].node in form.nodes
    assert count_parameters(form) == count_parameters(arch)
    assert [node.kind for node in unfrozen(form)] == ["sepconv"]
    assert len(dead_ends(form)) == len(dead_ends(arch)) == 0
    kept = canonical(arch, frozenset({"dropout"}))
    assert sums(kept)[0].node in kept.nodes
    forgotten = weakref.ref(form)
    del arch, form, kept
    gc.collect()
    assert forgotten() is None
