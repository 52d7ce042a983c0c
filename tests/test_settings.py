"""Settings of Python and its libraries that one task leaves behind cost no other task anything."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from autograder.answers.artefacts import read_answer
from autograder.answers.questions import Variable, to_data
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.settings import Settings
from autograder.rooms.student import Order, run_submission
from autograder.submissions.rebuilding import rebuild

SET = {
    "recursion": "import sys\nsys.setrecursionlimit(sys.getrecursionlimit() - 50)",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "numpy": "import numpy as np\nnp.seterr(all='raise')",
    "floats": "import keras\nkeras.config.set_floatx('float16')",
    "policy": "import keras\nkeras.config.set_dtype_policy('mixed_float16')",
    "channels": "import keras\nkeras.config.set_image_data_format('channels_first')",
    "graphs": "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()",
}


def told() -> list[Any]:
    """The settings, as layers and arrays that are made now would see them."""
    layer = keras.layers.Conv2D(1, 1)
    return [
        sys.getrecursionlimit(), list(warnings.filters), np.geterr(), keras.config.floatx(),
        layer.dtype_policy.name, layer.data_format, tf.executing_eagerly(),
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Whatever a test sets ends with it."""
    settings = Settings()
    settings.keep()
    yield
    settings.put_back()


@pytest.mark.parametrize("source", SET.values(), ids=SET.keys())
def test_what_is_put_back(source: str) -> None:
    """All that makes honest code fail, or compute something else; layers still work."""
    before, settings = told(), Settings()
    settings.keep()
    exec(source, {})
    assert told() != before
    settings.put_back()
    assert told() == before
    assert keras.ops.convert_to_numpy(keras.layers.Dense(2)(np.zeros((1, 3)))).shape == (1, 2)


def test_what_later_cells_may_build_on_stays() -> None:
    """A limit that was raised was too low for somebody."""
    settings = Settings()
    settings.keep()
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 50)
    settings.put_back()
    assert sys.getrecursionlimit() == before + 50
    sys.setrecursionlimit(before)


def test_unset_stays_unset() -> None:
    """The policy of layers follows `set_floatx` as long as nobody asks for one."""
    settings = Settings()
    keras.src.backend.common.global_state.set_global_attribute("dtype_policy", None)
    settings.keep()
    settings.put_back()
    keras.config.set_floatx("float64")
    assert keras.layers.Dense(1).dtype_policy.name == "float64"


@pytest.mark.parametrize(("place", "second"), [("start", "float64"), ("one", "float32")])
def test_who_sets_what_for_whom(place: str, second: str, tmp_path: Path) -> None:
    """What the common start sets is for all tasks; what a task sets is for itself."""
    sources = {"start": "import keras", "one": "one = 1", "two": "two = keras.config.floatx()"}
    sources[place] += "\nkeras.config.set_floatx('float64')"
    sources["one"] += "\none = keras.config.floatx()"
    marks = [{"nbgrader": {"grade_id": task, "solution": True}} for task in ("one", "two")]
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(sources["start"]),
            nbformat.v4.new_markdown_cell("## One"),
            nbformat.v4.new_code_cell(sources["one"], metadata=marks[0]),
            nbformat.v4.new_markdown_cell("## Two"),
            nbformat.v4.new_code_cell(sources["two"], metadata=marks[1]),
        ]
    )
    asked = {task: {"x": to_data(Variable(task))} for task in ("one", "two")}
    order = Order(rebuild(notebook, notebook), "toy", "student", asked, {}, 1)
    run_submission(order, tmp_path, tmp_path / "run", RoomsHere(), Limits())
    found = [read_answer(tmp_path / "run", task, "x").value for task in ("one", "two")]
    assert found == ["float64", second]
