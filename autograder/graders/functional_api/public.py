"""What the public checks of the functional-API tasks claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from labkit import scenes
from labkit.checks import Line, Public, is_model

Function = Callable[..., Any]

# On validation scenes; hidden ones are asked for a little less (calibration.json).
ASKED = {
    "train_localizer": {
        "scenes": 1000,
        "accuracy_pass": 0.8,
        "accuracy_strong": 0.91,
        "iou_pass": 0.67,
        "iou_strong": 0.77,
    },
}


def _sequential_to_functional(
    build_functional: Function, build_sequential: Function
) -> Iterator[Line]:
    import keras

    model, original = build_functional((32, 32, 3), 4), build_sequential((32, 32, 3), 4)
    yield is_model(model), "a Keras model", "Is there a `return`?"
    yield (
        not isinstance(model, keras.Sequential),
        "not a Sequential",
        "keras.Model(inputs, outputs), and calls.",
    )
    yield (
        not any(isinstance(layer, keras.Sequential) for layer in model.layers),
        "nor one in disguise",
        "Write the calls, one for each layer.",
    )
    yield (
        tuple(model.input_shape[1:]) == (32, 32, 3),
        "it reads the shape asked for",
        "Is `input_shape` used?",
    )
    yield (
        tuple(model.output_shape[1:]) == (4,),
        "four classes give four outputs",
        "Is `num_classes` used?",
    )
    yield (
        model.count_params() == original.count_params(),
        "as many parameters as the original",
        (
            "Go through both layer by layer: which kernel, bias or padding differs? "
            "Has every layer been called on `x`?"
        ),
    )


def _two_inputs(build_two_input: Function) -> Iterator[Line]:
    model = build_two_input((32, 32, 3), 5, 4)
    yield is_model(model), "a Keras model", "Is there a `return`?"
    yield (
        _inputs(model) == {"image", "metadata"},
        "inputs named image and metadata",
        'keras.Input(shape, name="…").',
    )
    yield (
        tuple(model.output_shape[1:]) == (4,),
        "four classes give four outputs",
        "Pool over the grid first.",
    )
    pixels, numbers = _pixels(4, 32), np.linspace(0, 1, 20, dtype=np.float32).reshape(4, 5)
    values = np.asarray(model({"image": pixels, "metadata": numbers}, training=False))
    yield (
        bool(np.allclose(values.sum(axis=-1), 1, atol=1e-4)),
        "its outputs add up to 1",
        "Which activation is last?",
    )
    count = build_two_input((64, 64, 3), 4, 6).count_params()
    yield (
        count <= 200_000,
        f"{count:,} parameters: at most 200,000",
        "What does the first dense layer read?",
    )


def _localizer(build_localizer: Function, compile_localizer: Function) -> Iterator[Line]:
    model = build_localizer((32, 32, 3), 5)
    yield is_model(model), "a Keras model", "Is there a `return`?"
    label, box = _label_and_box(model, _pixels(4, 32))
    yield (
        label is not None,
        "outputs named label and box",
        'keras.Model(inputs, {"label": …, "box": …}).',
    )
    if label is None:
        return
    yield (
        label.shape == (4, 5),
        "five classes: five numbers for the label",
        "Pool or flatten before the head.",
    )
    yield (
        bool(np.allclose(label.sum(axis=-1), 1, atol=1e-4)),
        "they add up to 1",
        "One class excludes the others.",
    )
    yield box.shape == (4, 4), "four numbers for the box", "x_min, y_min, x_max, y_max."
    yield (
        bool((box >= 0).all() and (box <= 1).all()),
        "each of them between 0 and 1",
        "Which activation?",
    )
    yield (
        not np.allclose(box.sum(axis=-1), 1, atol=1e-4),
        "and none excludes another",
        "Four coordinates are not a distribution.",
    )
    compile_localizer(model)
    yield (
        bool(model.compiled),
        "compile_localizer compiles the model that it gets",
        "A new model is of no use here.",
    )
    targets = {
        "label": np.array([0, 1, 2, 3]),
        "box": np.tile(np.array([0.2, 0.3, 0.6, 0.7], np.float32), (4, 1)),
    }
    losses = model.fit(_pixels(4, 32), targets, batch_size=4, epochs=1, verbose=0).history["loss"]
    yield (
        bool(np.isfinite(np.asarray(losses)).all()),
        "a step of training works",
        "Losses and metrics by the outputs' names.",
    )


def _siamese(build_siamese: Function) -> Iterator[Line]:
    model = build_siamese((32, 32, 3), 6)
    yield is_model(model), "a Keras model", "Is there a `return`?"
    yield (
        _inputs(model) == {"left", "right"},
        "inputs named left and right",
        'keras.Input(shape, name="…").',
    )
    yield (
        tuple(model.output_shape[1:]) == (1,),
        "one number for each pair",
        "One dense layer with one unit.",
    )
    one, other = _pixels(4, 32), _pixels(4, 32)[::-1].copy()
    forth, back = (
        np.asarray(model({"left": a, "right": b})) for a, b in ((one, other), (other, one))
    )
    yield bool((forth >= 0).all() and (forth <= 1).all()), "between 0 and 1", "Which activation?"
    yield (
        bool(np.allclose(forth, back, atol=1e-5)),
        "the order of the two does not matter",
        "One encoder for both? And is the sign of the difference gone?",
    )


def _intermediate_features(feature_extractor: Function, add_head: Function) -> Iterator[Line]:
    base = _small_classifier()
    before, flags = base.get_weights(), [layer.trainable for layer in base.layers]
    view = feature_extractor(base, ["second", "first"])
    yield is_model(view), "feature_extractor returns a Keras model", "Is there a `return`?"
    shapes = [tuple(tensor.shape[1:]) for tensor in view.outputs]
    yield (
        shapes == [(4, 4, 5), (8, 8, 4)],
        "its outputs are the layers', in the order asked for",
        "layer.output.",
    )
    own = {id(weight) for weight in base.weights}
    yield (
        all(id(weight) in own for weight in view.weights),
        "its weights are the model's own",
        "Nothing is copied.",
    )
    new = add_head(base, 7)
    yield is_model(new), "add_head returns a Keras model", "Is there a `return`?"
    yield (
        tuple(new.output_shape[1:]) == (7,),
        "seven classes give seven outputs",
        "Is `num_classes` used?",
    )
    dense = 6 * 7 + 7
    yield (
        new.count_params() == base.count_params() - (6 * 3 + 3) + dense,
        "the new layer reads six numbers and stands in the old one's place",
        "Which tensor does the last layer read?",
    )
    same = all(np.array_equal(a, b) for a, b in zip(before, base.get_weights(), strict=True))
    yield (
        same and flags == [layer.trainable for layer in base.layers],
        "the model is as it was",
        "Did you set `trainable` on layers that are not yours?",
    )


def _train_localizer(trained_localizer: Any) -> Iterator[Line]:
    yield is_model(trained_localizer), "a Keras model", "`fit` returns a history, not the model."
    asked = ASKED["train_localizer"]
    some = _validation(int(asked["scenes"]))
    label, box = _label_and_box(trained_localizer, some.images)
    yield label is not None, "outputs named label and box", "As in task 3."
    if label is None:
        return
    accuracy = float(np.mean(label.argmax(axis=-1) == some.labels))
    yield (
        accuracy >= asked["accuracy_pass"],
        f"{accuracy:.1%} of {len(some):,} labels right: at least {asked['accuracy_pass']:.0%}",
        (
            "Was it fitted in this session, on pairs that belong together, "
            "with raw pixels rescaled inside, and long enough?"
        ),
    )
    yield (
        accuracy >= asked["accuracy_strong"],
        f"for the higher mark at least {asked['accuracy_strong']:.0%}",
        "More different scenes, more epochs, or a learning rate that falls?",
    )
    share = float(_overlap(box, some.boxes).mean())
    yield (
        share >= asked["iou_pass"],
        f"mean overlap with the right boxes is {share:.3f}: at least {asked['iou_pass']}",
        (
            "Are the targets shares of the side, (x_min, y_min, x_max, y_max)? "
            "Does this loss count enough?"
        ),
    )
    yield (
        share >= asked["iou_strong"],
        f"for the higher mark at least {asked['iou_strong']}",
        "How much does the loss of the box weigh, and does its head see where things are?",
    )


@cache
def _validation(n: int) -> Any:
    return scenes("shapes", "validation", n=n)


def _inputs(model: Any) -> set[str]:
    import keras

    given = model.input
    return (
        set(given)
        if isinstance(given, dict)
        else {tensor.name for tensor in keras.tree.flatten(given)}
    )


def _label_and_box(model: Any, images: Any) -> tuple[Any, Any]:
    """What a model of two named outputs gives; (None, None) where they have other names."""
    found = model.predict(images, batch_size=100, verbose=0)
    if not isinstance(found, dict):
        found = (
            dict(zip(model.output_names, found, strict=False))
            if isinstance(found, list | tuple)
            else {}
        )
    return (found["label"], found["box"]) if {"label", "box"} <= set(found) else (None, None)


def _overlap(found: Any, wanted: Any) -> Any:
    low, high = np.maximum(found[:, :2], wanted[:, :2]), np.minimum(found[:, 2:], wanted[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = [
        np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (found, wanted)
    ]
    return both / np.maximum(areas[0] + areas[1] - both, 1e-9)


def _small_classifier() -> Any:
    """8×8 pixels, two convolutions, six numbers, three classes."""
    import keras
    from keras import layers

    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="first")(inputs)
    x = layers.Conv2D(5, 3, strides=2, padding="same", name="second")(x)
    x = layers.Dense(6, name="vector")(layers.GlobalAveragePooling2D(name="pool")(x))
    return keras.Model(
        inputs, layers.Dense(3, activation="softmax", name="last")(x), name="small_classifier"
    )


def _pixels(n: int, side: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3)).astype(np.float32)


TASKS: dict[str, Public] = {
    "sequential_to_functional": Public(
        ("build_functional", "build_sequential"), _sequential_to_functional
    ),
    "two_inputs": Public(("build_two_input",), _two_inputs),
    "localizer": Public(("build_localizer", "compile_localizer"), _localizer),
    "siamese": Public(("build_siamese",), _siamese),
    "intermediate_features": Public(("feature_extractor", "add_head"), _intermediate_features),
    "train_localizer": Public(("trained_localizer",), _train_localizer, ("localizer",)),
}
