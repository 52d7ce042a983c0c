"""labkit, what students get: errors explained, public checks that raise only where nbgrader
validates, pictures; alone beside a notebook.
"""

import ast
import importlib
import re
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pytest

import autograder
from autograder.course import own_course
from autograder.data.prepared import use
from autograder.desk import desk, place_labkit
from autograder.nbgrader_bridge import hooks

OWN = own_course()
NAME = "residual_networks"
GENERAL = Path(autograder.__path__[0], "labkit")
NAMES = {
    "conv_arithmetic": ("output_size", "conv_params", "separable_conv_params"),
    "residual_block": ("residual_block",),
    "residual_network": ("build_resnet",),
    "separable_block": ("separable_residual_block",),
    "mini_xception": ("build_mini_xception",),
    "inception_module": ("inception_module",),
    "unet": ("build_unet",),
}


@pytest.fixture(scope="module")
def labkit() -> Any:
    """As it lies on the desk of the assignment: the general part, our course's, public checks."""
    use({"desk": desk(OWN, NAME), "data": None})
    return importlib.import_module("labkit")


@pytest.fixture(scope="module")
def keras() -> Any:
    """Keras, imported where a test needs it."""
    import keras

    return keras


@pytest.fixture(scope="module")
def reference(keras: Any) -> dict[str, Any]:
    """What the source notebook's solution cells define, without the training."""
    names: dict[str, Any] = {"keras": keras, "layers": keras.layers, "np": np}
    for cell in nbformat.read(OWN.source(NAME), as_version=4).cells:
        if cell.id in NAMES:
            exec(cell.source, names)
    return names


Explained = Callable[[Callable[[], Any]], str | None]


@pytest.fixture(scope="module")
def explained(labkit: Any) -> Explained:
    """What labkit says of the error that building something raises."""

    def explain(build: Callable[[], Any]) -> str | None:
        try:
            build()
        except Exception as error:
            line: str | None = labkit.explain_error(error)
            return line
        raise AssertionError("nothing was raised")

    return explain


@pytest.fixture(scope="module")
def ways(keras: Any) -> dict[str, Any]:
    """Tensors that don't fit: an input, halved and widened ways from it."""
    layers = keras.layers
    x = keras.Input((32, 32, 16), name="x")
    wide = layers.Conv2D(32, 3, padding="same", name="wide")(x)
    halved = layers.Conv2D(32, 3, strides=2, padding="same", name="halved")(x)
    eaten = layers.Conv2D(16, 3, name="eaten")(x)
    return {
        "x": x,
        "wide": wide,
        "halved": halved,
        "eaten": eaten,
        "flat": layers.Flatten(name="flat")(x),
    }


MERGES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "Add": lambda keras, a, b: keras.layers.Add()([a, b]),
    "plus": lambda _, a, b: a + b,
    "ops.add": lambda keras, a, b: keras.ops.add(a, b),
    "Concatenate": lambda keras, a, b: keras.layers.Concatenate()([a, b]),
    "ops.concatenate": lambda keras, a, b: keras.ops.concatenate([a, b], axis=-1),
}


@pytest.mark.parametrize("merge", MERGES)
def test_both_layers_and_shapes_are_named(
    explained: Explained, keras: Any, ways: dict[str, Any], merge: str
) -> None:
    """However tensors are merged, one line names both makers, both shapes,
    and the side that must change.
    """
    line = explained(partial(MERGES[merge], keras, ways["x"], ways["halved"]))
    assert line is not None
    assert "\n" not in line
    assert "«x» (32×32×16)" in line
    assert "«halved» (16×16×32)" in line
    assert "«x» is the sho" in line


@pytest.mark.parametrize("merge", ["Add", "plus", "ops.add"])
def test_channels_that_differ_are_the_shortcuts_business(
    explained: Explained, keras: Any, ways: dict[str, Any], merge: str
) -> None:
    """The way with less work in it is the shortcut, on whichever side it stands."""
    for a, b in (("x", "wide"), ("wide", "x")):
        line = explained(partial(MERGES[merge], keras, ways[a], ways[b]))
        assert line is not None
        assert line.endswith(
            "they differ in channels. «x» is the shortcut: it must become 32×32×32."
        )


