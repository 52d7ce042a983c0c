"""The one place that turns "returned or raised" into an ending,
and text into what a report may show.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import pytest

from autograder.answers.questions import Call, Network, Random, Symbolic
from autograder.architecture import Architecture, Mismatch, expect, read
from autograder.errors import RebuildRefused
from autograder.judge import expectations
from autograder.judge.answers import Answers, told
from autograder.judge.endings import TEXT_LIMIT, Announcement, check_of, clean
from autograder.judge.expectations import Blocked, Failure
from autograder.judge.expectations import expect as expect_that
from autograder.judge.structure import expect_computable
from autograder.records import CellError

ANNOUNCED = Announcement("it", 2.0, "It holds.", hint="Try again.")


class Mystery(keras.layers.Layer):  # type: ignore[misc]
    """A layer that nobody can see into."""

    def call(self, x: object) -> object:
        """Hand on."""
        return x


def architecture(*layers: keras.layers.Layer) -> Architecture:
    return read(keras.Sequential([keras.Input((8, 8, 3)), *layers]))


@pytest.mark.parametrize(
    ("raised", "ending"),
    [
        (None, "passed"),
        (Failure("a", "b"), "failed"),
        (AssertionError("x"), "failed"),
        (Blocked("other_task", "it is missing"), "blocked"),
        (RebuildRefused("«lambda» can't be rebuilt"), "broken"),
        (KeyError("x"), "broken"),
        (SystemExit(0), "broken"),
        (KeyboardInterrupt(), "broken"),
        (pytest.skip.Exception("not today"), "broken"),
        (pytest.xfail.Exception("known"), "broken"),
    ],
)
def test_endings(raised: BaseException | None, ending: str) -> None:
    """Only a check that returned has passed; only what a grader says is the student's;
    the rest is ours.
    """
    assert check_of(ANNOUNCED, raised).ending == ending


def test_a_claim_keeps_its_weight_and_sentence() -> None:
    """What a check says of itself is in its record, however it ends."""
    check = check_of(ANNOUNCED, KeyError("x"))
    assert (check.check, check.weight, check.sentence) == ("it", 2.0, "It holds.")


def test_a_closed_layer_needs_a_person() -> None:
    """What fails on an architecture that hides something is held back, with the layer's name."""
    seen = [architecture(Mystery(name="my_layer"), keras.layers.Dense(3))]
    check = check_of(ANNOUNCED, Failure("a", "b"), seen)
    assert check.ending == "broken"
    assert "«my_layer» (Mystery)" in check.found
    assert check_of(ANNOUNCED, None, seen).ending == "passed"


def test_a_finished_task_is_no_reason_to_wait() -> None:
    """Where every check of the other task has passed, the error is this task's own."""
    waiting = Blocked("residual_block", "ValueError: x")
    assert check_of(ANNOUNCED, waiting).found == "this waits for «residual_block»: ValueError: x"
    assert check_of(ANNOUNCED, waiting, finished=frozenset({"residual_block"})).ending == "failed"


def test_a_mismatch_is_shown_in_a_picture() -> None:
    """An expression that does not match becomes a failed check with expected, found,
    and the place marked.
    """
    seen = architecture(keras.layers.Conv2D(4, 3, name="my_conv"), keras.layers.Flatten())
    with pytest.raises(Mismatch) as caught:
        expect('count("conv5x5") >= 1 and not contains("conv3x3")', seen)
    check = check_of(ANNOUNCED, caught.value, [seen])
    assert check.ending == "failed"
    assert check.expected
    assert check.picture is not None
    assert check.picture.startswith("<svg")


def test_a_failure_with_a_place_is_shown_in_a_picture() -> None:
    """The picture is of the architecture that was looked at last."""
    seen = architecture(keras.layers.Conv2D(4, 3, name="my_conv"))
    picture = check_of(ANNOUNCED, Failure("a", "b", place=[seen.nodes[-1].id]), [seen]).picture
    assert picture is not None
    assert "my_conv" in picture


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07b", "b"),
        ("\x1b]8;;http://x\x1b\\c", "c"),
        ("right \u202eto left", "right to left"),
        ("nul\x00 bell\x07 \ud800", "nul bell"),
        ("two\r\n\n\tlines  here", "two\nlines here"),
        ("::set-output name=x::y", "::set-output name=x::y"),
    ],
)
def test_clean_text(text: str, shown: str) -> None:
    """Nothing that moves a cursor, turns the writing round, or rings."""
    assert clean(text) == shown


def test_clean_text_is_short() -> None:
    """A flood is cut, and the cut is marked."""
    assert len(clean("x" * 10_000)) == TEXT_LIMIT
    assert clean("x" * 10_000).endswith("…")


