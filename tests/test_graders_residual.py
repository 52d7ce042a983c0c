"""The graders of residual_networks: the reference is right,
the untouched cell is not, spelling costs nothing.

More known submissions, right and wrong, are in tests/bank; `autograder verify` runs those in real
rooms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from answering import FOLDER, SEED, answered, graders, hints, verdict

from autograder.judge.hidden_side import load
from autograder.records import CellError, TaskVerdict

SOURCE = Path(__file__).parent.parent / "source" / "residual_networks" / "residual_networks.ipynb"
SOLUTION = re.compile(r"[ \t]*### BEGIN SOLUTION\n(.*?)[ \t]*### END SOLUTION\n?", re.DOTALL)
START = "import keras\nimport numpy as np\nfrom keras import layers\n"
UNTRAINED = "train_classifier"  # takes training: tested by itself


def cells(*, solved: bool) -> dict[str, str]:
    """The solution cells of the source notebook, with their solutions or as students get them."""
    notebook = json.loads(SOURCE.read_text(encoding="utf-8"))
    found = {}
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("solution") and cell["cell_type"] == "code":
            text = "".join(cell["source"])
            found[mark["grade_id"]] = START + SOLUTION.sub(r"\1" if solved else "", text)
    return {task: text for task, text in found.items() if task != UNTRAINED}


def judged(
    folder: Path, changed: Mapping[str, str], only: str | None = None
) -> dict[str, TaskVerdict]:
    """The verdict on the reference with some cells replaced; on one task, or on all."""
    sources = {
        **cells(solved=True),
        **{task: START + dedent(text) for task, text in changed.items()},
    }
    found = {
        t: g for t, g in graders("residual_networks").items() if t in sources and only in {None, t}
    }
    answered(folder, "residual_networks", sources, found)
    return {task.task: task for task in verdict(folder, "residual_networks", tuple(found)).tasks}


def shortcomings(task: TaskVerdict) -> list[tuple[str, str, str, str]]:
    return [(c.check, c.ending, c.expected, c.found) for c in task.checks if c.ending != "passed"]


@pytest.mark.slow
def test_the_reference_scores_full(tmp_path: Path) -> None:
    """Every check passes for the solutions in the source notebook."""
    found = judged(tmp_path, {})
    assert {task: shortcomings(verdict) for task, verdict in found.items()} == {
        task: [] for task in found
    }


@pytest.mark.slow
def test_the_untouched_notebook_scores_nothing(tmp_path: Path) -> None:
    """No check passes for the cells that students get, the broken block among them,
    and none is broken.
    """
    stubs = cells(solved=False)
    found = {task: grader for task, grader in graders("residual_networks").items() if task in stubs}
    answered(tmp_path, "residual_networks", stubs, found)
    tasks = verdict(tmp_path, "residual_networks", tuple(found)).tasks
    assert {task.task: task.score for task in tasks} == dict.fromkeys(stubs, 0.0)
    assert {check.ending for task in tasks for check in task.checks} == {"failed", "blocked"}


def test_four_to_twelve_checks_a_task() -> None:
    """Partial credit comes in steps, and each check says in a sentence what is established."""
    for grader in graders("residual_networks").values():
        checks = [value for name, value in vars(grader.module).items() if name.startswith("test_")]
        assert (grader.task, 4 <= len(checks) <= 12) == (grader.task, True)
        assert all(check.__doc__.strip().endswith(".") for check in checks)


def test_questions_depend_on_the_seed_alone() -> None:
    """The judge gets back the questions that the student room was asked;
    another run is asked others.
    """
    asked = {
        seed: [g.questions(seed) for g in graders("residual_networks").values()]
        for seed in (SEED, SEED + 1)
    }
    assert asked[SEED] == [
        grader.questions(SEED) for grader in graders("residual_networks").values()
    ]
    assert asked[SEED] != asked[SEED + 1]


def test_every_misconception_has_a_hint_and_every_hint_a_use() -> None:
    """Ids that graders name are written in the hints, and no hint is left over."""
    code = [
        path.read_text(encoding="utf-8") for path in (FOLDER / "residual_networks").glob("*.py")
    ]
    words = set(re.findall(r'"(\w+)"', "\n".join(code)))
    known = set(hints("residual_networks"))
    assert known - words == set()
    assert len(known) >= 25
    named = set(re.findall(r'mistake="(\w+)"', "\n".join(code)))
    assert named - known == set()


RIGHT = {
    "sum first, loop over a list of layers": (
        "residual_block",
        """
        class Body:
            def __init__(self, filters, strides):
                self.parts = [layers.Conv2D(filters, kernel_size=(3, 3), strides=(strides, strides), padding="SAME"),
                              layers.BatchNormalization(momentum=0.9), layers.Activation(keras.ops.relu),
                              layers.Conv2D(filters, (3, 3), padding="same", kernel_initializer="he_normal"),
                              layers.BatchNormalization(gamma_initializer="zeros")]
            def __call__(self, x):
                for part in self.parts:
                    x = part(x)
                return x
        def residual_block(x, filters, strides=1):
            needs_projection = tuple(x.shape[1:]) != (-(-x.shape[1] // strides), -(-x.shape[2] // strides), filters)
            shortcut = layers.Conv2D(filters, 1, strides, use_bias=True)(x) if needs_projection else x
            total = shortcut + Body(filters, strides)(x)
            return keras.activations.relu(total)
    """,
    ),
    "everything in Sequential models": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            body = keras.Sequential([layers.Conv2D(filters, 3, strides=strides, padding="same"),
                                     layers.BatchNormalization(), layers.ReLU(),
                                     keras.Sequential([layers.Conv2D(filters, 3, padding="same"),
                                                       layers.BatchNormalization()])])
            skip = keras.Sequential([layers.Conv2D(filters, 1, strides=strides), layers.BatchNormalization()])
            same = strides == 1 and x.shape[-1] == filters
            return layers.ReLU()(layers.add([body(x), x if same else skip(x)]))
    """,
    ),
    "norms told not to train, of little epsilon and quick": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            def norm(y):
                return layers.BatchNormalization(epsilon=0.1, momentum=0.0)(y, training=False)
            y = layers.ReLU(trainable=False)(norm(layers.Conv2D(filters, 3, strides, padding="same")(x)))
            y = norm(layers.Conv2D(filters, 3, padding="same")(y))
            if strides > 1 or x.shape[-1] != filters:
                x = norm(layers.Conv2D(filters, 1, strides)(x))
            return layers.ReLU()(x + y)
    """,
    ),
    "half precision": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            half = {"dtype": "mixed_float16"}
            y = layers.Conv2D(filters, 3, strides, padding="same", **half)(x)
            y = layers.ReLU(**half)(layers.BatchNormalization(**half)(y))
            y = layers.Conv2D(filters, 3, padding="same", **half)(y)
            if strides > 1 or x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1, strides, **half)(x)
            return layers.ReLU(**half)(layers.Add(**half)([x, layers.BatchNormalization(**half)(y)]))
    """,
    ),
    "norm without offset, dropout in the head": (
        "residual_network",
        """
        def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
            image = keras.Input(input_shape)
            x = (image - 127.5) / 127.5
            x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
            x = keras.ops.relu(layers.BatchNormalization(scale=False)(x))
            for i, f in enumerate(filters):
                x = residual_block(x, f, 1 if i == 0 else 2)
                for _ in range(blocks_per_stage - 1):
                    x = residual_block(x, f)
            x = keras.ops.mean(x, axis=(1, 2))
            x = layers.Dropout(0.2)(x)
            return keras.Model(image, layers.Softmax()(layers.Dense(num_classes)(x)))
    """,
    ),
    "a tensor of a table as scale, a classifier of one pixel": (
        "residual_network",
        """
        def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
            inputs = keras.Input(input_shape)
            x = (inputs - np.full(input_shape[-1], 128.0)) / np.full(input_shape[-1], 64.0)
            x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters[0], 3, padding="same")(x)))
            for stage, width in enumerate(filters):
                for block in range(blocks_per_stage):
                    x = residual_block(x, width, strides=2 if stage and not block else 1)
            x = layers.GlobalAveragePooling2D(keepdims=True)(x)
            return keras.Model(inputs, layers.Flatten()(layers.Conv2D(num_classes, 1, activation="softmax")(x)))
    """,
    ),
    "grouped depthwise, norm on the shortcut": (
        "separable_block",
        """
        def separable_residual_block(x, filters):
            def separable(x):
                x = layers.ReLU()(layers.BatchNormalization()(x))
                x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
                return layers.Conv2D(filters, 1, use_bias=False)(x)
            y = layers.MaxPool2D(pool_size=(3, 3), strides=(2, 2), padding="same")(separable(separable(x)))
            return y + layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=2)(x))
    """,
    ),
    "branches by dictionary, norms throughout": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            def conv(t, f, k):
                return layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(f, k, padding="same")(t)))
            pooled = layers.MaxPooling2D((3, 3), strides=(1, 1), padding="same")(x)
            parts = {"d": conv(pooled, pool_proj, 1), "c": conv(conv(x, f5_reduce, 1), f5, 5),
                     "b": conv(conv(x, f3_reduce, 1), f3, 3), "a": conv(x, f1, 1)}
            return keras.ops.concatenate(list(parts.values()), axis=3)
    """,
    ),
    "strided convolutions down, resizing up, assertion as ValueError": (
        "unet",
        """
        def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
            if any(side % 2 ** depth for side in input_shape[:2]):
                raise ValueError("I need sizes divisible by %d" % 2 ** depth)
            x = image = keras.Input(input_shape)
            kept = []
            for level in range(depth):
                x = layers.Conv2D(base_filters * 2 ** level, 3, padding="same", activation="relu")(x)
                kept.append(x)
                x = layers.Conv2D(base_filters * 2 ** level, 3, strides=2, padding="same", activation="relu")(x)
            x = layers.Conv2D(base_filters * 2 ** depth, 3, padding="same", activation="relu")(x)
            for partner in kept[::-1]:
                x = layers.Resizing(partner.shape[1], partner.shape[2])(x)
                x = layers.Concatenate(axis=3)([x, partner])
                x = layers.Conv2D(partner.shape[-1], 3, padding="same", activation="relu")(x)
            x = layers.Conv2D(num_classes, 1)(x)
            return keras.Model(image, layers.Activation("softmax" if num_classes > 1 else "sigmoid")(x))
    """,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_spelling_costs_nothing(name: str, tmp_path: Path) -> None:
    """Right answers in unusual words score full."""
    task, cell = RIGHT[name]
    assert shortcomings(judged(tmp_path, {task: cell}, task)[task]) == []


NETWORK = """
    def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
        inputs = keras.Input(input_shape)
        {begin}
        for stage, width in enumerate(filters):
            for block in range(blocks_per_stage):
                x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
        {end}
