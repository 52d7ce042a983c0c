"""Branch expressions: their grammar, what they match, and how a wrong one is answered."""

import time
from typing import Any

import keras
import pytest

from autograder.architecture import Architecture, Mismatch, expect, match, read
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
    assert match(f'path("{path}")', plain).ok is ok


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
            match(expression, plain)
    else:
        assert match(expression, plain).ok is ok


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
    found = match(expression, plain)
    assert not found.ok
    assert "in the model" in found.expected
    assert "there is no" in found.found
    assert match(f'{expression} or count("conv") == 3', plain).ok


def test_one_way_through_a_fork_must_read_so(forked: Architecture) -> None:
    """Any of the ways counts; merges are never passed over."""
    assert match('path("conv add mul conv1x1")', forked).ok
    assert match('path("conv conv add mul conv1x1")', forked).ok
    assert match('path("conv conv add gap dense mul conv1x1")', forked).ok
    assert not match('path("conv conv mul conv1x1")', forked).ok
    assert not match('path("conv conv conv add mul conv1x1")', forked).ok
    assert match('between("sum", "last").path("mul")', forked).ok
    assert match('between("a", "sum").path("conv3x3")', forked).ok


@pytest.mark.parametrize(
    ("shape", "ok"),
    [("16x16x4", True), ("16×16×4", True), ("?x?x4", True), (" 16 x ? x 4 ", True),
     ("16x16", False), ("16x16x4x1", False), ("8x16x4", False), ("?x?x?x?", False), ("4", False)],
)  # fmt: skip
def test_the_shape_of_the_output(forked: Architecture, shape: str, ok: bool) -> None:
    """Batch left out, each size as asked for, "?" for any."""
    assert match(f'output("{shape}")', forked).ok is ok


def test_a_size_that_is_not_known_is_none_but_a_free_one() -> None:
    """And of several outputs the first is meant."""
    given = keras.Input((None, None, 8))
    x = conv(4)(given)
    arch = read(keras.Model(given, [x, L.GlobalAveragePooling2D()(x)]))
    assert match('output("?x?x4")', arch).ok
    assert not match('output("32x?x4")', arch).ok


def test_kernels_alone_are_counted(plain: Architecture) -> None:
    """Biases and norms left out, as tasks leave them free."""
    kernels = 9 * 8 * 16 + 9 * 16 * 32 + 32 * 8 + 8 * 3
    assert match(f"kernels == {kernels} and parameters > {kernels}", plain).ok
    text = match("kernels < 10", plain)
    assert (text.expected, text.found) == (
        "less than 10 parameters in kernels",
        f"{kernels:,} parameters in kernels",
    )


def test_an_amount_is_said_in_words(plain: Architecture) -> None:
    """Of words of a pattern as of other numbers."""
    assert match('count("conv") > 9', plain).expected == "more than 9 × «conv»"
    assert match('count("flatten") == 0', plain).expected == "no «flatten»"
    assert match("trainable == 0", plain).expected == "no trainable parameters"


def test_layers_that_are_called_twice_are_counted(plain: Architecture) -> None:
    """Those with weights, each once; the first call is the place."""
    norm = L.BatchNormalization(name="norm")
    twice = chain(conv(name="first"), norm, L.ReLU(), conv(), norm)
    assert match("shared == 0", plain).ok
    text = match("shared == 0", twice)
    assert (text.expected, text.found) == ("no layers that are called more than once", "1: «norm»")
    assert [twice.node(number).name for number in text.place] == ["norm"]


def test_second_names_of_activations_are_known() -> None:
    """Keras calls swish silu."""
    assert match('path("conv swish")', chain(conv(8, activation="swish"))).ok
    assert match('path("conv swish")', chain(conv(8, activation="silu"))).ok


