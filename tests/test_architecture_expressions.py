"""Branch expressions: their grammar, what they match, and how a wrong one is answered."""

import time
from typing import Any

import keras
import pytest

from autograder.architecture import Architecture, Mismatch, read
from autograder.errors import ExpressionError

L = keras.layers


def conv(filters: int = 8, size: int = 3, **settings: Any) -> Any:
    return L.Conv2D(filters, size, **{"padding": "same", **settings})


def chain(*layers: Any, size: int = 32) -> Architecture:
    x = given = keras.Input((size, size, 8))
    for layer in layers:
        x = layer(x)
    return read(keras.Model(given, x))


@pytest.fixture(scope="module")
def plain() -> Architecture:
    """Conv 3×3:16 relu, conv 3×3/2:32 BN relu, max pool, dropout,
    conv 1×1:8, global average pool, dense 3 softmax.
    """
    return chain(
        conv(16, activation="relu"),
        conv(32, strides=2),
        L.BatchNormalization(),
        L.ReLU(),
        L.MaxPooling2D(),
        L.Dropout(0.2),
        conv(8, 1),
        L.GlobalAveragePooling2D(),
        L.Dense(3, activation="softmax"),
    )


@pytest.fixture(scope="module")
def forked() -> Architecture:
    """Two branches of a 3×3 and of two 3×3 convolutions, added, then a squeeze-and-excite gate."""
    x = given = keras.Input((16, 16, 8))
    x = L.Add(name="sum")([conv(8, name="short")(x), conv(8, name="b")(conv(8, name="a")(x))])
    gate = L.Dense(8, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))
    return read(keras.Model(given, conv(4, 1, name="last")(L.Multiply()([x, gate]))))


@pytest.mark.parametrize(
    ("path", "ok"),
    [
        ("conv3x3 conv3x3 maxpool conv1x1 gap dense", True),
        ("conv conv maxpool conv gap dense", True),
        ("conv{2} pool conv gap dense", True),
        ("conv3x3:16 conv3x3/2:32 maxpool/2 conv1x1:8 gap dense:3", True),
        ("conv3x3/1 conv3x3/2 maxpool2x2 conv1x1/1 gap dense", True),
        ("conv .* dense", True),
        ("....", False),
        ("......", True),
        (". conv (. conv)+ . .", True),
        ("(conv|sepconv)+ maxpool? avgpool? conv* gap dense", True),
        ("conv{1,2} maxpool conv{0,3} gap dense{1,}", True),
        ("(conv conv | sepconv sepconv) maxpool conv1x1 gap dense", True),
        ("conv relu conv relu maxpool conv gap dense softmax", True),
        ("conv relu conv maxpool conv gap dense softmax", False),
        ("conv act conv act pool conv gap dense act", True),
        ("conv conv bn pool conv gap dense", True),
        ("conv bn conv pool conv gap dense", False),
        ("conv conv norm pool conv gap dense", True),
        ("conv relu conv bn relu maxpool conv gap dense softmax", True),
        ("conv relu conv relu bn maxpool conv gap dense softmax", False),
        ("conv conv maxpool dropout conv gap dense", True),
        ("conv conv dropout maxpool conv gap dense", False),
        ("input conv conv maxpool conv gap dense", True),
        ("conv down down conv gap dense", True),
        ("conv3x3:17 .*", False),
        ("conv5x5 .*", False),
        ("conv3x3/2 .*", False),
        ("conv conv maxpool conv gap flatten dense", False),
        ("conv{3} gap dense", False),
        ("", False),
    ],
)
def test_paths(plain: Architecture, path: str, ok: bool) -> None:
    """The whole way from input to output, norms, activations,
    dropout and input passed over unless named.
    """
    assert plain.match(f'path("{path}")').ok is ok