"""
BEGIN = (
    "x = layers.ReLU()(layers.BatchNormalization()("
    "layers.Conv2D(filters[0], 3, padding='same')({})))"
)
END = "return keras.Model(inputs, layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))"
FLATTENED = END.replace("GlobalAveragePooling2D", "Flatten")
WRONG = {
    "kernel_not_squared": (
        "conv_arithmetic",
        """
        def output_size(size, kernel, stride, padding): return 0
        def conv_params(kernel, c_in, c_out, bias=True): return (kernel * c_in + bias) * c_out
        def separable_conv_params(kernel, c_in, c_out, bias=True): return 0
    """,
    ),
    "separable_like_plain": (
        "conv_arithmetic",
        """
        def separable_conv_params(kernel, c_in, c_out, bias=True): return (kernel ** 2 * c_in + bias) * c_out
    """,
    ),
    "no_addition": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            for step in (strides, 1):
                x = layers.Conv2D(filters, 3, strides=step, padding="same")(x)
                x = layers.ReLU()(layers.BatchNormalization()(x))
            return x
    """,
    ),
    "layers_held_still": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            y = layers.Conv2D(filters, 3, strides, padding="same", trainable=False)(x)
            y = layers.ReLU()(layers.BatchNormalization(trainable=False)(y))
            y = layers.Conv2D(filters, 3, padding="same", trainable=False)(y)
            if strides > 1 or x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1, strides)(x)
            return layers.ReLU()(x + layers.BatchNormalization(trainable=False)(y))
    """,
    ),
    "batch_norm_of_nothing": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            def norm(y):
                return layers.BatchNormalization(epsilon=1e30, momentum=1.0)(y)
            y = layers.ReLU()(norm(layers.Conv2D(filters, 3, strides, padding="same")(x)))
            y = norm(layers.Conv2D(filters, 3, padding="same")(y))
            if strides > 1 or x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1, strides)(x)
            return layers.ReLU()(x + y)
    """,
    ),
    "pooled_shortcut": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, strides, padding="same")(x)))
            y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(y))
            if strides > 1:
                x = layers.AveragePooling2D(strides, padding="same")(x)
            if x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1)(x)
            return layers.ReLU()(x + y)
    """,
    ),
    "relu_forgotten": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            conv = lambda t, f, k: layers.Conv2D(f, k, padding="same")(t)
            pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
            return layers.Concatenate()([conv(x, f1, 1), conv(conv(x, f3_reduce, 1), f3, 3),
                                         conv(conv(x, f5_reduce, 1), f5, 5), conv(pooled, pool_proj, 1)])
    """,
    ),
    "add_instead_of_concatenate": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            conv = lambda t, f, k: layers.Conv2D(f, k, padding="same", activation="relu")(t)
            pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
            return (conv(x, f1, 1) + conv(conv(x, f3_reduce, 1), f3, 3)
                    + conv(conv(x, f5_reduce, 1), f5, 5) + conv(pooled, pool_proj, 1))
    """,
    ),
    "stride_in_second_convolution": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(x)))
            y = layers.BatchNormalization()(layers.Conv2D(filters, 3, strides, padding="same")(y))
            if strides > 1 or x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1, strides=strides, padding="same")(x)
            return layers.Activation("relu")(keras.ops.add(x, y))
    """,
    ),
    "stride_in_both_convolutions": (
        "residual_block",
        """
        def residual_block(x, filters, strides=1):
            y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, strides, padding="same")(x)))
            y = layers.BatchNormalization()(layers.Conv2D(filters, 3, strides, padding="same")(y))
            if strides > 1 or x.shape[-1] != filters:
                x = layers.Conv2D(filters, 1, strides)(x)
            return layers.ReLU()(x + y)
    """,
    ),
    "rescaling_late": (
        "residual_network",
        NETWORK.format(
            begin=BEGIN.format("inputs") + "; x = layers.Rescaling(1 / 255)(x)", end=END
        ),
    ),
    "rescaling_enlarges": (
        "residual_network",
        NETWORK.format(begin=BEGIN.format("inputs * 2.0 / 0.1"), end=END),
    ),
    "halved_between_stages": (
        "residual_network",
        """
        def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
            inputs = keras.Input(input_shape)
            x = layers.Conv2D(filters[0], 3, padding="same")(inputs / 255)
            x = layers.ReLU()(layers.BatchNormalization()(x))
            for stage, width in enumerate(filters):
                for block in range(blocks_per_stage):
                    x = residual_block(layers.MaxPooling2D()(x) if stage and not block else x, width)
            return keras.Model(inputs, layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))
    """,
    ),
    "flatten_instead_of_pooling": (
        "residual_network",
        NETWORK.format(begin=BEGIN.format("inputs / 255"), end=FLATTENED),
    ),
    "layer_shared_by_accident": (
        "separable_block",
        """
        def separable_residual_block(x, filters):
            norm, y = layers.BatchNormalization(), x
            y = layers.SeparableConv2D(x.shape[-1], 3, padding="same", use_bias=False)(layers.ReLU()(norm(y)))
            y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(layers.ReLU()(norm(y)))
            y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
            return y + layers.Conv2D(filters, 1, strides=2)(x)
    """,
    ),
    "reduction_after_convolution": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            conv = lambda t, f, k: layers.Conv2D(f, k, padding="same", activation="relu")(t)
            pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
            return layers.Concatenate()([conv(x, f1, 1), conv(conv(x, f3, 3), f3_reduce, 1),
                                         conv(conv(x, f5, 5), f5_reduce, 1), conv(pooled, pool_proj, 1)])
    """,
    ),
    "pool_projection_missing": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            conv = lambda t, f, k: layers.Conv2D(f, k, padding="same", activation="relu")(t)
            return layers.Concatenate()([conv(x, f1, 1), conv(conv(x, f3_reduce, 1), f3, 3),
                                         conv(conv(x, f5_reduce, 1), f5, 5),
                                         layers.MaxPooling2D(3, strides=1, padding="same")(x)])
    """,
    ),
    "branch_missing": (
        "inception_module",
        """
        def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
            conv = lambda t, f, k: layers.Conv2D(f, k, padding="same", activation="relu")(t)
            return layers.Concatenate()([conv(x, f1, 1), conv(conv(x, f3_reduce, 1), f3, 3),
                                         conv(conv(x, f5_reduce, 1), f5, 5)])
    """,
    ),
    "sigmoid_many_classes": (
        "unet",
        """
        def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
            x = inputs = keras.Input(input_shape)
            return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation="sigmoid")(x))
    """,
    ),
}