def test_up_is_a_transposed_convolution_or_up_sampling() -> None:
    """With or without a convolution after it."""
    for up in (
        [L.Conv2DTranspose(8, 2, strides=2)],
        [L.UpSampling2D()],
        [L.UpSampling2D(), conv(8, 2)],
    ):
        assert match('path("up conv3x3")', chain(*up, conv(4))).ok
    assert not match('path("up conv3x3")', chain(conv(8), conv(4))).ok


def test_separable_convolutions_read_either_way() -> None:
    """As `sepconv`, or as its two halves if the expression speaks of depthwise ones."""
    for layers in ([L.SeparableConv2D(4, 3)], [L.DepthwiseConv2D(3), conv(4, 1)]):
        assert match('path("sepconv3x3:4")', chain(*layers)).ok
        assert match('path("dwconv3x3 conv1x1:4")', chain(*layers)).ok
        assert not match('path("conv3x3:4")', chain(*layers)).ok
    between = chain(L.DepthwiseConv2D(3), L.ReLU(), conv(4, 1))
    assert not match('path("sepconv3x3:4")', between).ok
    assert match('path("dwconv3x3 relu conv1x1:4")', between).ok


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
    assert match(expression, arch).ok is ok


def around(shortcut: Any) -> Architecture:
    """Two convolutions, added to what `shortcut` makes of their input."""
    given = keras.Input((16, 16, 8))
    return read(keras.Model(given, conv()(conv()(given)) + shortcut(given)))


@pytest.mark.parametrize(
    ("shortcut", "kind"),
    [
        (lambda x: x, "identity"),
        (conv(8, 1), "projection"),
        (L.MaxPooling2D(1), "pool"),
        (conv(8, 3), "other"),
        (L.BatchNormalization(), "linear"),
        (conv(1, 1), "stretched"),
        (L.GlobalAveragePooling2D(keepdims=True), "stretched other"),
    ],
)
def test_any_shortcut_is_every_sum_and_other_is_none_of_the_four(shortcut: Any, kind: str) -> None:
    """Sums of unequal shapes are "stretched", whatever is on their shortcut; without shortcut= the
    four are meant.
    """
    arch = around(shortcut)
    assert match('residual(shortcut="stretched")', arch).ok is ("stretched" in kind)
    assert match('residual(body="conv3x3 conv3x3", shortcut="any", n=1)', arch).ok
    assert match('residual(shortcut="other")', arch).ok is (kind == "other")
    assert match('residual(shortcut="pool|other")', arch).ok is (kind in {"pool", "other"})
    assert match("residual()", arch).ok is (kind not in {"other", "stretched", "stretched other"})
    assert not match('residual(body="conv3x3", shortcut="any")', arch).ok


@pytest.mark.parametrize(
    ("expression", "ok"),
    [
        ("unet(skips=1)", False),
        ('unet(skips=1, partner="any")', True),
        ('unet(skips=1, partner="any", merge="add")', False),
    ],
)
def test_a_skip_of_any_tensor_of_the_encoder(expression: str, ok: bool) -> None:
    """One that begins inside a level counts where partner= says so."""
    x = given = keras.Input((16, 16, 8))
    x = first = conv()(x)
    x = L.UpSampling2D()(L.MaxPooling2D()(conv()(x)))
    assert match(expression, read(keras.Model(given, L.Concatenate()([first, x])))).ok is ok


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
    assert match(
        'inception(branches=["conv", "conv1x1 conv3x3", "maxpool3x3/1 conv1x1", "conv3x3"], n=1)',
        arch,
    ).ok
    assert match(
        'inception(branches=["conv3x3:4", "conv1x1:8", "conv1x1:6 conv3x3", "pool conv"])', arch
    ).ok
    assert not match('inception(branches=["conv", "conv", "conv", "conv1x1 conv3x3"])', arch).ok
    assert not match('inception(branches=["conv", "conv1x1 conv3x3", "pool conv"])', arch).ok
    assert match('inception(branches=["conv", "conv", ".", ". .", "conv"], n=0)', arch).ok