@pytest.mark.parametrize(
    ("expression", "ok"),
    [
        ('contains("conv3x3 maxpool conv1x1")', True),
        ('contains("conv3x3 conv1x1")', False),
        ('contains("relu maxpool")', True),
        ('contains("bn relu")', True),
        ('contains("relu bn")', False),
        ('count("conv") == 3', True),
        ("count(conv)=3", True),
        ('count("conv3x3", n=2)', True),
        ('count("conv|dense") >= 4', True),
        ('count("bn") < 1', False),
        ('count("sepconv") == 0 and count("dropout") == 1', True),
        ("parameters <= 10_000", True),
        ("trainable == 6123 or parameters > 10**3", None),
        ("parameters > 100 and not trainable == 0 and non_trainable == 64", True),
        ('between("maxpool", "dense").contains("conv1x1")', True),
        ('between("maxpool", "dense").contains("conv3x3")', False),
        ('between("maxpool", "dense").path("conv1x1 gap")', True),
        ('between("input", "maxpool").count("conv") == 2', True),
        ('between("gap", "output").path("dense softmax")', True),
        ('between("dense", "gap").contains("conv")', False),
        ('head(units=3, activation="softmax", rank=2)', True),
        ('head(activation="sigmoid|softmax")', True),
        ("head(units=4)", False),
        ('not contains("flatten") and (head(units=4) or head(units=3))', True),
    ],
)
def test_claims(plain: Architecture, expression: str, ok: bool | None) -> None:
    """Sequences, counts, parameters, regions, outputs, and what joins them."""
    if ok is None:
        with pytest.raises(ExpressionError):
            plain.match(expression)
    else:
        assert plain.match(expression).ok is ok


@pytest.mark.parametrize(
    "expression",
    [
        'between("metadata", "output").contains("dense")',
        'not between("metadata", "output").contains("conv5x5")',
        'between("concat", "output").count("flatten") == 0',
    ],
)
def test_what_is_said_of_a_place_that_is_not_there_fails(
    plain: Architecture, expression: str
) -> None:
    """A student's input of another name is a mistake, not a fault of the expression;
    "or" goes on to the next claim.
    """
    found = plain.match(expression)
    assert not found.ok
    assert "in the model" in found.expected
    assert "there is no" in found.found
    assert plain.match(f'{expression} or count("conv") == 3').ok


def test_one_way_through_a_fork_must_read_so(forked: Architecture) -> None:
    """Any of the ways counts; merges are never passed over."""
    assert forked.match('path("conv add mul conv1x1")').ok
    assert forked.match('path("conv conv add mul conv1x1")').ok
    assert forked.match('path("conv conv add gap dense mul conv1x1")').ok
    assert not forked.match('path("conv conv mul conv1x1")').ok
    assert not forked.match('path("conv conv conv add mul conv1x1")').ok
    assert forked.match('between("sum", "last").path("mul")').ok
    assert forked.match('between("a", "sum").path("conv3x3")').ok


def test_second_names_of_activations_are_known() -> None:
    """Keras calls swish silu."""
    assert chain(conv(8, activation="swish")).match('path("conv swish")').ok
    assert chain(conv(8, activation="silu")).match('path("conv swish")').ok


def test_up_is_a_transposed_convolution_or_up_sampling() -> None:
    """With or without a convolution after it."""
    for up in (
        [L.Conv2DTranspose(8, 2, strides=2)],
        [L.UpSampling2D()],
        [L.UpSampling2D(), conv(8, 2)],
    ):
        assert chain(*up, conv(4)).match('path("up conv3x3")').ok
    assert not chain(conv(8), conv(4)).match('path("up conv3x3")').ok


def test_separable_convolutions_read_either_way() -> None:
    """As `sepconv`, or as its two halves if the expression speaks of depthwise ones."""
    for layers in ([L.SeparableConv2D(4, 3)], [L.DepthwiseConv2D(3), conv(4, 1)]):
        assert chain(*layers).match('path("sepconv3x3:4")').ok
        assert chain(*layers).match('path("dwconv3x3 conv1x1:4")').ok
        assert not chain(*layers).match('path("conv3x3:4")').ok
    between = chain(L.DepthwiseConv2D(3), L.ReLU(), conv(4, 1))
    assert not between.match('path("sepconv3x3:4")').ok
    assert between.match('path("dwconv3x3 relu conv1x1:4")').ok


def residual_stack(*blocks: str) -> Architecture:
    x = given = keras.Input((16, 16, 8))
    for block in blocks:
        y = L.BatchNormalization()(conv(8, 1 if block == "thin" else 3)(x))
        y = L.BatchNormalization()(conv(8)(L.ReLU()(y)))
        y = y + (conv(8, 1)(x) if block == "projected" else x)
        x = y if block == "linear" else L.ReLU()(y)
    return read(keras.Model(given, x))


