"""Pictures and lines of text of models: complete, legible, harmless in a page of feedback."""

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from test_graders_functional import cells as functional_cells
from test_graders_residual import cells as residual_cells

from autograder.architecture import Architecture, Node, read
from autograder.architecture.draw import draw
from autograder.architecture.folding import DRAWABLE, FEW, plan
from autograder.architecture.layout import lay_out
from autograder.architecture.missing import Missing
from autograder.architecture.text import describe, shown, title

SVG = "{http://www.w3.org/2000/svg}"


def node(
    number: int,
    kind: str,
    *inputs: int,
    name: str = "",
    shape: Any = (None, 8, 8, 4),
    **config: Any,
) -> Node:
    name = name or f"{kind}_{number}"
    return Node(number, name, name, kind, kind.title(), "keras.layers", config, name, inputs, shape)


def model(*nodes: Node, outputs: tuple[int, ...] = ()) -> Architecture:
    inputs = tuple(n.id for n in nodes if n.kind == "input")
    return Architecture("net", nodes, inputs, outputs or (nodes[-1].id,))


def conv(number: int, *inputs: int, **config: Any) -> Node:
    settings: dict[str, Any] = {
        "filters": 4,
        "kernel_size": [3, 3],
        "strides": [1, 1],
        "padding": "same",
    }
    return node(number, "conv", *inputs, **(settings | {"activation": "relu"} | config))


def residual() -> Architecture:
    return model(
        node(0, "input"),
        conv(1, 0, activation="linear"),
        node(2, "bn", 1),
        node(3, "act", 2),
        conv(4, 3),
        node(5, "add", 4, 3),
        node(6, "gap", 5, shape=(None, 4)),
    )


def blocks(count: int) -> Architecture:
    nodes = [node(0, "input")]
    for _ in range(count):
        last = nodes[-1].id
        nodes += [
            conv(last + 1, last),
            conv(last + 2, last + 1),
            node(last + 3, "add", last + 2, last),
        ]
    return model(*nodes)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_layer_is_drawn_with_what_it_is_its_name_and_its_shape() -> None:
    """Title, name, fused activation in the same box, the shape on the edge, the output."""
    said = set(texts(draw(residual(), {}, "A block")))
    assert {
        "A block",
        "conv 3×3, 4",
        "conv 3×3, 4 · relu",
        "batch norm",
        "bn_2",
        "+ add",
        "8×8×4",
        "output 4",
    } <= said


@pytest.mark.parametrize(
    ("mark", "word"), [("found", "✓ found"), ("wrong", "✗ wrong"), ("missing", "? missing")]
)
def test_a_mark_is_told_by_colour_and_by_word(mark: str, word: str) -> None:
    """Readers who don't see the colour read the word,
    in the picture, its legend and its description.
    """
    svg = draw(residual(), {5: mark})
    assert texts(svg).count(word) == 2
    assert f"{mark.capitalize()}: add_5" in (ET.fromstring(svg)[1].text or "")


def test_a_picture_has_words_for_those_who_do_not_see_it() -> None:
    """role="img", a title and a description with the model's size and ends."""
    root = ET.fromstring(draw(residual(), {}, "A block"))
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == "A block"
    assert root[1].text == "7 layers from 8×8×4 to 4."


def test_nothing_in_a_picture_acts_or_refers_elsewhere() -> None:
    """Elements that draw and no other; no ids, which would clash with another picture's;
    no styles, links, events.
    """
    svg = draw(residual(), {5: "wrong"}, "A block")
    elements = list(ET.fromstring(svg).iter())
    tags = {element.tag.removeprefix(SVG) for element in elements}
    assert tags <= {"svg", "title", "desc", "rect", "g", "path", "text"}
    names = {name for element in elements for name in element.attrib}
    assert not [
        name for name in names if name in {"id", "style", "class", "href"} or name.startswith("on")
    ]
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_names_are_text_and_nothing_else() -> None:
    """Markup, terminal codes and characters that turn the reading order come out harmless."""
    bad = "<script>alert(1)</script>&\"' \x1b[31m\u202e\ud800"
    arch = model(node(0, "input", name=bad), node(1, "opaque", 0, name=bad))
    svg = draw(arch, {1: "wrong"}, bad)
    ET.fromstring(svg).iter()
    svg.encode()
    assert "<script" not in svg
    assert "\x1b" not in svg + describe(arch)
    assert shown("a\u202eb\ud800\n") == "a\ufffdb\ufffd\ufffd"