def test_a_straight_branch_is_the_empty_expression() -> None:
    """DenseNet concatenates a tensor with what becomes of it."""
    assert match('inception(branches=["conv", ""])', inception([conv(4)], [])).ok
    assert not match('inception(branches=["conv", "conv?  conv"])', inception([conv(4)], [])).ok


@pytest.mark.parametrize(
    ("expression", "ok"),
    [
        ("inception(branches=4)", True),
        ("inception(branches=4, n=1)", True),
        ("inception(branches=3)", False),
        ('inception(branches="3+")', True),
        ('inception(branches="2-3")', False),
        ('inception(branches=4, has=["conv1x1:8"])', True),
        ('inception(branches=4, has=["conv1x1:8", "conv", "pool conv"])', True),
        ('inception(branches=4, has=["conv1x1:8", "conv1x1"])', False),
        ('inception(has=["maxpool conv1x1", "conv3x3"])', True),
        ('inception(has=["conv", "conv", "conv"])', False),
        ('inception(has=["avgpool conv1x1"])', False),
        ('inception(has=["conv5x5"], n=0)', True),
        ('inception(3, has=["conv"])', False),
    ],
)
def test_a_module_by_the_number_of_its_branches_and_some_of_them(expression: str, ok: bool) -> None:
    """Each of those is read by a branch of its own, the others are free."""
    pool = L.MaxPooling2D(3, strides=1, padding="same")
    arch = inception([conv(4)], [conv(6, 1), conv(8)], [pool, conv(2, 1)], [conv(8, 1)])
    assert match(expression, arch).ok is ok


def test_a_module_concatenated_in_steps_is_one() -> None:
    """Neither step counts by itself."""
    given = keras.Input((16, 16, 8))
    a, b, c, d = (conv(number)(given) for number in (1, 2, 3, 4))
    for whole in (
        L.Concatenate()([L.Concatenate()([a, b]), L.Concatenate()([c, d])]),
        L.Concatenate()([L.Concatenate()([L.Concatenate()([a, b]), c]), d]),
    ):
        arch = read(keras.Model(given, whole))
        branches = ", ".join(f'"conv3x3:{number}"' for number in (4, 2, 3, 1))
        assert match(f"inception(branches=[{branches}], n=1)", arch).ok
        assert match("inception(branches=2, n=0) and inception(branches=3, n=0)", arch).ok


def test_a_module_joined_along_height_is_none() -> None:
    """Only a concatenation over channels is one."""
    expression = 'inception(branches=["conv1x1", "conv3x3"])'
    assert match(expression, inception([conv(8, 1)], [conv(8)])).ok
    assert not match(expression, inception([conv(8, 1)], [conv(8)], axis=1)).ok


def test_expect_raises_a_mismatch_with_what_was_found_and_where(plain: Architecture) -> None:
    """It carries the same as the match."""
    assert expect('count("conv") == 3', plain).ok
    with pytest.raises(Mismatch) as caught:
        expect('path("conv conv conv .*")', plain)
    assert caught.value.place == ()
    assert [(one.word, one.before) for one in caught.value.missing] == [("conv", 1)]
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
        ('inception(branches="conv")', 'a number, or "2+" or "2-4"', "inception(branches="),
        ("inception(branches=1.5)", "expected a number", "inception(branches="),
        ("inception(n=1)", "inception needs branches= or has=", ""),
        ("inception(branches=None)", "inception needs branches= or has=", ""),
        ('inception(branches=["conv"], has=["conv"])', "has= goes with a number of branches", ""),
        ('inception(3, has="conv")', "expected a list", "inception(3, has="),
        ('residual(shortcut="othr")', "did you mean 'other'?", 'residual(shortcut="'),
        ("output()", "output needs shape=", ""),
        ('output("32x32x")', 'expected sizes as in "32x32x16"', "output("),
        ('output("all")', '"?" for one that is free', "output("),
        ("output(32)", "expected a string", "output("),
        ("kernel < 3", "did you mean 'kernels'?", ""),
        ('path("conv", "dense")', "path takes at most 1", 'path("conv", '),
        ('residual("conv", body="conv")', "'body' is given twice", 'residual("conv", body='),
        ('between("a", "b")', "says nothing by itself", ""),
        ('between("a", "b").residual()', "unknown claim 'residual'", 'between("a", "b").'),
        ('path("conv").contains("conv")', "only between", ""),
        ("weights < 3", "unknown number 'weights'", ""),
        ("parameters < 3 < 4", "expected one comparison", "parameters < 3 < "),
        ("parameters < count", "expected a number", "parameters < "),
        (
            'path("conv") < 3',
            "only count(…), parameters, trainable, non_trainable, kernels, shared are numbers",
            "",
        ),
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
        match(expression, plain)
    text, shown, mark = str(caught.value).split("\n")
    assert message in text
    assert shown.strip() == expression
    assert mark.index("^") - shown.index(expression[0]) == len(caret)