@pytest.mark.parametrize(
    ("expression", "ok"),
    [
        ("residual()", True),
        ("residual(n=4)", True),
        ("residual(n=3)", False),
        ('residual(n="3+")', True),
        ('residual(n=">=5")', False),
        ('residual(n="2-4")', True),
        ('residual(body="conv3x3 conv3x3", n=3)', True),
        ('residual(body="conv3x3 conv3x3", shortcut="identity", n=2)', True),
        ('residual(shortcut="projection", n=1)', True),
        ('residual(shortcut="pool", n=0)', True),
        ('residual(shortcut="identity|projection", n=4)', True),
        ('residual(body="conv3x3 bn relu conv3x3 bn", activation="relu", n=2)', True),
        ('residual(activation="none", n=1)', True),
        ('residual(body="conv1x1 conv3x3", n=1)', True),
        ('residual(body="conv3x3 relu bn conv3x3 bn")', False),
    ],
)
def test_residual_blocks(expression: str, ok: bool) -> None:
    """Body, shortcut, activation and number: two plain blocks,
    one thin, one projected, of which one is linear.
    """
    arch = residual_stack("plain", "thin", "projected", "linear")
    assert arch.match(expression).ok is ok


def inception(*branches: list[Any], axis: int = -1) -> Architecture:
    given = keras.Input((16, 16, 8))
    ends = []
    for layers in branches:
        x = given
        for layer in layers:
            x = layer(x)
        ends.append(x)
    return read(keras.Model(given, L.Concatenate(axis=axis)(ends)))


def test_branches_of_a_module_match_in_any_order_each_once() -> None:
    """A branch that fits two expressions is given to the one that needs it."""
    pool = L.MaxPooling2D(3, strides=1, padding="same")
    arch = inception([conv(4)], [conv(6, 1), conv(8)], [pool, conv(2, 1)], [conv(8, 1)])
    assert arch.match(
        'inception(branches=["conv", "conv1x1 conv3x3", "maxpool3x3/1 conv1x1", "conv3x3"], n=1)'
    ).ok
    assert arch.match(
        'inception(branches=["conv3x3:4", "conv1x1:8", "conv1x1:6 conv3x3", "pool conv"])'
    ).ok
    assert not arch.match('inception(branches=["conv", "conv", "conv", "conv1x1 conv3x3"])').ok
    assert not arch.match('inception(branches=["conv", "conv1x1 conv3x3", "pool conv"])').ok
    assert arch.match('inception(branches=["conv", "conv", ".", ". .", "conv"], n=0)').ok


def test_a_straight_branch_is_the_empty_expression() -> None:
    """DenseNet concatenates a tensor with what becomes of it."""
    assert inception([conv(4)], []).match('inception(branches=["conv", ""])').ok
    assert not inception([conv(4)], []).match('inception(branches=["conv", "conv?  conv"])').ok


def test_a_module_joined_along_height_is_none() -> None:
    """Only a concatenation over channels is one."""
    expression = 'inception(branches=["conv1x1", "conv3x3"])'
    assert inception([conv(8, 1)], [conv(8)]).match(expression).ok
    assert not inception([conv(8, 1)], [conv(8)], axis=1).match(expression).ok


def test_expect_raises_a_mismatch_with_what_was_found_and_where(plain: Architecture) -> None:
    """It carries the same as the match."""
    assert plain.expect('count("conv") == 3').ok
    with pytest.raises(Mismatch) as caught:
        plain.expect('path("conv conv conv .*")')
    assert caught.value.place == (1,)
    assert caught.value.found.startswith("Missing: conv before «")
    assert caught.value.expected == "a way from input to output that reads «conv conv conv .*»"


# ---- wrong expressions