@pytest.mark.parametrize(
    ("found", "said"), [("4", "'4'"), (np.float32(4), "np.float32(4.0)"), ("four", "four")]
)
def test_what_reads_like_the_expected_is_written_with_its_type(found: object, said: str) -> None:
    """Expected and found never are the same text."""
    expected = "4.0" if isinstance(found, np.float32) else "4"
    with pytest.raises(Failure) as failed:
        expect_that(False, expected, found)
    assert failed.value.found == said


def test_two_texts_that_are_the_same_are_said_to_be() -> None:
    """Whatever a grader makes of them, a failed check is no contradiction."""
    check = check_of(ANNOUNCED, Failure("4", " 4\x07"))
    assert (check.expected, check.found) == ("4", "4, which only reads the same")


@pytest.mark.parametrize(
    ("found", "wanted", "form", "said"),
    [
        (0.648, 0.65, ".2f", ("0.648", "0.650")),
        (0.6, 0.65, ".2f", ("0.60", "0.65")),
        (0.80967, 0.81, ".1%", ("80.97%", "81.00%")),
        (float("nan"), 0.5, ".1f", ("nan", "0.5")),
    ],
)
def test_numbers_are_written_with_the_digits_that_tell_them_apart(
    found: float, wanted: float, form: str, said: tuple[str, str]
) -> None:
    """«At least 0.65» and «0.65» would say nothing."""
    assert expectations.apart(found, wanted, form) == said


@pytest.mark.parametrize("condition", [[True], "yes", 1, None])
def test_conditions_are_true_or_false(condition: object) -> None:
    """A condition that merely isn't false is the grader's own mistake, not a pass."""
    with pytest.raises(TypeError, match="True or False"):
        expect_that(condition, "a", "b")


def test_a_call_in_words_is_short() -> None:
    """What stands for a tensor, an array or a model is named, not printed whole."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)], name="base").to_json()
    call = Call("f", (Network(model), Random((2, 3), 1), Symbolic((4,)), (5, 6)), {"n": 2})
    answers = Answers(Path(), cast("Any", None), "task", {"task": {"q": call}})
    assert answers.words("q") == (
        "f(the model «base», an array of shape (2, 3), a tensor of shape (4,), (5, 6), n=2)"
    )


def test_what_keras_says_around_an_error_is_left_out() -> None:
    """Of an error in a layer's call: its guesses, and the shapes of all arguments."""

    class Own(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            raise NotImplementedError(f"still to do for {len(x.shape)} axes")

    with pytest.raises(NotImplementedError) as raised:
        Own(name="own")(keras.Input((30, 31, 3)))
    error = CellError("NotImplementedError", re.sub(r"\x1b\[\d+m", "", str(raised.value)))
    said = "Exception encountered when calling Own.call(). still to do for 4 axes"
    assert told(error) == f"NotImplementedError: {said}"


def test_an_error_of_the_graders_own_says_where() -> None:
    """In the file of the grader, whatever library it was raised in."""
    try:
        int("three")
    except ValueError as error:
        announced = Announcement("a", 1.0, "It holds.", folder=Path(__file__).parent)
        found = check_of(announced, error)
    assert found.ending == "broken"
    assert found.found.startswith("test_judge_endings.py:")
    assert "ValueError: invalid literal" in found.found


def test_a_mistake_is_looked_for_only_where_a_check_fails() -> None:
    """It may take long to find out."""

    def found() -> str:
        raise LookupError("it was looked for")

    expectations.expect(True, "one", "another", found)
    with pytest.raises(LookupError):
        expectations.expect(False, "one", "another", found)
    with pytest.raises(expectations.Failure) as failure:
        expectations.expect(False, "one", "another", lambda: "a_known_one")
    assert failure.value.misconception == "a_known_one"


@pytest.mark.parametrize(
    ("channels", "dtype", "computes"),
    [
        ("first", "float32", True), ("first", "float16", False), ("first", "mixed_float16", False),
        ("first", "float64", False), ("last", "float16", True), ("first", "bfloat16", True),
    ],
)  # fmt: skip
def test_what_no_processor_computes_is_the_students(
    channels: str, dtype: str, computes: bool
) -> None:
    """A network that only a GPU has is a failure, said before TensorFlow's error is."""
    inputs = keras.Input((3, 8, 8))
    conv = keras.layers.Conv2D(2, 3, data_format=f"channels_{channels}", dtype=dtype, name="first")
    model = keras.Model(inputs, conv(inputs))
    if computes:
        expect_computable(read(model.to_json()))
        return
    with pytest.raises(Failure, match="channels first in «first»"):
        expect_computable(read(model.to_json()))