@pytest.mark.parametrize("misconception", WRONG)
def test_mistakes_are_named(misconception: str, tmp_path: Path) -> None:
    """A known mistake costs points, and a failed check names it with its hint."""
    task, cell = WRONG[misconception]
    found = judged(tmp_path, {task: cell}, task)[task]
    named = {check.misconception: check.hint for check in found.checks if check.ending == "failed"}
    assert named.get(misconception), shortcomings(found)
    assert found.score < 1
    assert not [check for check in found.checks if check.ending == "broken"]


def test_a_failed_claim_says_which_call_it_is_about(tmp_path: Path) -> None:
    """What is expected of what, as the call is written."""
    task, cell = WRONG["no_addition"]
    failed = [c for c in judged(tmp_path, {task: cell}, task)[task].checks if c.ending == "failed"]
    assert re.match(r"1 residual block .* from residual_block\(a tensor", failed[0].expected)


@pytest.mark.parametrize(
    ("told", "block", "separable"),
    [(": it must become 16×16×8", "projection_without_stride", "projection_without_stride"),
     (" and has fewer pixels than «bn»", "stride_missing_in_body", "pooling_missing")],
    ids=["shortcut too large", "body too large"],
)  # fmt: skip
def test_which_side_of_a_sum_is_too_large(told: str, block: str, separable: str) -> None:
    """The message gives both shapes and no order, the explanation
    from the student room says which is the shortcut.
    """
    message = "Inputs have incompatible shapes. Received shapes (16, 16, 8) and (32, 32, 8)"
    error = CellError("ValueError", message, f"«conv2d» is the shortcut{told}.")
    mistakes, of_modules = (
        load(FOLDER / "residual_networks" / name)
        for name in ("_mistakes.py", "_module_mistakes.py")
    )
    assert mistakes.sum_error(error, size=32, stride=2) == block
    assert of_modules.separable_error(error, None) == separable