def test_missing_padding_is_the_bodys_business(
    explained: Explained, keras: Any, ways: dict[str, Any]
) -> None:
    """Where the body loses pixels by padding, it is the body that must change,
    and the layer is named.
    """
    line = explained(lambda: ways["x"] + ways["eaten"])
    assert line is not None
    assert line.endswith(
        "«eaten» must become 32×32×16: "
        "«eaten» has padding='valid' and eats 2 pixels (32×32 → 30×30)."
    )


def test_rounding_in_a_unet_is_found_at_the_pooling(explained: Explained, keras: Any) -> None:
    """89 → 44 → 88: the line leads to the pooling that rounded, not to the decoder's last layer."""
    layers = keras.layers
    skip = layers.Conv2D(4, 3, padding="same", name="skip")(keras.Input((89, 89, 3)))
    up = layers.UpSampling2D(name="up")(layers.MaxPooling2D(name="pool")(skip))
    line = explained(lambda: layers.Concatenate()([skip, up]))
    assert line is not None
    assert "«pool» has padding='valid' and rounds down (89×89 → 44×44)" in line


def test_maps_of_two_levels_are_not_to_be_made_equal(explained: Explained, keras: Any) -> None:
    """In a U-Net whose skip begins at another level, no layer is too large or too small."""
    layers = keras.layers
    skip = layers.Conv2D(4, 3, padding="same", name="skip")(keras.Input((32, 32, 3)))
    deep = layers.MaxPooling2D()(layers.MaxPooling2D()(skip))
    up = layers.Conv2DTranspose(4, 2, strides=2, name="up")(deep)
    line = explained(lambda: layers.Concatenate()([skip, up]))
    assert line is not None
    assert line.endswith("They are of two levels: is «skip» the one that belongs here?")


def test_one_of_many_layers_that_lose_pixels_is_not_blamed_alone(
    explained: Explained, keras: Any
) -> None:
    """How many more there are is said, before a merge and before a window that is too large."""
    layers = keras.layers
    x = keras.Input((8, 8, 4), name="x")
    small = layers.Conv2D(4, 3, name="second")(layers.Conv2D(4, 3, name="first")(x))
    line = explained(lambda: layers.Add()([small, x]))
    assert line is not None
    assert line.endswith("(8×8 → 6×6), and 1 more of the kind.")
    line = explained(lambda: layers.Conv2D(4, 5)(small))
    assert line is not None
    assert line.endswith(
        "smaller than the window; 2 layers before it lose pixels, having padding='valid'."
    )


def test_the_odd_branch_of_several_is_named(explained: Explained, keras: Any) -> None:
    """Three branches agree; the fourth pools with its default stride."""
    layers = keras.layers
    x = keras.Input((28, 28, 8), name="x")
    branches = [layers.Conv2D(4, size, padding="same")(x) for size in (1, 3, 5)]
    line = explained(
        lambda: layers.Concatenate()([*branches, layers.MaxPooling2D(3, name="pool")(x)])
    )
    assert line is not None
    assert line.endswith("«pool» must become 28×28×8: «pool» moves in steps of 3 (28×28 → 9×9).")


@pytest.mark.parametrize(
    ("build", "part"),
    [
        (
            lambda keras, ways: keras.layers.Conv2D(4, 3)(ways["flat"]),
            "«flat» (16384) has lost them",
        ),
        (
            lambda keras, ways: keras.layers.Conv2D(4, 50)(ways["x"]),
            "«x» (32×32×16) is smaller than the window",
        ),
        (
            lambda keras, ways: keras.layers.Add()(ways["x"], ways["eaten"]),
            "«x», «eaten» belong together",
        ),
        (
            lambda keras, ways: keras.layers.Conv2D(4, 3, ways["x"]),
            "«x» stands among the settings of Conv2D",
        ),
        (
            lambda keras, ways: keras.layers.Dropout(ways["x"]),
            "«x» stands among the settings of Dropout",
        ),
        (
            lambda keras, ways: keras.layers.Dense(3, ways["x"]),
            "«x» stands among the settings of Dense",
        ),
        (
            lambda keras, ways: keras.layers.Add()([ways["flat"], ways["x"]]),
            "make a vector of «x», by pooling or flattening, or a map of «flat».",
        ),
        (
            lambda keras, ways: keras.layers.Add()(
                [keras.layers.Conv2D(n, 1, name=f"of_{n}")(ways["x"]) for n in (4, 8, 12)]
            ),
            "«of_4» (32×32×4), «of_8» (32×32×8), «of_12» (32×32×12) can't be added: all must be",
        ),
        (
            lambda keras, ways: keras.layers.Add()(
                [
                    keras.layers.ReLU(name="b")(keras.layers.Conv2D(16, 1)(ways["x"])),
                    keras.layers.MaxPooling2D(2, name="m")(ways["x"]),
                ]
            ),
            "«m» is the shortcut and has fewer pixels than «b»: one of the two",
        ),
        (
            lambda keras, ways: keras.layers.Concatenate(axis=1)(
                [keras.layers.Conv2D(n, 1, name=f"of_{n}")(ways["x"]) for n in (4, 8)]
            ),
            "over height: there all else must agree, and they differ in channels.",
        ),
    ],
    ids=[
        "rank",
        "window",
        "two_arguments",
        "settings",
        "no boolean",
        "no activation",
        "vector_and_map",
        "three_sizes",
        "small_shortcut",
        "over_rows",
    ],
)
def test_other_mistakes_while_building(
    explained: Explained, keras: Any, ways: dict[str, Any], build: Any, part: str
) -> None:
    """Wrong ranks, windows that are too large,
    and layers that are called wrongly have their line too.
    """
    assert part in (explained(lambda: build(keras, ways)) or "")


