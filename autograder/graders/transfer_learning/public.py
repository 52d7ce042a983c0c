"""What the public checks of the transfer-learning tasks claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from labkit import backbone, scenes
from labkit.checks import Line, Public, is_model

Function = Callable[..., Any]

# On validation scenes; hidden ones are asked for a little less (calibration.json).
ASKED = {
    "feature_classifier": {"scenes": 1500, "pass": 0.84},
    "fine_tuned": {"scenes": 1500, "pass": 0.89, "largest_change": 0.2},
}


def _extract_features(extract_features: Function) -> Iterator[Line]:
    base, images = _small_base(), _images(7)
    before = base.get_weights()
    features = extract_features(base, images, batch_size=3)
    yield (
        isinstance(features, np.ndarray) and features.dtype == np.float32,
        "a NumPy array of float32",
        f"This is a {type(features).__name__}.",
    )
    shape = tuple(np.shape(features))
    yield (
        shape[:1] == (7,),
        "7 images in batches of 3: 7 rows",
        "3 + 3 + 1: the last batch is not full.",
    )
    yield (
        shape[1:] == (4, 4, 5),
        "each row has the shape of the base's output",
        "Return what the base gives as it is.",
    )
    alone = extract_features(base, images[6:], batch_size=3)
    yield (
        np.shape(alone)[1:] == shape[1:] and bool(np.allclose(alone[0], features[6], atol=1e-4)),
        "an image alone gets the features that it got among others",
        "In training mode, batch norm looks at the whole batch.",
    )
    after = base.get_weights()
    same = all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    yield same, "the base is as it was", "Something moved its weights or batch-norm statistics."


def _feature_classifier(
    build_feature_classifier: Function, trained_feature_classifier: Any
) -> Iterator[Line]:
    model = build_feature_classifier((3, 3, 8), 4)
    yield is_model(model), "build_feature_classifier returns a Keras model", "Is there a `return`?"
    yield (
        tuple(model.input_shape[1:]) == (3, 3, 8),
        "it reads features of the given shape",
        "Input(feature_shape).",
    )
    yield (
        tuple(model.output_shape[1:]) == (4,),
        "one output for each class",
        "Pool over the grid first.",
    )
    trained = trained_feature_classifier
    yield (
        is_model(trained),
        "trained_feature_classifier is a Keras model",
        "`fit` returns a history, not the model.",
    )
    asked = ASKED["feature_classifier"]
    some, features = _validation(int(asked["scenes"]))
    accuracy = float(
        np.mean(np.asarray(trained.predict(features, verbose=0)).argmax(axis=-1) == some.labels)
    )
    yield (
        accuracy >= asked["pass"],
        f"{accuracy:.1%} of {len(some):,} validation scenes right: at least {asked['pass']:.0%}",
        "Do features and labels belong together, row by row, and has training come to its end?",
    )


def _frozen_model(build_frozen: Function) -> Iterator[Line]:
    base = _small_base()
    before = base.get_weights()
    model = build_frozen(base, 3)
    yield is_model(model), "a Keras model", "Return keras.Model(inputs, outputs)."
    yield (
        tuple(model.output_shape[1:]) == (3,),
        "one output for each class",
        "Pool over the grid first.",
    )
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    yield count > 0, "the head trains", "Freeze the base, not the model."
    yield (
        0 < count <= 5 * 3 + 3,
        "with 5 features and 3 classes at most 5·3 + 3 parameters train",
        "Which other layers train? Is there one dense layer, and is the base frozen?",
    )
    yield (
        bool(getattr(model, "compiled", False)),
        "it comes compiled",
        "Compile it inside the function.",
    )
    labels = np.array([0, 1, 2, 0, 1, 2, 0])
    model.fit(_images(7), labels, batch_size=7, epochs=1, verbose=0)
    same = all(
        np.array_equal(old, new) for old, new in zip(before, base.get_weights(), strict=True)
    )
    yield (
        same,
        "a step of training leaves the base alone",
        "Its batch norms count, too: are they frozen?",
    )
    once, again = (np.asarray(model(_images(7), training=False)) for _ in range(2))
    yield (
        bool(np.allclose(once, again)),
        "in inference the answer is always the same",
        "What is random here?",
    )


def _unfreeze_top(unfreeze_from: Function, build_frozen: Function) -> Iterator[Line]:
    base = _small_base()
    model = build_frozen(base, 3)
    images, labels = _images(7), np.array([0, 1, 2, 0, 1, 2, 0])
    model.fit(images, labels, batch_size=7, epochs=1, verbose=0)
    returned = unfreeze_from(model, base, "second", learning_rate=1e-3)
    yield returned is model, "the same model comes back", "Change it in place, and return it."
    yield (
        abs(float(np.asarray(model.optimizer.learning_rate)) - 1e-3) < 1e-8,
        "with the learning rate asked for",
        "Compile again, with `learning_rate`.",
    )
    before = {layer.name: layer.get_weights() for layer in base.layers}
    model.fit(images, labels, batch_size=7, epochs=1, verbose=0)
    moved = {layer.name: _differ(before[layer.name], layer.get_weights()) for layer in base.layers}
    yield (
        moved["second"],
        "a step of training moves the named layer",
        "What must happen after a change of `trainable`?",
    )
    yield (
        not moved["first"],
        "and not the one before it",
        "Everything before the named layer stays frozen.",
    )
    yield (
        not moved["norm"],
        "and no batch norm",
        "Batch norms stay frozen, after the named layer, too.",
    )


def _fine_tuned(fine_tuned_model: Any, accuracies: Any) -> Iterator[Line]:
    yield (
        is_model(fine_tuned_model),
        "fine_tuned_model is a Keras model",
        "`fit` returns a history, not the model.",
    )
    keys = ("scratch", "features", "frozen", "fine_tuned")
    fits = isinstance(accuracies, dict) and set(keys) <= set(accuracies)
    yield fits, f"accuracies has the keys {', '.join(keys)}", "It is a dictionary with these four."
    numbers = [accuracies[key] for key in keys]
    fine = all(number is not None and 0 <= float(number) <= 1 for number in numbers)
    yield fine, "each one a share between 0 and 1", "Not in percent, and none left out."
    asked = ASKED["fine_tuned"]
    some, _ = _validation(int(asked["scenes"]))
    guesses = np.asarray(fine_tuned_model.predict(some.images, batch_size=60, verbose=0)).argmax(
        axis=-1
    )
    accuracy = float(np.mean(guesses == some.labels))
    yield (
        accuracy >= asked["pass"],
        f"{accuracy:.1%} of {len(some):,} validation scenes right: at least {asked['pass']:.0%}",
        "Was the head trained before you unfroze the base?",
    )
    change, largest = max(_changes(fine_tuned_model), default=0.0), asked["largest_change"]
    yield (
        change <= largest,
        f"kernels of block 4 moved by {change:.2f} of their length: at most {largest}",
        "Smaller steps, or fewer of them.",
    )


@cache
def _validation(n: int) -> tuple[Any, Any]:
    """Scenes, and what the released backbone makes of them; of real images, all that there are."""
    try:
        some = scenes("fewshot", "validation", n=n)
    except ValueError:
        some = scenes("fewshot", "validation")
    return some, backbone().predict(some.images, batch_size=60, verbose=0)


def _changes(model: Any) -> Iterator[float]:
    """How far each kernel of block 4 is from the released one, where the model names it so."""
    import keras

    released = {f"{layer.name}/kernel": layer for layer in backbone().layers}
    for weight in model.weights:
        name = "/".join(weight.path.split("/")[-2:])
        if name.startswith("block4_conv") and name in released:
            old = released[name].get_weights()[0]
            yield float(
                np.linalg.norm(keras.ops.convert_to_numpy(weight) - old) / np.linalg.norm(old)
            )


def _small_base() -> Any:
    """A tiny base with a rescaling and a batch norm:
    8×8 pixels to a grid of 4×4 with 5 features.
    """
    import keras
    from keras import layers

    inputs = keras.Input((8, 8, 3))
    x = layers.Rescaling(1 / 255, name="scale")(inputs)
    x = layers.Conv2D(4, 3, padding="same", name="first")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.Conv2D(5, 3, strides=2, padding="same", name="second")(x)
    return keras.Model(inputs, layers.BatchNormalization(name="last_norm")(x), name="small_base")


def _images(n: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3)).astype(np.uint8)


def _differ(before: Any, after: Any) -> bool:
    return any(not np.array_equal(old, new) for old, new in zip(before, after, strict=True))


TASKS: dict[str, Public] = {
    "extract_features": Public(("extract_features",), _extract_features),
    "feature_classifier": Public(
        ("build_feature_classifier", "trained_feature_classifier"), _feature_classifier
    ),
    "frozen_model": Public(("build_frozen",), _frozen_model),
    "unfreeze_top": Public(("unfreeze_from", "build_frozen"), _unfreeze_top, ("frozen_model",)),
    "fine_tuned": Public(("fine_tuned_model", "accuracies"), _fine_tuned),
}