@pytest.mark.parametrize(
    ("told", "mistake"),
    [("", "stride_in_both_convolutions"),
     ("And in the body «c» has padding='valid' and rounds down.", "valid_padding_in_body")],
)  # fmt: skip
def test_pixels_lost_at_the_border_are_no_stride(told: str, mistake: str) -> None:
    """From 7 rows both make 4: the explanation tells them apart."""
    message = "Inputs have incompatible shapes. Received shapes (4, 5, 32) and (7, 8, 32)"
    mistakes = load(FOLDER / "residual_networks" / "_mistakes.py")
    assert mistakes.sum_error(CellError("ValueError", message, told), 13, 2) == mistake


CLASSIFIER = """
    import keras
    from keras import layers
    inputs = keras.Input((64, 64, 3))
    x = layers.Conv2D(8, 3, strides=4, padding="same", activation="relu")(inputs)
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same")(x)])
    x = layers.GlobalAveragePooling2D()(x)
    trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
"""


@pytest.mark.parametrize(
    ("passing", "strong", "score"),
    [(0.9, 0.95, 0.0), (0.0, 0.95, 10 / 13), (0.0, 0.0, 1.0)],
    ids=["untrained", "passes", "strong"],
)
def test_accuracy_on_hidden_scenes(
    passing: float, strong: float, score: float, tmp_path: Path
) -> None:
    """Cap, probabilities and residual connections earn their share only once the model has learnt
    something.
    """
    run = tmp_path / "run"
    run.mkdir()
    grader = {UNTRAINED: graders("residual_networks")[UNTRAINED]}
    answered(run, "residual_networks", {UNTRAINED: dedent(CLASSIFIER)}, grader)
    calibration = {
        UNTRAINED: {"pass": passing, "strong": strong, "scenes": 30, "collection": "shapes"}
    }
    task = verdict(run, "residual_networks", (UNTRAINED,), calibration=calibration).tasks[0]
    assert task.score == pytest.approx(score, abs=1e-3)
    assert {check.ending for check in task.checks} <= {"passed", "failed", "blocked"}