def _own_layer(keras: Any, what: Exception) -> Any:
    class Own(keras.layers.Layer):  # type: ignore[misc]
        def call(self, _: Any) -> Any:
            raise what

    return Own(name="own")


@pytest.mark.parametrize(
    "error",
    [NotImplementedError("still to do"), TypeError("two of them"), ValueError("ndim=4, unequal")],
    ids=["NotImplementedError", "TypeError", "ValueError"],
)
@pytest.mark.parametrize("several", [False, True])
def test_an_error_of_the_student_s_own_is_left_alone(
    explained: Explained, keras: Any, ways: dict[str, Any], error: Exception, several: bool
) -> None:
    """Raised in a layer of theirs, in a nested one, or in a function beside Keras' tensors."""
    given = [ways["x"], ways["wide"]] if several else ways["x"]
    assert explained(lambda: _own_layer(keras, error)(given)) is None

    def stub(_: Any) -> Any:
        raise error

    assert explained(lambda: stub(keras.layers.ReLU()(ways["x"]))) is None


def _made_around(keras: Any) -> Any:
    class Around(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, x: Any) -> None:
            super().__init__(name="around")
            self.first = next(iter(x))

    return Around


@pytest.mark.parametrize(
    "build",
    [
        lambda _, ways: list(ways["x"]),
        lambda keras, ways: keras.layers.Lambda(lambda x: [one for one in x])(ways["x"]),  # noqa: C416
        lambda keras, ways: keras.layers.Dense(3)(ways["x"], ways["wide"]),
        lambda keras, ways: keras.Model(
            [ways["flat"], ways["eaten"]], keras.layers.Flatten()(ways["eaten"])
        )([ways["x"], ways["flat"]]),
        lambda keras, ways: keras.Model(ways["flat"], ways["x"]),
        lambda keras, ways: keras.layers.Layer(name="empty")(ways["x"]),
        lambda keras, ways: _made_around(keras)(ways["x"]),
    ],
    ids=[
        "iterating",
        "inside",
        "two arguments",
        "a model of two",
        "disconnected",
        "no call",
        "a layer around a tensor",
    ],
)
def test_what_only_resembles_a_known_mistake_has_no_line_of_it(
    explained: Explained, keras: Any, ways: dict[str, Any], build: Any
) -> None:
    """Neither settings nor lists nor merges are spoken of where there are none."""
    line = explained(lambda: build(keras, ways)) or ""
    assert not re.search("settings|square brackets|merged", line)


def test_an_input_without_pixels_is_not_said_to_have_lost_them(
    explained: Explained, keras: Any
) -> None:
    """Nothing stands before it."""
    line = explained(lambda: keras.layers.Conv2D(4, 3)(keras.Input((5,), name="v"))) or ""
    assert "lost" not in line


def test_other_errors_have_no_line(explained: Explained) -> None:
    """What has nothing to do with tensors is left to Python."""
    assert explained(lambda: int("x")) is None