def test_the_same_model_gives_the_same_picture() -> None:
    """Byte for byte, so that a verdict does not change when it is written again."""
    assert draw(blocks(9), {3: "wrong"}) == draw(blocks(9), {3: "wrong"})


def scale(svg: str) -> float:
    """How large a picture is on a page, as a part of how large it is drawn."""
    root = ET.fromstring(svg)
    return float(root.get("width") or 0) / float((root.get("viewBox") or "").split()[2])


def smallest(svg: str) -> float:
    """The size of its smallest letters on a page, in pixels."""
    return min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) * scale(svg)


def test_a_small_model_is_drawn_one_by_one() -> None:
    """Up to twelve boxes nothing is left out, and letters keep their size."""
    arch = blocks(5)
    svg = draw(arch)
    assert len(plan(arch, {}).boxes) == FEW - 1
    assert all(node.name in svg for node in arch.nodes)
    assert smallest(svg) >= 11


def test_a_plain_run_is_one_box() -> None:
    """A layer a row; of a long run the middle is one row, what is marked there and its neighbours
    are not.
    """
    short = model(node(0, "input"), *(conv(i, i - 1) for i in range(1, 12)))
    assert [len(row) for row in plan(short, {}).boxes[0].rows] == [1] * 12
    long = model(node(0, "input"), *(conv(i, i - 1) for i in range(1, 40)))
    assert [len(row) for row in plan(long, {}).boxes[0].rows] == [1, 1, 1, 34, 1, 1, 1]
    (box,) = plan(long, {20: "wrong"}).boxes
    assert [row[0].id for row in box.rows if len(row) == 1] == [0, 1, 2, *range(18, 23), 37, 38, 39]
    assert "… 34 more: 34 conv" in texts(draw(long))


def test_a_wide_model_has_narrower_boxes() -> None:
    """Five branches side by side, and letters keep their size."""
    branches = [conv(i, 0, name=f"a_convolution_with_a_long_name_{i}") for i in range(1, 6)]
    svg = draw(model(node(0, "input"), *branches, node(6, "concat", 1, 2, 3, 4, 5)))
    assert smallest(svg) >= 11
    assert float(ET.fromstring(svg).get("width") or 0) <= 900


def test_a_caption_does_not_widen_a_picture() -> None:
    """It stands in several lines."""
    svg = draw(residual(), {}, "One sentence that is longer than the picture is wide " * 3)
    assert ET.fromstring(svg).get("width") == ET.fromstring(draw(residual())).get("width")


def unet() -> Architecture:
    """Two levels; its first skip is there, its second is not."""
    return model(
        node(0, "input"),
        conv(1, 0),
        node(2, "maxpool", 1),
        conv(3, 2),
        node(4, "maxpool", 3),
        node(5, "upsample", 4),
        conv(6, 5),
        node(7, "upsample", 6),
        node(8, "concat", 7, 1),
        conv(9, 8),
    )


def lines(svg: str, dashed: bool) -> int:
    """How many connections are drawn that are there, or that are missing."""
    looks = {True: 'stroke-width="2.5" stroke-dasharray="5 3"/>', False: 'stroke-width="1.4"/>'}
    return len(re.findall(rf'<path [^>]*fill="none"[^>]*{looks[dashed]}', svg))


def named_at(arch: Architecture, missing: Missing) -> tuple[set[str], set[str], set[str]]:
    """Of the one missing layer of a plan: the layers before it, those after it, and those before it
    from which a connection is missing as well.
    """
    scene = plan(arch, {}, [missing])
    (here,) = (place for place, box in enumerate(scene.boxes) if box.missing)
    ends = {place: box.nodes[-1].name for place, box in enumerate(scene.boxes) if box.nodes}
    starts = {place: box.nodes[0].name for place, box in enumerate(scene.boxes) if box.nodes}
    return (
        {ends[a] for a, b in scene.edges if b == here},
        {starts[b] for a, b in scene.edges if a == here},
        {ends[a] for a, b in scene.lacking if b == here},
    )


