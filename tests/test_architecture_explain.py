"""What a student reads: the mistakes of the course,
each named in the student's own words, and marked.
"""

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import ops

from autograder.architecture import Architecture, Match, match, read

L = keras.layers


def conv(filters: int, size: int, x: Any, **settings: Any) -> Any:
    return L.Conv2D(filters, size, **{"padding": "same", **settings})(x)


def block(wire: Callable[[Any, Any, Any], Any], size: int = 32) -> Architecture:
    """Two convolutions, and what `wire` makes of input, first and second of them."""
    given = keras.Input((size, size, 16), name="img")
    first = conv(16, 3, given, activation="relu", name="my_conv_1")
    second = conv(16, 3, first, name="my_conv_2")
    return read(
        keras.Model(given, L.Dense(3)(L.GlobalAveragePooling2D()(wire(given, first, second))))
    )


def told(arch: Architecture, expression: str) -> tuple[str, set[str]]:
    """The explanation and the names of the marked nodes."""
    found: Match = match(expression, arch)
    assert not found.ok
    return found.found, {arch.node(number).name for number in found.place}


RESIDUAL = 'residual(body="conv3x3 conv3x3", shortcut="identity", n=1)'
BLOCKS: dict[str, tuple[Callable[[Any, Any, Any], Any], tuple[str, ...], set[str]]] = {
    "late shortcut": (
        lambda _, b, c: L.Add(name="my_add")([c, b]),
        (
            (
                "Your block ending at «my_add» (32×32×16): "
                "the shortcut leaves after «my_conv_1»; the body between is"
            ),
            (
                "the body between is only: «my_conv_2» [conv3x3:16]; "
                "it should leave before «my_conv_1»"
            ),
        ),
        {"my_add"},
    ),
    "adds itself": (
        lambda _, __, c: L.Add(name="my_add")([c, c]),
        ("«my_add» adds «my_conv_2» to itself, so it only doubles it", "shortcut = x"),
        {"my_add"},
    ),
    "no merge": (
        lambda _, __, c: c,
        ("There is no addition of two tensors anywhere", "straight line"),
        set(),
    ),
    "concatenated": (
        lambda a, _, c: L.Concatenate(name="cat")([c, a]),
        (
            "«cat» concatenates «my_conv_2» (32×32×16) and «img» (32×32×16) (32×32×32)",
            "a residual block adds",
        ),
        {"cat"},
    ),
    "idle projection": (
        lambda a, _, c: L.Add(name="my_add")([c, conv(16, 1, a, name="idle")]),
        ("its shortcut is projection: «idle» [conv1x1:16], expected identity",),
        {"idle"},
    ),
    "3×3 shortcut": (
        lambda a, _, c: L.Add(name="my_add")([c, conv(16, 3, a, name="wide")]),
        ("its shortcut is «wide» [conv3x3:16], expected identity",),
        {"wide"},
    ),
    "activation on the shortcut": (
        lambda a, _, c: L.Add(name="my_add")(
            [c, L.ReLU(name="on_it")(conv(16, 1, a, name="idle"))]
        ),
        ("its shortcut is «idle» [conv1x1:16] → «on_it» [relu], expected identity",),
        {"idle", "on_it"},
    ),
    "stretched": (
        lambda a, _, c: L.Add(name="my_add")([c, conv(1, 1, a, name="one")]),
        ("«my_add» adds «my_conv_2» (32×32×16) and «one» (32×32×1): the smaller one is stretched",),
        {"my_add", "one"},
    ),
    "stretched vector": (
        lambda a, _, c: L.Add(name="my_add")(
            [c, L.GlobalAveragePooling2D(keepdims=True, name="squeeze")(a)]
        ),
        ("«squeeze» (1×1×16): the smaller one is stretched",),
        {"my_add", "squeeze"},
    ),
    "body too long": (
        lambda a, _, c: L.Add(name="my_add")([conv(16, 5, c, name="more"), a]),
        ("«more» [conv5x5:16] is not expected there",),
        {"more"},
    ),
    "other kernel": (
        lambda a, b, _: L.Add(name="my_add")([conv(16, 1, b, name="small"), a]),
        ("«small» is conv1x1:16 where conv3x3 is expected",),
        {"small"},
    ),
    "subtracted": (
        lambda a, _, c: ops.subtract(c, a),
        ("There is no addition of two tensors anywhere in the model; what merges is", "[sub]"),
        {"subtract"},
    ),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_residual_mistakes_are_named(case: str) -> None:
    """Which layer, which shape, what is missing; what is wrong is marked, and nothing else."""
    keras.backend.clear_session()
    wire, sentences, places = BLOCKS[case]
    text, marked = told(block(wire), RESIDUAL)
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert marked == places


def test_the_body_is_named_where_any_shortcut_will_do() -> None:
    """Neither the shortcut nor unequal shapes are complained of."""
    arch = block(lambda a, _, c: L.Add(name="s")([c, conv(1, 1, a, name="one")]))
    expected = 'residual(body="conv3x3", shortcut="any")'
    assert match(expected, arch).expected == (
        "at least one residual block (body «conv3x3», shortcut any)"
    )
    text, marked = told(arch, expected)
    assert "the body between is «my_conv_1» [conv3x3:16] → «my_conv_2» [conv3x3:16]" in text
    assert "shortcut is" not in text
    assert "stretched" not in text
    assert marked == {"my_conv_1"}


def test_a_projection_to_another_shape_is_named() -> None:
    """Where the kind is right, it is the shape that is not."""
    arch = block(lambda a, _, c: L.Add(name="s")([c, conv(1, 1, a, name="one")]))
    text, marked = told(arch, 'residual(shortcut="projection")')
    assert "its two sides differ in shape" in text
    assert "s" in marked


def test_another_shortcut_is_named_where_one_of_no_kind_is_asked_for() -> None:
    """By its kind."""
    text, _ = told(block(lambda a, _, c: L.Add(name="s")([a, c])), 'residual(shortcut="other")')
    assert "its shortcut is identity, expected other" in text


def test_what_is_no_residual_connection_is_told_apart() -> None:
    """Two ways side by side, and a sum of what goes around alone."""
    beside = block(lambda a, b, _: L.Add(name="s")([b, conv(16, 3, a, name="wide")]))
    text, marked = told(beside, "residual()")
    assert "nothing goes around: it adds «wide» [conv3x3:16] and «my_conv_1» [conv3x3:16]" in text
    assert marked == {"s"}
    alone = block(lambda a, _, __: L.Add(name="s")([a, conv(16, 1, a, name="thin")]))
    text, marked = told(alone, "residual()")
    assert "beside the shortcut is only «thin» [conv1x1:16]: nothing to go around" in text
    assert "thin" in marked


def test_a_tensor_given_twice_beside_another_is_not_said_to_be_alone() -> None:
    """The body does reach that sum; only a sum of nothing else doubles."""
    arch = block(lambda a, _, c: L.Add(name="s")([a, a, c]))
    text, _ = told(arch, 'residual(shortcut="projection")')
    assert "«s» is given «img» more than once" in text
    assert "doubles" not in text


def test_shapes_are_those_of_the_tensors_that_are_added() -> None:
    """Padding over channels, which the form leaves out, is no stretching."""
    zeros = [[0, 0], [0, 0], [0, 0], [4, 4]]
    arch = block(lambda a, _, c: L.Add(name="s")([ops.pad(a[..., 8:], zeros), c]))
    text, _ = told(arch, 'residual(shortcut="projection")')
    assert "stretched" not in text


def test_a_missing_activation_after_the_sum_is_named() -> None:
    """Where the expression asks for it."""
    text, _ = told(block(lambda a, _, c: L.Add(name="s")([a, c])), 'residual(activation="relu")')
    assert "after the sum comes no activation, expected relu" in text


def test_too_many_blocks_are_counted() -> None:
    """And listed."""
    text, marked = told(
        block(lambda a, _, c: L.Add(name="s1")([a, L.Add(name="s2")([c, conv(16, 3, c)])])),
        "residual(n=1)",
    )
    assert "2 such blocks: ending at «s2», «s1»" in text
    assert marked == {"s1", "s2"}


def test_an_opaque_layer_is_said_to_be_one() -> None:
    """What can't be seen is not called wrong."""

    class Unit(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    text, marked = told(block(lambda _, __, c: Unit(name="mine")(c)), RESIDUAL)
    assert "what happens inside «mine» can't be seen" in text.lower()
    assert "mine" in marked


GOOGLENET = (
    'inception(branches=["conv1x1:64", "conv1x1:96 conv3x3:128", '
    '"conv1x1:16 conv5x5:32", "maxpool3x3/1 conv1x1:32"])'
)


def module(change: str) -> Architecture:
    """Inception (3a) with one thing changed."""
    given = keras.Input((28, 28, 192), name="inp")
    b1 = conv(64, 1, given, name="c1")
    b2 = conv(128, 3, conv(96, 1, given, name="r3"), name="c3")
    b3 = conv(
        32,
        3 if change == "kernel" else 5,
        given if change == "reduction" else conv(16, 1, given, name="r5"),
        name="c5",
    )
    b4 = conv(32, 1, L.MaxPooling2D(3, strides=1, padding="same", name="pool")(given), name="cp")
    if change == "chained":
        b2 = conv(128, 3, conv(96, 1, b1), name="c3")
        b3 = conv(32, 5, conv(16, 1, b2))
    branches = [b1, b2, b3] if change == "missing" else [b1, b2, b3, b4]
    branches = [b1, b1, b2, b3] if change == "doubled" else branches
    if change == "axis":
        given = keras.Input((28, 28, 64))
        return read(
            keras.Model(
                given, L.Concatenate(axis=1, name="join")([conv(64, 1, given), conv(64, 3, given)])
            )
        )
    if change == "added":
        return read(keras.Model(given, L.Add(name="plus")([conv(8, 1, b) for b in branches])))
    return read(keras.Model(given, L.Concatenate(name="join")(branches)))


@pytest.mark.parametrize(
    ("change", "sentence", "place"),
    [
        ("kernel", "«c5» is conv3x3:32 where conv5x5:32 is expected", {"c5"}),
        ("reduction", "missing: conv1x1:16 before «c5»", set()),
        ("missing", "the branch «maxpool3x3/1 conv1x1:32» is missing", set()),
        ("chained", "goes through the end of branch", {"join", "c1", "c3"}),
        ("doubled", "«join» is given «c1» more than once", {"join"}),
        (
            "axis",
            "«join» joins along height (axis=1) and gives 56×28×64: channels are the last axis",
            {"join", "conv2d_1"},
        ),
        (
            "added",
            (
                "There is no concatenation of branches from one tensor anywhere in the model; "
                "what merges is «plus»"
            ),
            {"plus"},
        ),
    ],
)
def test_inception_mistakes_are_named(change: str, sentence: str, place: set[str]) -> None:
    """Which branch, which layer of it."""
    keras.backend.clear_session()
    text, marked = told(module(change), GOOGLENET)
    assert sentence in text
    assert marked == place


@pytest.mark.parametrize(
    ("change", "claim", "expected", "sentences", "place"),
    [
        (
            "missing",
            "branches=4",
            "at least one module with 4 branches",
            ("At «join» (28×28×224): 3 branches, expected 4: «c1» [conv1x1:64], «r3»",),
            {"join"},
        ),
        (
            "kernel",
            'branches=4, has=["conv1x1 conv5x5"], n=1',
            "1 module with 4 branches and «conv1x1 conv5x5» among its branches",
            ("for «conv1x1 conv5x5» there is", "is conv3x3:", "where conv5x5 is expected"),
            {"c3"},
        ),
        (
            "missing",
            'has=["maxpool conv1x1", "conv1x1"]',
            "at least one module with «maxpool conv1x1», «conv1x1» among its branches",
            ("for «maxpool conv1x1» there is", "missing: maxpool before"),
            {"c3"},
        ),
        (
            "axis",
            "branches=2",
            "at least one module with 2 branches",
            ("the branches are right; but they are not joined over channels", "along height"),
            {"join"},
        ),
    ],
)
def test_a_module_by_number_is_explained(
    change: str, claim: str, expected: str, sentences: tuple[str, ...], place: set[str]
) -> None:
    """How many branches there are, and which one is missing; those that are free are not wrong."""
    found = match(f"inception({claim})", module(change))
    assert found.expected == expected
    text, marked = told(module(change), f"inception({claim})")
    assert [sentence for sentence in sentences if sentence not in text] == []
    assert "not expected:" not in text
    assert marked == place


def test_the_shape_of_the_output_is_told() -> None:
    """What is asked for and what there is, by the student's name."""
    found = match('output("32x32x?")', module("missing"))
    assert (found.expected, found.found) == (
        "an output of shape 32×32×?",
        "«join» (28×28×224)",
    )
    assert told(module("missing"), 'output("10")')[1] == {"join"}


def unet(change: str) -> Architecture:
    """A U-Net of depth 2 with one thing changed."""
    x = given = keras.Input((32, 32, 3), name="inp")
    skips = []
    for level in range(2):
        x = conv(8, 3, x, name=f"down_{level}")
        before, x = x, L.MaxPooling2D(name=f"pool_{level}")(x)
        skips.append(x if change == "after" else before)
    x = conv(16, 3, x, name="bottom")
    for level in (1, 0):
        if change == "after":
            x = L.Concatenate(name=f"join_{level}")([x, skips[level]])
        x = L.Conv2DTranspose(8, 2, strides=2, name=f"up_{level}")(x)
        if change == "add":
            x = L.Add(name=f"join_{level}")([x, skips[level]])
        elif change == "decoder":
            x = L.Concatenate(name=f"join_{level}")([x, conv(8, 3, x)])
        elif change in {"none", "after"} or (change == "one" and level == 1):
            pass
        else:
            x = L.Concatenate(name=f"join_{level}")([x, skips[level]])
    return read(keras.Model(given, conv(1, 1, x)))


@pytest.mark.parametrize(
    ("change", "sentence", "place"),
    [
        (
            "after",
            (
                "The skip from «pool_0» (16×16×8) to «join_0» "
                "does not carry the tensor that is pooled next"
            ),
            {"join_0", "join_1"},
        ),
        (
            "add",
            "The skip from «down_1» (16×16×8) to «join_1» is merged by add, expected concat",
            {"join_0", "join_1"},
        ),
        ("one", "1 skip: «down_0» reaches «join_0» at 32×32×16", set()),
        (
            "none",
            (
                "There is no concatenation of encoder and decoder tensors anywhere in the model: "
                "it is one straight line"
            ),
            set(),
        ),
        ("decoder", "«join_1» merges tensors that both come from «up_1»", {"join_0", "join_1"}),
        (
            "one",
            "«down_1» (16×16×8), which «pool_1» halves, is not carried to the decoder at that size",
            set(),
        ),
    ],
)
def test_unet_mistakes_are_named(change: str, sentence: str, place: set[str]) -> None:
    """Which skip, and what it carries instead; skips that are right are not marked."""
    text, marked = told(unet(change), "unet(skips=2)")
    assert sentence in text
    assert marked == place


RELU = 'residual(body="conv3x3 relu conv3x3", shortcut="identity", activation="relu", n=1)'
LACKS: dict[str, tuple[Callable[[], Architecture], str, set[tuple[Any, ...]]]] = {
    "a shortcut": (
        lambda: block(lambda _, __, c: L.Add(name="my_add")([c, c])),
        RESIDUAL,
        {("shortcut", ("img",), "my_add", False)},
    ),
    "a shortcut that leaves too late": (
        lambda: block(lambda _, b, c: L.Add(name="my_add")([c, b])),
        RESIDUAL,
        {("shortcut", ("img",), "my_add", False)},
    ),
    "a sum": (
        lambda: block(lambda _, __, c: c),
        RESIDUAL,
        {("add", ("my_conv_2", "img"), "global_average_pooling2d", True)},
    ),
    "an activation after the sum": (
        lambda: block(lambda a, _, c: L.Add(name="my_add")([c, a])),
        RELU,
        {("relu", ("my_add",), None, True)},
    ),
    "a projection": (
        lambda: block(lambda a, _, c: L.Add(name="my_add")([c, a])),
        'residual(shortcut="projection")',
        {("projection", ("img",), "my_add", True)},
    ),
    "a layer of the body": (
        lambda: block(lambda a, _, c: L.Add(name="my_add")([c, a])),
        'residual(body="conv3x3 bn conv3x3 bn", n=1)',
        {("bn", ("my_conv_1",), "my_conv_2", True), ("bn", ("my_conv_2",), "my_add", True)},
    ),
    "a branch": (
        lambda: module("missing"),
        GOOGLENET,
        {("maxpool3x3/1 conv1x1:32", ("inp",), "join", True)},
    ),
    "a layer of a branch": (
        lambda: module("reduction"),
        GOOGLENET,
        {("conv1x1:16", ("inp",), "c5", True)},
    ),
    "all skips": (
        lambda: unet("none"),
        "unet(skips=2)",
        {("concatenate", ("up_1", "down_1"), "up_0", True),
         ("concatenate", ("up_0", "down_0"), "conv2d", True)},
    ),
    "one skip": (
        lambda: unet("one"),
        "unet(skips=2)",
        {("concatenate", ("up_1", "down_1"), "up_0", True)},
    ),
    "skips beside others": (
        lambda: unet("decoder"),
        "unet(skips=2)",
        {("skip", ("down_1",), "join_1", False), ("skip", ("down_0",), "join_0", False)},
    ),
    "a level": (
        lambda: unet(""),
        "unet(skips=3)",
        {("1 more level", ("bottom",), "up_1", True)},
    ),
    "an activation of the output": (
        lambda: unet(""),
        'head(units=1, activation="sigmoid")',
        {("sigmoid", ("conv2d",), None, True)},
    ),
    "a layer at the end": (
        lambda: unet("none"),
        'path(".* upconv conv1x1 softmax")',
        {("softmax", ("conv2d",), None, True)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LACKS)
def test_what_is_missing_is_told_with_its_place(case: str) -> None:
    """Its word, the layers that it should be called on, the one that should be called on it, and
    whether it is a layer or a mere connection.
    """
    keras.backend.clear_session()
    build, expression, lacks = LACKS[case]
    arch = build()
    found = {
        (
            one.word,
            tuple(arch.node(number).name for number in one.after),
            None if one.before is None else arch.node(one.before).name,
            one.layer,
        )
        for one in match(expression, arch).missing
    }
    assert found == lacks


def test_of_too_few_none_is_wrong() -> None:
    """Those that are there are right; of too many each may be the one too many."""
    arch = unet("")
    assert match('count("concat") >= 3', arch).place == ()
    assert match('count("concat", n=3)', arch).place == ()
    assert len(match('count("concat") <= 1', arch).place) == 2
    assert len(match("unet(skips=1)", arch).place) == 2


def test_heads_are_listed_where_one_is_missing() -> None:
    """By name, size and activation."""
    text, _ = told(unet("none"), 'head("box", units=4)')
    assert text.startswith("no output of that name; the outputs are")
    assert "32×32×1, no activation" in text


def test_an_input_that_nothing_reads_is_named() -> None:
    """A way that is missing may be a dead end."""
    given, idle = keras.Input((8, 8, 3)), keras.Input((4,), name="gate")
    arch = read(keras.Model([given, idle], conv(4, 3, given)))
    text, marked = told(arch, 'path("dense .*")')
    assert "«gate» is accepted as an input" in text
    assert "gate" in marked


def test_names_cannot_garble_a_message() -> None:
    """Control characters are replaced, long names are cut."""
    given = keras.Input((8, 8, 3))
    x = conv(4, 3, given, name="a" * 500)
    arch = read(
        keras.Model(given, x).to_json().replace("a" * 500, "evil\\u001b[2J\\u202e" + "b" * 500)
    )
    text, _ = told(arch, 'path("dense")')
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text) < 400
