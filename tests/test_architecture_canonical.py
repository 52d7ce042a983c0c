"""Two spellings of one network have one canonical form; two networks do not."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import keras
import networkx as nx
import pytest
from keras import ops
from networkx.algorithms import isomorphism

from autograder.architecture import Architecture, Node, canonical, read
from autograder.architecture.kinds import CONVOLUTIONS, NORMS, POOLS
from autograder.architecture.layers import dilation, label
from autograder.architecture.reach import SHAREABLE

L = keras.layers

Build = Callable[[Any], Any]


def same(first: Architecture, second: Architecture) -> bool:
    """Whether two canonical forms are one graph, whatever their nodes are called."""
    return bool(
        nx.is_isomorphic(
            graph(first),
            graph(second),
            isomorphism.categorical_node_match(["letter", "calls"], [None, 0]),
            isomorphism.categorical_multiedge_match("place", 0),
        )
    )


def graph(arch: Architecture) -> Any:
    """A canonical form whose nodes say what they are and how often their layer is called,
    and whose edges say where they enter if that means something.
    """
    form = canonical(arch)
    calls = Counter(node.layer for node in form.nodes if node.kind in SHAREABLE)
    found: Any = nx.MultiDiGraph()
    for node in form.nodes:
        found.add_node(node.id, letter=letter(node), calls=calls[node.layer])
        places = range(len(node.inputs)) if node.kind == "sub" else [0] * len(node.inputs)
        edges = zip(node.inputs, places, strict=True)
        found.add_edges_from((number, node.id, {"place": place}) for number, place in edges)
    return found


def letter(node: Node) -> tuple[Any, ...]:
    """What a node is by itself."""
    shape = (node.shape or ())[1:]
    if node.kind in {"gap", "gmp", "rescale", "input"}:
        return (node.kind, shape)
    if node.kind in CONVOLUTIONS | POOLS | NORMS | {"dense", "concat"}:
        settings = [str(node.config.get(key)) for key in ("padding", "groups", "use_bias", "axis")]
        return (label(node), shape, dilation(node), *settings)
    return (label(node), shape)


def image(build: Build, size: int | None = 16, channels: int = 8) -> Architecture:
    """A model from an image to whatever `build` makes of it."""
    given = keras.Input((size, size, channels))
    return read(keras.Model(given, build(given)))


def conv(filters: int = 8, size: int = 3, **settings: Any) -> Any:
    return L.Conv2D(filters, size, **{"padding": "same", **settings})


def chain(*layers: Any) -> Build:
    def build(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    return build


def nested(x: Any) -> Any:
    inner = keras.Input((16, 16, 8))
    return keras.Model(inner, conv(4)(L.ReLU()(conv(8)(inner))))(x)


def rgb_to_bgr(x: Any) -> Any:
    return x[..., ::-1] - ops.convert_to_tensor([1.0] * 8)


def doubled(x: Any) -> Any:
    return x + x


def two(merge: Callable[[Any, Any], Any]) -> Build:
    return lambda x: merge(conv(8)(x), x)


EQUAL: dict[str, tuple[Build, ...]] = {
    "names are free": (
        chain(conv(8, name="a"), conv(4, name="b")),
        chain(conv(8, name="ä"), conv(4, name="a")),
    ),
    "activation as argument, layer, activation layer, operation": (
        chain(conv(8, activation="relu")),
        chain(conv(8), L.ReLU()),
        chain(conv(8), L.Activation("relu")),
        chain(conv(8), ops.relu),
        chain(conv(8), keras.activations.relu),
        chain(conv(8, activation=L.ReLU())),
        chain(conv(8, activation=keras.activations.relu)),
        chain(conv(8), lambda x: ops.maximum(x, 0.0)),
        chain(conv(8), lambda x: ops.maximum(0, x)),
    ),
    "swish is silu": (chain(conv(8, activation="swish")), chain(conv(8), ops.silu)),
    "softmax as layer or argument": (
        chain(L.Dense(3, activation="softmax")),
        chain(L.Dense(3), L.Softmax()),
    ),
    "linear activation, Identity and Dropout change nothing": (
        chain(conv(8), conv(8)),
        chain(conv(8, activation="linear"), L.Activation("linear"), conv(8)),
        chain(conv(8), L.Identity(), L.Dropout(0.3), conv(8)),
        chain(conv(8), L.SpatialDropout2D(0.3), conv(8), L.Dropout(0.1)),
    ),
    "nested, in a Sequential, or flat": (
        nested,
        chain(conv(8, activation="relu"), conv(4)),
        chain(keras.Sequential([conv(8, activation="relu"), conv(4)])),
        chain(keras.Sequential([keras.Sequential([conv(8)]), L.ReLU(), conv(4)])),
    ),
    "sums": (
        two(lambda a, b: a + b),
        two(lambda a, b: b + a),
        two(lambda a, b: L.Add()([a, b])),
        two(lambda a, b: L.add([b, a])),
        two(ops.add),
    ),
    "concatenations": (
        two(lambda a, b: L.Concatenate()([a, b])),
        two(lambda a, b: L.concatenate([b, a], axis=3)),
        two(lambda a, b: ops.concatenate([a, b], axis=-1)),
        two(lambda a, b: ops.append(a, b, axis=-1)),
    ),
    "products": (
        two(lambda a, b: a * b),
        two(lambda a, b: L.Multiply()([b, a])),
        two(ops.multiply),
    ),
    "global average pooling": (
        chain(L.GlobalAveragePooling2D(), L.Dense(2)),
        chain(L.GlobalAveragePooling2D(keepdims=True), L.Flatten(), L.Dense(2)),
        chain(lambda x: ops.mean(x, axis=[1, 2]), L.Dense(2)),
        chain(lambda x: ops.mean(ops.mean(x, axis=1), axis=1), L.Dense(2)),
        chain(lambda x: ops.mean(ops.mean(x, axis=-2), axis=[-2]), L.Dense(2)),
        chain(lambda x: ops.mean(x, axis=(-3, -2), keepdims=True), L.Flatten(), L.Dense(2)),
        chain(L.AveragePooling2D(16), L.Flatten(), L.Dense(2)),
        chain(L.AveragePooling2D((16, 16)), L.Reshape((8,)), L.Dense(2)),
        chain(L.GlobalAveragePooling2D(), L.Flatten(), L.Dense(2)),
    ),
    "global max pooling": (
        chain(L.GlobalMaxPooling2D()),
        chain(lambda x: ops.max(x, axis=(1, 2))),
        chain(L.MaxPooling2D(16), L.Flatten()),
    ),
    "separable convolution": (
        chain(L.SeparableConv2D(12, 3, padding="same")),
        chain(L.DepthwiseConv2D(3, padding="same", use_bias=False), conv(12, 1)),
        chain(L.DepthwiseConv2D(3, padding="same"), conv(12, 1)),
        chain(conv(8, 3, groups=8), conv(12, 1)),
    ),
    "depthwise convolution": (
        chain(L.DepthwiseConv2D(5, padding="same")),
        chain(conv(8, 5, groups=8)),
    ),
    "padding by a layer": (
        chain(conv(8), L.MaxPooling2D()),
        chain(L.ZeroPadding2D(1), conv(8, padding="valid"), L.MaxPooling2D(padding="same")),
    ),
    "padding by a layer, with a stride": (
        chain(conv(8, 3, strides=2)),
        chain(L.ZeroPadding2D(((0, 1), (0, 1))), conv(8, 3, strides=2, padding="valid")),
        chain(L.ZeroPadding2D(1), conv(8, 3, strides=2, padding="valid")),
    ),
    "scaling": (
        chain(L.Rescaling(1 / 255), conv(8)),
        chain(lambda x: x / 255.0, conv(8)),
        chain(lambda x: x * (1 / 127.5) - 1.0, conv(8)),
        chain(L.Normalization(mean=[0.0] * 8, variance=[1.0] * 8), conv(8)),
        chain(rgb_to_bgr, conv(8)),
    ),
    "flatten of a vector, reshape to the same": (
        chain(L.Flatten(), L.Dense(2)),
        chain(L.Flatten(), L.Flatten(), L.Reshape((2048,)), L.Dense(2)),
    ),
    "initialisers, regularisers, dtype, seeds": (
        chain(conv(8)),
        chain(conv(8, kernel_initializer="he_normal", kernel_regularizer="l2")),
    ),
}
DIFFERENT: dict[str, tuple[Build, Build]] = {
    "conv-BN-ReLU and conv-ReLU-BN": (
        chain(conv(8), L.BatchNormalization(), L.ReLU()),
        chain(conv(8), L.ReLU(), L.BatchNormalization()),
    ),
    "activation after and before the sum": (
        two(lambda a, b: L.ReLU()(a + b)),
        two(lambda a, b: L.ReLU()(a) + b),
    ),
    "sum and concatenation": (two(lambda a, b: a + b), two(lambda a, b: L.Concatenate()([a, b]))),
    "pooling over everything and Flatten": (chain(L.GlobalAveragePooling2D()), chain(L.Flatten())),
    "means over all pixels and over rows and channels": (
        chain(lambda x: ops.mean(ops.mean(x, axis=1), axis=1)),
        chain(lambda x: ops.mean(ops.mean(x, axis=1), axis=2)),
    ),
    "a maximum with zero and with one": (
        chain(lambda x: ops.maximum(x, 0)),
        chain(lambda x: ops.maximum(x, 1)),
    ),
    "average and maximum": (chain(L.GlobalAveragePooling2D()), chain(L.GlobalMaxPooling2D())),
    "a tensor twice and two tensors": (lambda x: L.Add()([x, x]), two(lambda a, b: a + b)),
    "a tensor twice and two like ones": (
        lambda x: doubled(conv(8)(x)),
        lambda x: conv(8)(x) + conv(8)(x),
    ),
    "a shared layer and two like ones": (
        chain(*[conv(8)] * 2),
        chain(conv(8), conv(8)),
    ),
    "the axis of a concatenation": (
        two(lambda a, b: L.Concatenate(axis=1)([a, b])),
        two(lambda a, b: L.Concatenate(axis=2)([a, b])),
    ),
    "where the shortcut leaves": (
        lambda x: conv(8)(conv(8)(x)) + x,
        chain(conv(8), two(lambda a, b: a + b)),
    ),
    "width": (chain(conv(8)), chain(conv(9))),
    "kernel": (chain(conv(8, 3)), chain(conv(8, 5))),
    "stride": (chain(conv(8)), chain(conv(8, strides=2))),
    "dilation": (chain(conv(8)), chain(conv(8, dilation_rate=2))),
    "padding": (chain(conv(8)), chain(conv(8, padding="valid"))),
    "activation": (chain(conv(8, activation="relu")), chain(conv(8, activation="gelu"))),
    "a skipped activation": (chain(conv(8, activation="relu")), chain(conv(8))),
    "grouped and plain": (chain(conv(8, groups=2)), chain(conv(8))),
    "order of subtraction": (lambda x: conv(8)(x) - x, lambda x: x - conv(8)(x)),
    "separable and plain": (chain(L.SeparableConv2D(8, 3, padding="same")), chain(conv(8))),
    "batch norm and none": (chain(conv(8), L.BatchNormalization()), chain(conv(8))),
    "axis of batch norm": (chain(L.BatchNormalization(axis=1)), chain(L.BatchNormalization())),
    "order of layers": (chain(conv(8), L.MaxPooling2D()), chain(L.MaxPooling2D(), conv(8))),
    "no bias without batch norm": (chain(conv(8, use_bias=False)), chain(conv(8))),
    "activation between depthwise and 1×1": (
        chain(L.DepthwiseConv2D(3, padding="same"), L.ReLU(), conv(12, 1)),
        chain(L.SeparableConv2D(12, 3, padding="same")),
    ),
}


@pytest.mark.parametrize("spellings", EQUAL.values(), ids=EQUAL)
def test_spellings_of_one_network_are_the_same(spellings: tuple[Build, ...]) -> None:
    """However it is written, it is the same network."""
    first, *others = [image(build) for build in spellings]
    assert [same(first, other) for other in others] == [True] * len(others)


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_different_networks_are_not_the_same(pair: tuple[Build, Build]) -> None:
    """What computes something else is another network."""
    assert not same(image(pair[0]), image(pair[1]))


def test_padding_is_recognised_for_inputs_of_any_size() -> None:
    """Zero padding and "valid" is "same" where height and width are not known either."""
    padded = image(chain(L.ZeroPadding2D(3), conv(8, 7, strides=2, padding="valid")), size=None)
    assert same(padded, image(chain(conv(8, 7, strides=2)), size=None))
    assert not same(padded, image(chain(conv(8, 7, strides=2, padding="valid")), size=None))


def test_what_is_kept_on_request() -> None:
    """Dropout, padding and the two halves of a separable convolution stay
    where an expression speaks of them.
    """
    arch = image(chain(L.ZeroPadding2D(1), L.SeparableConv2D(4, 3), L.Dropout(0.5), conv(4)))
    assert [node.kind for node in canonical(arch).nodes] == ["input", "sepconv", "conv"]
    kept = canonical(arch, frozenset({"dropout", "pad", "dwconv"}))
    assert [node.kind for node in kept.nodes] == [
        "input",
        "pad",
        "dwconv",
        "conv",
        "dropout",
        "conv",
    ]


def test_canonical_nodes_say_which_nodes_they_stand_for() -> None:
    """Ids stay, split-off activations get new ones, joined nodes name all that they stand for."""
    arch = image(chain(L.DepthwiseConv2D(3), conv(4, 1, activation="relu"), L.Flatten()))
    form = canonical(arch)
    assert [(node.kind, node.origin) for node in form.nodes] == [
        ("input", (0,)), ("sepconv", (1, 2)), ("act", (2,)), ("flatten", (3,)),
    ]  # fmt: skip
    assert [node.id in {n.id for n in arch.nodes} for node in form.nodes] == [
        True,
        True,
        False,
        True,
    ]


def test_pooling_is_the_same_as_a_layer_and_as_an_operation() -> None:
    """Window and stride are one number or one for each axis, the stride may be left out."""
    assert same(image(chain(L.MaxPooling2D(2))), image(lambda x: ops.max_pool(x, 2)))
    assert same(
        image(chain(L.AveragePooling2D((3, 3), 1, "same"))),
        image(lambda x: ops.average_pool(x, 3, 1, "same")),
    )
    assert not same(image(chain(L.MaxPooling2D(2))), image(lambda x: ops.max_pool(x, 4, 2, "same")))


def test_only_layers_with_weights_are_shared() -> None:
    """One activation or pooling layer called twice is as good as two."""
    pool, relu = L.MaxPooling2D(2), L.ReLU()
    once = image(lambda x: L.Concatenate()([relu(pool(x)), relu(pool(conv(8)(x)))]))
    twice = image(
        lambda x: L.Concatenate()(
            [ops.relu(ops.max_pool(x, 2)), L.ReLU()(L.MaxPooling2D(2)(conv(8)(x)))]
        )
    )
    assert same(once, twice)


def test_a_flattened_global_pooling_is_a_vector() -> None:
    """The pooling takes the shape of the Flatten that is left out,
    unless something else reads its map.
    """
    pooled = canonical(image(chain(L.AveragePooling2D(16), L.Flatten(), L.Dense(4))))
    assert [(node.kind, node.shape) for node in pooled.nodes[1:2]] == [("gap", (None, 8))]

    def gated(x: Any) -> Any:
        squeezed = L.GlobalAveragePooling2D(keepdims=True)(x)
        return L.GlobalAveragePooling2D()(x * squeezed) + L.Flatten()(squeezed)

    shapes = [node.shape for node in canonical(image(gated)).nodes if node.kind == "gap"]
    assert (None, 1, 1, 8) in shapes


POOLED: dict[str, tuple[list[str], Build]] = {
    "flattened": (["gap", "dense"], chain(L.AveragePooling2D(2), L.Flatten(), L.Dense(4))),
    "as 1×1": (["gmp", "conv"], chain(L.MaxPooling2D(2), conv(4, 1), L.Flatten())),
    "as output": (["gap"], chain(L.AveragePooling2D(2))),
    "a map again": (
        ["avgpool", "conv", "gap"],
        chain(L.AveragePooling2D(2), conv(8), L.GlobalAveragePooling2D()),
    ),
    "a shortcut": (
        ["avgpool", "conv", "conv", "add", "gap"],
        lambda x: L.GlobalAveragePooling2D()(
            conv(8, strides=2)(x) + conv(8, 1)(L.AveragePooling2D(2)(x))
        ),
    ),
}


@pytest.mark.parametrize("case", POOLED)
def test_a_pooling_over_everything_is_global_where_a_vector_comes_of_it(case: str) -> None:
    """Two by two pixels, halved once more in the middle of a network, are still a map."""
    kinds, build = POOLED[case]
    form = canonical(image(build, size=2))
    assert [n.kind for n in form.nodes if n.kind not in {"input", "flatten"}] == kinds


def test_a_form_is_its_own_form() -> None:
    """Once is enough: facts may be asked of either. What it leaves out is found again where asked
    for, since it knows what it is the form of.
    """
    arch = image(chain(conv(8, activation="relu"), L.Dropout(0.1), L.GlobalAveragePooling2D()))
    form = canonical(arch)
    assert canonical(form) is canonical(arch) is form
    assert form.as_read is arch
    kept = canonical(form, frozenset({"dropout"}))
    assert [node.kind for node in kept.nodes] == ["input", "conv", "act", "dropout", "gap"]
    assert canonical(kept) is kept is canonical(arch, frozenset({"dropout"}))


def test_a_shared_encoder_is_not_two_encoders() -> None:
    """Sharing weights is part of the structure, nested models included."""

    def siamese(shared: bool) -> Architecture:
        left, right = keras.Input((16, 16, 8)), keras.Input((16, 16, 8))
        encoders = [
            keras.Sequential([keras.Input((16, 16, 8)), conv(4), L.Flatten()]) for _ in range(2)
        ]
        pair = [encoders[0](left), encoders[0 if shared else 1](right)]
        return read(keras.Model([left, right], ops.abs(pair[0] - pair[1])))

    assert same(siamese(True), siamese(True))
    assert not same(siamese(True), siamese(False))