def test_a_missing_skip_is_dashed_between_its_two_layers() -> None:
    """With its word, in the picture's words too; the one that is there is not marked."""
    arch = unet()
    svg = draw(arch, {}, "", [Missing("skip", (3,), 6, layer=False)])
    scene = plan(arch, {}, [Missing("skip", (3,), 6, layer=False)])
    ((source, target),) = scene.lacking
    assert (scene.boxes[source].nodes[-1].id, scene.boxes[target].nodes[0].id) == (3, 6)
    assert lines(svg, dashed=True) == 1
    assert {"? skip", "? missing"} <= set(texts(svg))
    assert "✗ wrong" not in svg
    assert "Not there: skip from conv_3 to conv_6." in (ET.fromstring(svg)[1].text or "")


def test_a_missing_layer_is_dashed_where_it_belongs() -> None:
    """On the way between two layers, which is drawn as it is."""
    arch = residual()
    svg = draw(arch, {}, "", [Missing("relu", (5,))])
    assert {"relu", "? missing"} <= set(texts(svg))
    assert lines(svg, dashed=True) == 0
    assert named_at(arch, Missing("relu", (5,))) == ({"add_5"}, {"gap_6"}, set())
    inside = named_at(arch, Missing("batch norm", (1,), 2))
    assert inside == ({"conv_1"}, {"bn_2"}, set())
    assert named_at(arch, Missing("softmax", (6,))) == ({"gap_6"}, set(), set())


def test_a_missing_merge_is_dashed_with_the_way_to_it() -> None:
    """What flows by flows through it; the other tensor does not reach it yet."""
    lack = Missing("concatenate", (5, 3), 6)
    assert named_at(unet(), lack) == ({"upsample_5"}, {"conv_6"}, {"conv_3"})
    assert lines(draw(unet(), {}, "", [lack]), dashed=True) == 1


def test_several_things_missing_at_one_place_stand_in_a_row() -> None:
    """None hides another."""
    lacks = [Missing("batch norm", (3,), 4), Missing("relu", (3,), 4), Missing("add", (3, 1), 4)]
    scene = plan(unet(), {}, lacks)
    order = [box.missing for box in scene.boxes if box.missing]
    assert order == ["batch norm", "relu", "add"]
    assert sorted(scene.lacking.values()) == [""]
    assert len(scene.edges) == len(plan(unet(), {}, [Missing("x", (3,), 4)]).edges) + 2


@pytest.mark.parametrize(
    "lack",
    [Missing("skip", (6,), 3, layer=False), Missing("relu", (99,)), Missing("relu", (3,), 99)],
)
def test_what_can_not_be_drawn_is_left_out(lack: Missing) -> None:
    """A way back, or from nowhere: the picture is as without it."""
    assert draw(unet(), {}, "", [lack]) == draw(unet())


def test_repeated_blocks_are_drawn_once() -> None:
    """Of a large model one block, with its number."""
    said = texts(draw(blocks(30)))
    assert "30 ×" in said
    assert said.count("+ add") == 1


def test_a_marked_block_is_never_folded_away() -> None:
    """The block with the mark is drawn, those before and after it once each."""
    arch = blocks(30)
    marked = arch.nodes[-9].id
    said = texts(draw(arch, {marked: "wrong"}))
    assert {"27 ×", "2 ×"} <= set(said)
    assert arch.node(marked).name in said


def test_a_giant_without_repetition_is_summed_up_or_cut() -> None:
    """No picture has more than a few hundred boxes; what is not drawn is said."""
    chain = [node(0, "input"), *(conv(i, i - 1, filters=i) for i in range(1, 600))]
    assert len(plan(model(*chain), {300: "wrong"}).boxes) <= DRAWABLE
    dense = [node(0, "input"), *(node(i, "concat", i - 1, max(0, i - 3)) for i in range(1, 600))]
    assert len(plan(model(*dense), {}).boxes) <= DRAWABLE


def test_what_is_far_from_a_mark_is_a_note() -> None:
    """Forty different blocks, one of them marked: that one and its neighbours are drawn."""
    nodes = [node(0, "input")]
    for width in range(1, 41):
        last = nodes[-1].id
        nodes += [conv(last + 1, last, filters=width), node(last + 2, "add", last + 1, last)]
    svg = draw(model(*nodes), {41: "wrong"})
    assert len(plan(model(*nodes), {41: "wrong"}).boxes) == 13
    assert [text for text in texts(svg) if "not drawn" in text] == [
        "37 layers not drawn: 19 conv, 18 add",
        "33 layers not drawn: 17 conv, 16 add",
    ]
    assert {"conv_39", "add_40", "conv_41", "add_42", "conv_43"} <= set(texts(svg))
    assert len(plan(model(*nodes), {}).boxes) == 81