@pytest.mark.parametrize(
    ("expression", "message", "caret"),
    [
        (
            'residual(body="cnv3x3 conv3x3")',
            "unknown word 'cnv', did you mean 'conv'?",
            'residual(body="',
        ),
        ('residual(body="conv3x3 sepcnv")', "did you mean 'sepconv'?", 'residual(body="conv3x3 '),
        ("residul(n=1)", "unknown claim 'residul', did you mean 'residual'?", ""),
        (
            'residual(bdy="conv")',
            "unknown argument of residual 'bdy', did you mean 'body'?",
            "residual(",
        ),
        ('residual(shortcut="identty")', "did you mean 'identity'?", 'residual(shortcut="'),
        (
            'residual(shortcut="pool|identty")',
            "did you mean 'identity'?",
            'residual(shortcut="pool|',
        ),
        ('residual(activation="rleu")', "did you mean 'relu'?", 'residual(activation="'),
        ('path("conv (dense conv")', "this bracket is never closed", 'path("conv '),
        ('path("conv ) dense")', "found ')'", 'path("conv '),
        ('path("conv{3,1}")', "n ≤ m", 'path("conv'),
        ('path("conv{x}")', "expected {n}, {n,} or {n,m}", 'path("conv'),
        ('path("conv{9999}")', "1000", 'path("conv'),
        ('path("relu3x3")', "'relu' has no kernel", 'path("'),
        ('path("gap:3")', "'gap' has no width", 'path("'),
        ('path("dense/2")', "'dense' has no stride", 'path("'),
        ('path("conv3x")', "is no word", 'path("'),
        ('path("conv3x3:")', "is no word", 'path("'),
        ('path("conv & dense")', "found '&'", 'path("conv '),
        ("path('conv ü')", "is no word", "path('conv "),
        ('head("ü") and path("cnv")', "unknown word", 'head("ü") and path("'),
        ("path(3)", "expected a string", "path("),
        ('count("conv", n="many")', 'expected a number, or "2+"', 'count("conv", n='),
        ("residual(n=1.5)", "expected a number", "residual(n="),
        ('inception(branches="conv")', "expected a list", "inception(branches="),
        ("inception(n=1)", "inception needs branches=", ""),
        ('path("conv", "dense")', "path takes at most 1", 'path("conv", '),
        ('residual("conv", body="conv")', "'body' is given twice", 'residual("conv", body='),
        ('between("a", "b")', "says nothing by itself", ""),
        ('between("a", "b").residual()', "unknown claim 'residual'", 'between("a", "b").'),
        ('path("conv").contains("conv")', "only between", ""),
        ("weights < 3", "unknown number 'weights'", ""),
        ("parameters < 3 < 4", "expected one comparison", "parameters < 3 < "),
        ("parameters < count", "expected a number", "parameters < "),
        ('path("conv") < 3', "only count", ""),
        ("conv3x3", "expected a claim", ""),
        ("path('conv'", "can't be read", "path"),
        ("__import__('os').system('true')", "unknown claim '__import__'", ""),
    ],
)
def test_errors_point_at_the_character(
    plain: Architecture, expression: str, message: str, caret: str
) -> None:
    """What is wrong, the nearest known word, and a caret below the place."""
    with pytest.raises(ExpressionError) as caught:
        plain.match(expression)
    text, shown, mark = str(caught.value).split("\n")
    assert message in text
    assert shown.strip() == expression
    assert mark.index("^") - shown.index(expression[0]) == len(caret)


def test_long_expressions_show_the_part_around_the_error() -> None:
    """And too long ones are refused."""
    with pytest.raises(ExpressionError) as caught:
        chain(conv()).match('path("' + "conv " * 60 + 'cnv")')
    _, shown, mark = str(caught.value).split("\n")
    assert len(shown) < 140
    assert shown[mark.index("^") :].startswith("cnv")
    with pytest.raises(ExpressionError, match="at most"):
        chain(conv()).match("(" * 6000)
    with pytest.raises(ExpressionError):
        chain(conv()).match("(" * 3000)
    with pytest.raises(ExpressionError, match="states"):
        chain(conv()).match('path("((conv{100}){100}){2}")')


@pytest.mark.parametrize(
    "expression",
    ["(conv?){20}conv{20}", "(conv*)*dense", "((conv|conv3x3)+)+ dense", "(conv? conv*){15} gap"],
)
def test_matching_is_never_exponential(expression: str) -> None:
    """What makes backtracking matchers hang is answered at once, with an explanation."""
    arch = chain(*(conv() for _ in range(60)))
    started = time.perf_counter()
    assert not arch.match(f'path("{expression} flatten")').ok
    assert time.perf_counter() - started < 2
