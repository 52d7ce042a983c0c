"""What the public checks claim about each task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from labkit import scenes
from labkit.checks import Line, Public, is_model

Function = Callable[..., Any]

# On validation scenes; hidden ones are asked for a little less (calibration.json).
ASKED = {"train_classifier": {"scenes": 1000, "pass": 0.8, "strong": 0.88}}


def _conv_arithmetic(
    output_size: Function, conv_params: Function, separable_conv_params: Function
) -> Iterator[Line]:
    sizes = [output_size(5, 3, 1, "valid"), output_size(9, 3, 2, "same")]
    whole = all(isinstance(value, (int, np.integer)) for value in [*sizes, conv_params(3, 2, 4)])
    yield (
        whole,
        "sizes and counts are whole numbers",
        "Division with / gives a float: // rounds down.",
    )
    yield (
        sizes[0] == 3,
        "a window of 3 slides over 5 pixels",
        "Lay the window on 5 pixels of squared paper, move it by one, and count its places.",
    )
    yield (
        output_size(7, 3, 1, "same") == 7,
        "with stride 1 and `same` padding the size stays",
        "`same` adds as many zeros as the kernel would eat.",
    )
    yield (
        conv_params(1, 1, 1) == 2 and conv_params(1, 1, 1, bias=False) == 1,
        "one 1×1 filter on one channel: count by hand, with and without bias",
        (
            "One weight for each input channel and place in the window, "
            "and one bias for each output channel."
        ),
    )
    yield (
        0 < separable_conv_params(3, 64, 64) < conv_params(3, 64, 64) / 5,
        "at 64 channels the separable convolution is more than five times cheaper",
        (
            "Depthwise: one window for each input channel. "
            "Pointwise: a 1×1 convolution over all of them."
        ),
    )


def _residual_block(residual_block: Function) -> Iterator[Line]:
    same = _model(residual_block, (8, 8, 4), 4)
    yield _grid(same) == (8, 8, 4), "4 channels to 4: the shape stays", "Is every padding `same`?"
    yield (
        same.count_params() <= 340,
        "where the shapes agree the shortcut costs nothing",
        (
            "Two 3×3 convolutions and two batch norms are all that has parameters here: "
            "is there one more?"
        ),
    )
    wider = _model(residual_block, (8, 8, 4), 8)
    yield (
        _grid(wider) == (8, 8, 8),
        "4 channels to 8: the shortcut follows",
        "What gives the shortcut 8 channels?",
    )
    halved = _model(residual_block, (7, 7, 4), 8, strides=2)
    yield (
        _grid(halved) == (4, 4, 8),
        "strides=2 on 7×7 pixels: both ways round alike",
        "One convolution of the body has the stride, and the shortcut has the same.",
    )
    values = np.asarray(wider(_noise(8, 8, 4), training=False))
    yield (
        float(values.min()) >= 0,
        "nothing negative comes out",
        "The last ReLU stands after the addition.",
    )


def _residual_network(build_resnet: Function) -> Iterator[Line]:
    model = build_resnet((32, 32, 3), 6, filters=(4, 8), blocks_per_stage=1)
    yield from _is_classifier(model, (32, 32, 3), 6)
    deeper = build_resnet((32, 32, 3), 6, filters=(4, 8), blocks_per_stage=2)
    yield (
        deeper.count_params() > model.count_params(),
        "more blocks, more parameters",
        "Is `blocks_per_stage` used?",
    )
    bright = np.asarray(model(np.full((1, 32, 32, 3), 255.0, np.float32), training=False))
    yield (
        bool(np.isfinite(bright).all()),
        "raw pixels give finite numbers",
        "Does the network rescale its input?",
    )


def _separable_block(separable_residual_block: Function) -> Iterator[Line]:
    block = _model(separable_residual_block, (8, 8, 4), 8)
    yield (
        _grid(block) == (4, 4, 8),
        "8×8 pixels become 4×4, 4 channels 8",
        "Pooling and shortcut both halve the grid.",
    )
    odd = _model(separable_residual_block, (7, 7, 4), 8)
    yield (
        _grid(odd) == (4, 4, 8),
        "odd sizes work too",
        "`same` rounds up, `valid` rounds down: use one of them twice.",
    )
    large = _model(separable_residual_block, (8, 8, 32), 32)
    yield (
        large.count_params() < 2 * 9 * 32 * 32 / 3,
        "at 32 filters it costs less than a third of two plain 3×3 convolutions",
        "Are both convolutions separable, and is the shortcut's kernel 1×1?",
    )


def _mini_xception(build_mini_xception: Function) -> Iterator[Line]:
    model = build_mini_xception((64, 64, 3), 6)
    yield from _is_classifier(model, (64, 64, 3), 6)
    yield (
        model.count_params() <= 500_000,
        "at most 500,000 parameters",
        "Start narrow: the last blocks cost most.",
    )
    pixels = 255 * np.abs(_noise(64, 64, 3))
    twice = [np.asarray(model(pixels, training=False)) for _ in range(2)]
    yield (
        bool(np.allclose(twice[0], twice[1])),
        "in inference the same image always gives the same answer",
        "Something random is active that should be so in training only.",
    )
    trained = [np.asarray(model(pixels, training=True)) for _ in range(4)]
    yield (
        any(not np.allclose(trained[0], one, atol=1e-7) for one in trained[1:]),
        "in training it does not",
        "Where are augmentation and dropout?",
    )


def _inception_module(inception_module: Function) -> Iterator[Line]:
    module = _model(inception_module, (8, 8, 6), 2, 3, 4, 2, 5, 6)
    yield (
        _grid(module)[:2] == (8, 8),
        "height and width stay",
        (
            "Every branch needs `same` padding and stride 1, "
            "the pooling too: its stride is not 1 by default."
        ),
    )
    yield (
        _grid(module)[2:] == (2 + 4 + 5 + 6,),
        "the output has the channels of the four branches together",
        (
            "The reductions are inside their branches; "
            "only the branches' ends are concatenated, over the channels."
        ),
    )
    wider = _model(inception_module, (8, 8, 6), 2, 6, 4, 2, 5, 6)
    yield (
        wider.count_params() > module.count_params(),
        "a wider reduction before the 3×3 costs more",
        "Is `f3_reduce` used, and does the 3×3 read it?",
    )


def _unet(build_unet: Function) -> Iterator[Line]:
    model = build_unet((32, 32, 3), num_classes=1, base_filters=4, depth=2)
    yield is_model(model), "a Keras model", "Return keras.Model(inputs, outputs)."
    yield (
        _grid(model) == (32, 32, 1),
        "as large as its input, one number a pixel",
        "Come up as often as you went down.",
    )
    values = np.asarray(model(255 * np.abs(_noise(32, 32, 3)), training=False))
    yield (
        bool((values >= 0).all() and (values <= 1).all()),
        "each number is a probability",
        "One class: sigmoid.",
    )
    several = build_unet((32, 32, 3), num_classes=3, base_filters=4, depth=2)
    sums = np.asarray(several(_noise(32, 32, 3), training=False)).sum(axis=-1)
    yield (
        bool(np.allclose(sums, 1, atol=1e-4)),
        "three classes: they add up to 1 in each pixel",
        "Which activation?",
    )
    yield (
        _refuses_or_fits(build_unet),
        "30×30 with depth 2 works or is refused in words",
        (
            "30 → 15 → 7 does not come back to 30: "
            "pad and crop, or raise a ValueError that names the size."
        ),
    )


def _refuses_or_fits(build_unet: Function) -> bool:
    try:
        return _grid(build_unet((30, 30, 3), base_filters=4, depth=2)) == (30, 30, 1)
    except ValueError as error:
        words = str(error)
        return "oncat" not in words and any(number in words for number in ("30", "4"))


def _train_classifier(trained_classifier: Any) -> Iterator[Line]:
    yield from _is_classifier(trained_classifier, (64, 64, 3), 6)
    count = trained_classifier.count_params()
    yield (
        count <= 250_000,
        "at most 250,000 parameters",
        "Fewer filters in the last stage save most.",
    )
    asked = ASKED["train_classifier"]
    some = _validation(int(asked["scenes"]))
    guesses = np.asarray(trained_classifier.predict(some.images, batch_size=100, verbose=0)).argmax(
        axis=-1
    )
    accuracy = float(np.mean(guesses == some.labels))
    yield (
        accuracy >= asked["pass"],
        f"{accuracy:.1%} of {len(some):,} validation scenes right: at least {asked['pass']:.0%}",
        (
            "Was it fitted in this session, on shuffled pairs of image and label, "
            "with raw pixels rescaled inside, and long enough?"
        ),
    )
    yield (
        accuracy >= asked["strong"],
        f"for the higher mark at least {asked['strong']:.0%}",
        "More different scenes, more epochs, or a learning rate that falls to zero?",
    )


@cache
def _validation(n: int) -> Any:
    return scenes("shapes", "validation", n=n)


def _is_classifier(model: Any, input_shape: tuple[int, ...], classes: int) -> Iterator[Line]:
    if not is_model(model):
        yield (
            False,
            "a Keras model",
            f"This is a {type(model).__name__}; `fit` returns a history, not the model.",
        )
        return
    yield True, "a Keras model", ""
    shape = tuple(model.output_shape[1:])
    yield (
        shape == (classes,),
        "one output for each class",
        "Pool over the whole grid before the last dense layer.",
    )
    values = np.asarray(model(np.zeros((2, *input_shape), np.float32), training=False))
    yield (
        bool(np.allclose(values.sum(axis=-1), 1, atol=1e-4)),
        "its outputs add up to 1",
        "Which activation is last?",
    )


def _model(function: Function, shape: tuple[int, ...], *args: Any, **kwargs: Any) -> Any:
    """What a function builds on a symbolic input, as a model."""
    import keras

    inputs = keras.Input(shape)
    outputs = function(inputs, *args, **kwargs)
    if not hasattr(outputs, "shape"):
        raise TypeError(
            f"it returned {type(outputs).__name__}; a tensor was expected. Is there a `return`?"
        )
    return keras.Model(inputs, outputs)


def _grid(model: Any) -> tuple[int | None, ...]:
    return tuple(model.output_shape[1:])


def _noise(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)


TASKS: dict[str, Public] = {
    "conv_arithmetic": Public(
        ("output_size", "conv_params", "separable_conv_params"), _conv_arithmetic
    ),
    "residual_block": Public(("residual_block",), _residual_block),
    "residual_network": Public(("build_resnet",), _residual_network, ("residual_block",)),
    "separable_block": Public(("separable_residual_block",), _separable_block),
    "mini_xception": Public(("build_mini_xception",), _mini_xception, ("separable_block",)),
    "inception_module": Public(("inception_module",), _inception_module),
    "unet": Public(("build_unet",), _unet),
    "train_classifier": Public(("trained_classifier",), _train_classifier, ("residual_block",)),
}