def test_without_calibration_nothing_is_decided(tmp_path: Path) -> None:
    """A threshold that was never measured is ours to measure: broken, not failed."""
    answered(tmp_path, "residual_networks", {UNTRAINED: dedent(CLASSIFIER)}, {
        UNTRAINED: graders("residual_networks")[UNTRAINED]})  # fmt: skip
    task = verdict(tmp_path, "residual_networks", (UNTRAINED,), calibration={}).tasks[0]
    assert task.checks[0].ending == "broken"
    assert "calibration" in task.checks[0].found


@pytest.mark.parametrize(
    ("end", "found"),
    [("", "untrained"), ("trained_classifier.fit(np.ones((4, 64, 64, 3)), np.zeros(4), verbose=0)",
      "learnt_nothing")],
    ids=["never fitted", "fitted to nothing"],
)  # fmt: skip
def test_untrained_is_told_from_trained_in_vain(end: str, found: str, tmp_path: Path) -> None:
    """Whether `fit` ran is read off the optimizer, which counts its steps."""
    compiled = 'trained_classifier.compile("sgd", "sparse_categorical_crossentropy")\n'
    task = _trained(f"{dedent(CLASSIFIER)}{compiled}{end}", tmp_path)
    assert task.checks[0].misconception == found


def test_an_error_in_the_cell_is_the_finding(tmp_path: Path) -> None:
    """Who reads «trained?» after an ImportError looks in the wrong place."""
    task = _trained(f"{dedent(CLASSIFIER)}import nowhere\n", tmp_path)
    assert "your cell stopped with ModuleNotFoundError" in task.checks[0].found
    assert task.checks[0].misconception is None


def test_a_softmax_before_a_loss_of_raw_scores_is_remarked_on(tmp_path: Path) -> None:
    """Keras forgives it, so it takes no points, and is said."""
    loss = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
    cell = f'{dedent(CLASSIFIER)}trained_classifier.compile("sgd", {loss})\n'
    task = _trained(cell, tmp_path, passing=0.0)
    assert (task.checks[0].ending, "from_logits" in task.checks[0].hint) == ("passed", True)


def _trained(cell: str, folder: Path, passing: float = 0.99) -> TaskVerdict:
    """The verdict on a cell that trains."""
    run = folder / "run"
    run.mkdir()
    grader = {UNTRAINED: graders("residual_networks")[UNTRAINED]}
    answered(run, "residual_networks", {UNTRAINED: f"import numpy as np\n{cell}"}, grader)
    calibration = {
        UNTRAINED: {"pass": passing, "strong": passing, "scenes": 300, "collection": "shapes"}
    }
    return verdict(run, "residual_networks", (UNTRAINED,), calibration=calibration).tasks[0]