def test_models_of_keras_2_are_called_that(
    explained: Explained, keras: Any, tmp_path: Path
) -> None:
    """Where Keras says that a file is not there, or that a loss is none of its classes."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    path = tmp_path / "best.h5"
    model.save(path)
    said = explained(lambda: keras.models.load_model(path))
    assert said is not None
    assert said.startswith("«best.h5» is in the format of Keras 2")
    said = explained(lambda: keras.models.load_model(path.rename(tmp_path / "best.keras")))
    assert said is not None
    assert said.startswith("«best.keras» is an HDF5 file, as Keras 2")
    old = '{"class_name": "Functional", "config": {}, "keras_version": "2.15.0"}'
    said = explained(lambda: keras.models.model_from_json(old))
    assert said is not None
    assert said.startswith("This model was described by Keras 2.15.0")
    assert explained(lambda: keras.models.load_model(tmp_path / "none.h5")) is None


def test_show_error_puts_the_line_first(
    labkit: Any, keras: Any, ways: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Our line, then Keras' own message."""
    try:
        ways["x"] + ways["wide"]
    except ValueError as error:
        labkit.show_error(error)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("➜ add: «x»")
    assert second.startswith("ValueError: ")


@pytest.mark.slow
def test_notebooks_show_the_line_above_the_traceback(tmp_path: Path) -> None:
    """In a kernel that imported labkit the line comes before Keras' traceback,
    and the error stays an error.
    """
    from nbclient import NotebookClient

    place_labkit(OWN, NAME, tmp_path)
    code = (
        "import keras, labkit\n"
        "x = keras.Input((8, 8, 4), name='x')\n"
        "x + keras.layers.Conv2D(8, 3)(x)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    kinds = [(output.output_type, output.get("text", "")) for output in notebook.cells[0].outputs]
    assert kinds[-1][0] == "error"
    assert any("➜ add: «x» (8×8×4)" in text for kind, text in kinds[:-1] if kind == "stream")


@pytest.mark.parametrize("task", NAMES)
def test_the_reference_holds_every_public_check(
    labkit: Any, reference: dict[str, Any], task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing on stderr, which `nbgrader validate` would count as a failure."""
    labkit.check(task, *(reference[name] for name in NAMES[task]))
    out, err = capsys.readouterr()
    assert err == ""
    assert "all public checks hold" in out


def _stub(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("a task")


def _breaks(*_: Any, **__: Any) -> Any:
    raise RuntimeError("any error at all")


@pytest.mark.parametrize(
    "answer", [_stub, _breaks, lambda *_, **__: None, 7], ids=["stub", "breaks", "none", "number"]
)
@pytest.mark.parametrize("task", NAMES)
def test_a_check_never_raises(
    labkit: Any, task: str, answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the answer does, there is a line on stderr that says so,
    and the notebook runs on.
    """
    labkit.check(task, *[answer] * len(NAMES[task]))
    assert capsys.readouterr().err.startswith(("✗", "–"))


@pytest.mark.parametrize("answer", [_stub, _breaks, lambda x, *_, **__: x])
def test_a_check_raises_where_nbgrader_validates(
    labkit: Any, answer: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a student would have read on stderr, in lines that nbgrader shows whole."""
    labkit.check("residual_block", answer)
    told = capsys.readouterr().err
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(AssertionError) as raised:
        labkit.check("residual_block", answer)
    assert f"{raised.value}\n" == told
    assert capsys.readouterr() == ("", "")
    shown = raised.value._render_traceback_()  # type: ignore[attr-defined]
    assert " ".join(shown).split() == told.split()
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize("task", ["conv_arithmetic", "residual_block"])
def test_the_reference_raises_nowhere(
    labkit: Any, reference: dict[str, Any], task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nbgrader validates."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    labkit.check(task, *(reference[name] for name in NAMES[task]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("solved", "failing"),
    [
        ([], ["conv_arithmetic", "residual_block"]),
        (["conv_arithmetic"], ["residual_block"]),
        (["conv_arithmetic", "residual_block"], []),
    ],
    ids=["untouched", "half", "reference"],
)
def test_nbgrader_validate_fails_on_unsolved_work(
    solved: list[str], failing: list[str], tmp_path: Path
) -> None:
    """It shows the checks of the tasks that are open, in our words, and «Success» where none is;
    with the course's settings for nbgrader as without.
    """
    place_labkit(OWN, NAME, tmp_path)
    notebook = nbformat.read(OWN.template(NAME), as_version=4)
    last = next(i for i, cell in enumerate(notebook.cells) if cell.id == "residual_block_check")
    notebook.cells = notebook.cells[: last + 1]
    answers = {cell.id: cell.source for cell in nbformat.read(OWN.source(NAME), 4).cells}
    for cell in notebook.cells:
        cell.source = answers[cell.id] if cell.id in solved else cell.source
    nbformat.write(notebook, tmp_path / "begun.ipynb")
    if not solved:
        shutil.copy(OWN.root / "nbgrader_config.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", "begun.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.findall(r'labkit\.check\("(\w+)"\)', done.stdout) == failing
    assert ("Success" in done.stdout) == (not failing)
    said = {
        "conv_arithmetic": "✗ conv_arithmetic is not answered yet.",
        "residual_block": "✗ residual_block raised ValueError: Add: «",
    }
    assert all(said[task] in done.stdout for task in failing)
    assert "Traceback" not in done.stdout


def test_missing_answers_name_what_is_missing(
    labkit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that has no value; a task that waits for an earlier one."""
    labkit.check("residual_block")
    labkit.check("residual_network")
    assert capsys.readouterr().err.splitlines() == [
        (
            "✗ residual_block is not answered yet: `residual_block` has no value. "
            "Run its cell above first."
        ),
        "– residual_network waits for residual_block.",
    ]


def test_ready_says_what_a_cell_waits_for(
    labkit: Any,
    monkeypatch: pytest.MonkeyPatch,
    reference: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Later cells run only where the answer that they use can be used."""
    monkeypatch.setattr(
        sys.modules["__main__"], "inception_module", reference["inception_module"], raising=False
    )
    assert labkit.ready("inception_module")
    assert not labkit.ready("inception_module", "unet")
    assert capsys.readouterr().out == "This cell waits for unet.\n"


def test_a_wrong_task_name_is_answered_with_the_nearest(
    labkit: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not with an exception."""
    labkit.check("residual_blok")
    assert "Did you mean 'residual_block'?" in capsys.readouterr().err


def test_an_assignment_without_public_checks_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The general part alone knows no tasks, and does not raise either."""
    importlib.import_module("autograder.labkit").check("residual_block")
    assert capsys.readouterr().err == "– This assignment has no public checks.\n"


def test_a_typical_mistake_is_named(
    labkit: Any, keras: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A block without its last ReLU builds; the check says what is missing
    and not how to write it.
    """
    layers = keras.layers

    def residual_block(x: Any, filters: int, strides: int = 1) -> Any:
        y = layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
        return y if strides == 1 and x.shape[-1] == filters else layers.Add()([y, y])

    labkit.check("residual_block", residual_block)
    assert (
        capsys.readouterr().err
        == "✗ nothing negative comes out. The last ReLU stands after the addition.\n"
    )


def test_an_untrained_classifier_is_told_its_accuracy(
    labkit: Any, keras: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """One in six is what guessing gives."""
    inputs = keras.Input((64, 64, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(6, activation="softmax")(pooled))
    labkit.check("train_classifier", model)
    told = capsys.readouterr().err
    assert re.search(r"✗ 1\d\.\d% of 1,000 validation scenes right: at least 80%\.", told)
    assert "✗ for the higher mark at least 88%." in told


def test_a_long_cell_says_what_it_costs_and_can_be_passed_over(
    labkit: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads the notebook's own variable, so a student sees what is set."""
    assert labkit.takes(seconds=12)
    assert capsys.readouterr().out.startswith("About 12 seconds. `skip_long_cells = True`")
    monkeypatch.setattr(sys.modules["__main__"], "skip_long_cells", True, raising=False)
    assert not labkit.takes(seconds=12)
    assert capsys.readouterr().out == "Passed over: it takes about 12 seconds.\n"


def test_a_history_is_not_a_model(labkit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The commonest slip of the last task has its own words."""
    labkit.check("train_classifier", object())
    assert "`fit` returns a history, not the model" in capsys.readouterr().err


def test_a_model_is_drawn_with_its_layers_and_skips(
    labkit: Any, keras: Any, reference: dict[str, Any]
) -> None:
    """Each box names its last layer and shape; an identity shortcut is an arc,
    a projection a box of its own.
    """
    model = reference["build_resnet"]((32, 32, 3), 6, filters=(4, 8), blocks_per_stage=1)
    drawing = labkit.draw_model(model, title="<mine> & yours")
    svg = drawing._repr_svg_()
    root = ET.fromstring(svg)
    text = " ".join(root.itertext())
    assert "<mine> & yours" in text
    assert "Conv2D 3×3, 4 · BN · ReLU" in text
    assert "Conv2D 1×1, 8 /2 · BN" in text
    assert text.count("Add · ReLU") == 2 * 2  # in the picture, and in its description
    assert svg.count('stroke="#b3541e"') == 1
    assert all(
        operation.name in text for operation in model.layers if type(operation).__name__ == "ReLU"
    )


def test_every_box_has_its_own_place(labkit: Any, reference: dict[str, Any], keras: Any) -> None:
    """No two boxes lie on each other, branches and long skips included."""
    x = keras.Input((8, 8, 4))
    inception = keras.Model(x, reference["inception_module"](x, 2, 2, 2, 2, 2, 2))
    for model in (inception, reference["build_unet"]((32, 32, 3), base_filters=4)):
        root = ET.fromstring(labkit.draw_model(model)._repr_svg_())
        boxes = [box for box in root.iter("{http://www.w3.org/2000/svg}rect") if box.get("x")]
        corners = [(box.get("x"), box.get("y")) for box in boxes]
        assert len(set(corners)) == len(corners) > 8


def test_a_sketch_is_made_of_words(labkit: Any) -> None:
    """Equal words are one box; the text form lists what each box reads."""
    drawing = labkit.sketch("block", "x → a → +", "x → +")
    assert repr(drawing) == "block\n1. x\n2. a ← 1\n3. + ← 2, 1"
    with pytest.raises(ValueError, match="go in a circle"):
        labkit.sketch("circle", "a → b → a")


def test_pictures_are_drawn_and_closed(labkit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenes, masks and curves; no figure stays open behind the notebook."""
    mpl.use("agg")
    import matplotlib.pyplot as plt

    drawn = []
    monkeypatch.setattr(plt, "show", lambda: drawn.append(len(plt.gcf().axes)))
    some = labkit.scenes("shapes", "train", n=7)
    labkit.show_scenes(some, n=7, predicted=[0] * 7, boxes=True)
    labkit.show_masks(some.images, some.masks, some.masks[..., None] * 0.9, n=3)
    labkit.show_history({"loss": [2, 1], "val_loss": [2, 1.5], "accuracy": [0.2, 0.5]})
    labkit.show_history({"plain": {"loss": [2, 1]}, "residual": {"loss": [2, 0.5]}})
    assert drawn == [12, 6, 2, 1]
    assert plt.get_fignums() == []


def test_labkit_stands_alone(tmp_path: Path) -> None:
    """Beside a notebook, without the course's package, it imports;
    Keras and matplotlib wait until they are needed.
    """
    place_labkit(OWN, NAME, tmp_path)
    code = """
        import sys
        import labkit
        assert not {"keras", "tensorflow", "matplotlib", "autograder"} & set(sys.modules)
        print(labkit.scenes("shapes", "train", n=1).images.shape)
    """
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path += {sys.path!r}[1:]; sys.path.insert(0, '.')\n"
            + textwrap.dedent(code),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "(1, 64, 64, 3)\n"), done.stderr


def test_labkit_imports_nothing_of_the_course() -> None:
    """Only relative imports, numpy, and late ones of Keras, matplotlib: students have nothing else
    of ours. Public checks import labkit beside these.
    """
    parts = [*GENERAL.glob("*.py"), *OWN.labkit.glob("*.py"), *OWN.graders.glob("*/public.py")]
    assert len(parts) > 15
    for path in parts:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert not (node.module or "").startswith("autograder"), path
            if isinstance(node, ast.Import):
                assert not any(name.name.startswith("autograder") for name in node.names), path


def test_the_hook_replaces_an_old_copy(tmp_path: Path) -> None:
    """What lies beside the notebooks after the hook is the labkit of now, with the course's part
    and the assignment's public checks, without bytecode.
    """
    places = f"graders = {str(OWN.graders)!r}\nlabkit = {str(OWN.labkit)!r}\n"
    (tmp_path / "course.toml").write_text(places)
    folder = tmp_path / "source" / NAME
    stale = folder / "labkit" / "stale.py"
    stale.parent.mkdir(parents=True)
    stale.touch()
    hooks.place_labkit(
        assignment=NAME,
        student="",
        notebooks=[str(folder / "one.ipynb"), str(folder / "two.ipynb")],
    )
    assert not stale.exists()
    for placed, original in (
        ("checks.py", GENERAL / "checks.py"),
        ("course/scenes.py", OWN.labkit / "scenes.py"),
        ("public.py", OWN.graders / NAME / "public.py"),
    ):
        assert (stale.parent / placed).read_bytes() == original.read_bytes()
    assert not list(tmp_path.rglob("__pycache__"))