def test_long_expressions_show_the_part_around_the_error() -> None:
    """And too long ones are refused."""
    with pytest.raises(ExpressionError) as caught:
        match('path("' + "conv " * 60 + 'cnv")', chain(conv()))
    _, shown, mark = str(caught.value).split("\n")
    assert len(shown) < 140
    assert shown[mark.index("^") :].startswith("cnv")
    with pytest.raises(ExpressionError, match="at most"):
        match("(" * 6000, chain(conv()))
    with pytest.raises(ExpressionError):
        match("(" * 3000, chain(conv()))
    with pytest.raises(ExpressionError, match="states"):
        match('path("((conv{100}){100}){2}")', chain(conv()))


@pytest.mark.parametrize(
    "expression",
    ["(conv?){20}conv{20}", "(conv*)*dense", "((conv|conv3x3)+)+ dense", "(conv? conv*){15} gap"],
)
def test_matching_is_never_exponential(expression: str) -> None:
    """What makes backtracking matchers hang is answered at once, with an explanation."""
    arch = chain(*(conv() for _ in range(60)))
    started = time.perf_counter()
    assert not match(f'path("{expression} flatten")', arch).ok
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(("before", "ok"), [((), True), ((L.ReLU,), True), ((conv,), False)])
def test_where_a_structure_begins(before: tuple[Any, ...], ok: bool) -> None:
    """`start="input"`: no layer with weights stands before the fork; what does is named."""
    x = given = keras.Input((16, 16, 8))
    for make in before:
        x = make()(x)
    block = read(keras.Model(given, L.Add()([x, conv(name="body")(x)])))
    module = read(keras.Model(given, L.Concatenate()([conv(4, 1)(x), conv(4)(x), conv(4, 5)(x)])))
    for arch, claim in ((block, "residual({})"), (module, "inception(branches=3, {})")):
        assert match(claim.format('start="input"'), arch).ok == ok
        assert match(claim.format("n=1"), arch).ok
    if not ok:
        found = match('residual(start="input")', block).found
        assert "it begins only after «conv2d" in found


def test_branches_begin_at_the_start_and_not_at_the_end_of_another() -> None:
    """`start="input"` of a module: a branch that goes on from the end of another one does not fit;
    branches that share their first layer do.
    """
    given = keras.Input((16, 16, 8))
    first, shared = conv(4, 1)(given), conv(4, 1)(given)
    chained = L.Concatenate()([first, conv(4)(first), conv(4, 5)(given)])
    split = L.Concatenate()([first, conv(4)(shared), conv(4, 5)(shared)])
    claim = 'inception(branches=3, start="input")'
    assert match(claim, read(keras.Model(given, split))).ok
    found = match(claim, read(keras.Model(given, chained)))
    assert not found.ok
    assert "branch 2 goes through the end of branch 1" in found.found
    assert match("inception(branches=3)", read(keras.Model(given, chained))).ok