def test_a_tensor_given_twice_is_two_lines() -> None:
    """Add()([x, x]) looks like what it is."""
    svg = draw(model(node(0, "input"), node(1, "add", 0, 0)))
    assert svg.count('fill="none" stroke="#57606a" stroke-width="1.4"') == 2


def test_boxes_of_a_row_stand_apart_and_skips_pass_beside() -> None:
    """Four branches, one of them a bare skip: no box or lane overlaps another."""
    edges = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (3, 6), (0, 7), (4, 7), (5, 7), (6, 7)]
    place = lay_out([200.0] * 8, [40.0] * 8, edges, 40.0)
    assert place.row == (0, 1, 1, 1, 2, 2, 2, 3)
    for row in range(4):
        spots = sorted([(place.x[i], 200.0) for i in range(8) if place.row[i] == row])
        spots = sorted(
            [*spots, *((lanes[row - 1], 18.0) for lanes in place.lanes if 0 < row <= len(lanes))]
        )
        for (left, width), (right, other) in pairwise(spots):
            assert right - left >= (width + other) / 2


def test_a_trunk_is_straight() -> None:
    """The body of a block stands right under what it is called on, the skip beside it."""
    place = lay_out([200.0] * 4, [40.0] * 4, [(0, 1), (1, 2), (2, 3), (0, 3)], 40.0)
    assert len(set(place.x)) == 1


def test_lines_of_text_name_layer_shape_inputs_and_mark() -> None:
    """One line a layer."""
    lines = describe(residual(), {5: "wrong"}).splitlines()
    assert len(lines) == 8
    assert lines[6].split() == ["✗", "add_5", "add", "8×8×4", "conv_4,", "act_3"]


TITLES = [
    (conv(1, 0, strides=[2, 2]), "conv 3×3, 4, /2"),
    (conv(1, 0, padding="valid", dilation_rate=[2, 2]), "conv 3×3, 4, dilated 2×2, valid"),
    (conv(1, 0, kernel_size=[1, 1], padding="valid"), "conv 1×1, 4"),
    (node(1, "maxpool", 0, pool_size=[3, 3], strides=[2, 2]), "max pool 3×3, /2"),
    (node(1, "dropout", 0, rate=0.5), "dropout 0.5"),
    (node(1, "conv", 0, kernel_size={"a": 1}, strides="x", filters=[], dilation_rate=[[]]), "conv"),
]


@pytest.mark.parametrize(("layer", "expected"), TITLES, ids=[expected for _, expected in TITLES])
def test_titles_hold_the_numbers_that_matter(layer: Node, expected: str) -> None:
    """Kernel, filters, stride and padding where they say something;
    nonsense in a configuration is left out.
    """
    assert title(layer) == expected


CALLS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "residual_networks": (
        ("build_resnet", (64, 64, 3), 6),
        ("build_mini_xception", (64, 64, 3), 6),
        ("build_unet", (64, 64, 3)),
        ("build_unet", (64, 64, 3), 4, 8, 4),
    ),
    "functional_api": (
        ("build_functional",),
        ("build_two_input", (64, 64, 3), 4, 6),
        ("build_siamese", (64, 64, 3), 16),
        ("build_localizer", (64, 64, 3), 6),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("assignment", CALLS)
def test_pictures_of_reference_networks_can_be_read(assignment: str) -> None:
    """Whichever layer is marked: no wider than the column, letters of eleven pixels at least, and
    at most 40 kilobytes and two screens.
    """
    cells = {"residual_networks": residual_cells, "functional_api": functional_cells}[assignment]
    names: dict[str, Any] = {}
    for source in cells(solved=True).values():
        exec(source, names)
    for call, *arguments in CALLS[assignment]:
        arch = read(names[call](*arguments))
        for marks in [{}, *({n.id: "wrong"} for n in arch.nodes[:: len(arch.nodes) // 6])]:
            svg = draw(arch, marks, "A sentence as long as those that graders say of a network.")
            root = ET.fromstring(svg)
            assert float(root.get("width") or 0) <= 900
            assert smallest(svg) >= 11
            assert len(svg.encode()) <= 40_000
            assert float(root.get("height") or 0) <= 2_000
            assert all(arch.node(number).name in svg for number in marks)
