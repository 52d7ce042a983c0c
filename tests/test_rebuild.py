"""Models rebuilt from configuration and arrays: the same numbers,
and nothing that is not on the list.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from autograder.architecture.archive import read_archive
from autograder.architecture.rebuild import rebuild, student_path
from autograder.errors import ArchitectureError, RebuildRefused

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)


def arrays(model: Any, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of a model under the keys of the contract."""
    for layer in model.layers:
        if hasattr(layer, "layers") and not isinstance(layer, layers.Pipeline):
            yield from arrays(layer, f"{prefix}{layer.name}/")
        else:
            yield from (
                (f"{prefix}{layer.name}:{i}", np.array(w)) for i, w in enumerate(layer.weights)
            )


def scrambled(model: Any) -> Any:
    """The model with arrays that no initialiser would make, statistics of batch norm included."""
    rng = np.random.default_rng(7)
    for weight in model.weights:
        values = rng.normal(0.1, 0.4, weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.finalize_state()
    return model


def inputs_for(model: Any, seed: int = 3) -> Any:
    rng = np.random.default_rng(seed)
    shapes = [(4, *(size or 5 for size in tensor.shape[1:])) for tensor in model.inputs]
    flat = [
        (
            rng.integers(0, 4, shape).astype(t.dtype)
            if "int" in t.dtype
            else rng.normal(size=shape).astype("float32")
        )
        for shape, t in zip(shapes, model.inputs, strict=True)
    ]
    return (
        flat[0]
        if isinstance(model, keras.Sequential)
        else keras.tree.pack_sequence_as(model.input, flat)
    )


def nested() -> Any:
    inner = keras.Input((8, 8, 3))
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu", name="c")(inner))
    base = keras.Model(inner, [x, layers.GlobalAveragePooling2D()(x)], name="base")
    image = keras.Input((8, 8, 3))
    maps, vector = base(image)
    head = keras.Sequential(
        [layers.Flatten(), layers.Dense(3, activation="softmax", name="c")], name="head"
    )
    return keras.Model(image, [head(maps), vector])


def nested_at_the_end() -> Any:
    inner = keras.Input((6,))
    base = keras.Model(inner, layers.Dense(4, name="d")(inner), name="base")
    left, right = keras.Input((6,)), keras.Input((6,))
    return keras.Model([left, right], [base(left), base(right)])


def shared() -> Any:
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    encoder = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(4)]
    )
    distance = ops.absolute(encoder(left) - encoder(right))
    return keras.Model(
        {"left": left, "right": right}, layers.Dense(1, activation="sigmoid")(distance)
    )


def operators() -> Any:
    x = keras.Input((8, 8, 4))
    y = ops.relu(layers.Conv2D(4, 3, padding="same")(x) + x) * 0.5 - 1
    z = ops.concatenate([y[..., :2], y[:, :, :, 2:]], axis=-1)
    z = z / ops.maximum(ops.mean(z, axis=[1, 2], keepdims=True), np.float32(0.1))
    z = keras.activations.relu(z, max_value=6) + ops.expand_dims(z[:, 0], 1)
    return keras.Model(
        x, ops.sum(ops.reshape(z, (-1, 64, 4)), axis=1) + np.arange(4, dtype="float32")
    )


def several_outputs() -> Any:
    x = keras.Input((8, 8, 3))
    trunk = layers.GlobalMaxPooling2D()(
        layers.SeparableConv2D(6, 3, activation=layers.LeakyReLU(0.1))(x)
    )
    first, second = ops.split(trunk, 2, axis=-1)
    return keras.Model(
        x, {"label": layers.Dense(3)(first), "box": layers.Dense(4, name="box")(second)}
    )


def every_convolution() -> Any:
    x = keras.Input((16, 16, 3))
    y = layers.Rescaling(1 / 255, offset=-0.5)(x)
    y = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, kernel_regularizer="l2")(y)
    y = layers.BatchNormalization(gamma_constraint="non_neg")(y)
    y = layers.PReLU(shared_axes=[1, 2])(layers.DepthwiseConv2D(3, depth_multiplier=2)(y))
    y = layers.Conv2DTranspose(4, 2, strides=2)(y)
    y = layers.GroupNormalization(2)(layers.ZeroPadding2D(1)(y))
    y = layers.UpSampling2D(2, interpolation="bilinear")(layers.LayerNormalization()(y))
    return keras.Model(x, layers.Resizing(7, 7)(layers.AveragePooling2D(2)(y)))


def augmented() -> Any:
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.Pipeline([layers.RandomContrast(0.2), layers.RandomBrightness(0.1)]),
            layers.Conv2D(3, 3),
            layers.Dropout(0.5),
            layers.GaussianNoise(0.1),
            layers.GlobalAveragePooling2D(),
        ]
    )


def normalised() -> Any:
    norm = layers.Normalization()
    norm.adapt(np.random.default_rng(0).normal(3, 2, (50, 6)))
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(2)(norm(x)))


def sequences() -> Any:
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(10, 4)(x)
    y = layers.MultiHeadAttention(2, 3)(y, y)
    y = layers.TimeDistributed(layers.Dense(5, activation="gelu"))(y)
    y = layers.TimeDistributed(keras.Sequential([layers.Dense(4), layers.Dense(5)]))(y)
    return keras.Model(
        x, layers.GRU(2)(layers.Bidirectional(layers.LSTM(3, return_sequences=True))(y))
    )


def newer_layers() -> Any:
    x = keras.Input((4,), dtype="int32")
    words = layers.ReversibleEmbedding(10, 6)
    vectors = words(words(x) * 2.0, reverse=True)
    y = ops.scatter_update(vectors, np.array([[0, 0, 0]]), np.ones(1, dtype="float32"))
    image = keras.Input((16, 16, 3), batch_size=4)
    rows = ops.rearrange(image, "b h w c -> b w (h c)")
    even = layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))(image)
    return keras.Model([x, image], [y, rows, layers.AdaptiveAveragePooling2D(4)(even)])


def sounds() -> Any:
    x = keras.Input((256,))
    y = layers.MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=8)(x)
    return keras.Model(x, layers.ConvLSTM1D(2, 3)(layers.Reshape((4, -1, 2))(y)))


def odd_names() -> Any:
    x = keras.Input((4,), name="mein Bild")
    y = layers.Dense(3, name="größe 1")(x)
    y = layers.Dense(3, name="größe 2")(y)
    return keras.Model(
        x, layers.Add(name="a+b")([y, layers.Dense(3, name="layer")(x)]), name="мо дель"
    )


def without_inputs_of_its_own() -> Any:
    model = keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    model.build((None, 6, 6, 1))
    return model


ZOO = (
    nested,
    nested_at_the_end,
    shared,
    operators,
    several_outputs,
    every_convolution,
    augmented,
    normalised,
    sequences,
    newer_layers,
    sounds,
    odd_names,
    without_inputs_of_its_own,
)


@pytest.mark.parametrize("build", ZOO, ids=lambda build: build.__name__)
def test_outputs_are_those_of_the_original(build: Callable[[], Any]) -> None:
    """A rebuilt model computes the same numbers as the original, to 1e-6."""
    original = scrambled(build())
    model = rebuild(json.loads(original.to_json()), dict(arrays(original)))
    given = inputs_for(original)
    expected, found = original(given, training=False), model(given, training=False)
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6), expected, found
    )
    assert original.count_params() == model.count_params()


@pytest.mark.parametrize(
    "build", [nested, shared, sequences, normalised, without_inputs_of_its_own]
)
def test_outputs_are_those_of_the_saved_original(build: Callable[[], Any], tmp_path: Path) -> None:
    """The arrays of a .keras file are found by the same keys,
    in nested models and inside of layers too.
    """
    original = scrambled(build())
    original.save(tmp_path / "m.keras")
    config, weights = read_archive(tmp_path / "m.keras")
    expected = dict(arrays(original))
    assert expected.keys() == weights.keys()
    assert all(np.array_equal(expected[key], weights[key]) for key in expected)
    given = inputs_for(original)
    model = rebuild(config, weights)
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6),
        original(given),
        model(given),
    )


def test_flags_of_training_are_kept() -> None:
    """Frozen layers stay frozen, also one that trains inside a model that does not,
    and batch norm alone.
    """
    original = nested()
    base = original.get_layer("base")
    base.trainable = False
    base.get_layer("c").trainable = True
    model = rebuild(json.loads(original.to_json()), dict(arrays(original)))
    flags = {
        weight.path.partition("/")[2]: weight.trainable for weight in original.trainable_weights
    }
    assert len(model.trainable_weights) == len(original.trainable_weights) == 4, flags
    assert [w.shape for w in model.trainable_weights] == [
        w.shape for w in original.trainable_weights
    ]
    assert not model.get_layer("base").trainable


def test_names_that_tensorflow_refuses_are_replaced() -> None:
    """A model whose names no graph mode takes predicts,
    and its layers still know the student's path.
    """
    model = rebuild(json.loads(odd_names().to_json()))
    model.predict(np.zeros((2, 4)), verbose=0)
    assert [student_path(layer) for layer in model.layers] == [
        "mein Bild",
        "größe 1",
        "größe 2",
        "layer",
        "a+b",
    ]
    assert len({layer.name for layer in model.layers}) == 5
    assert model.get_layer("layer").units == 3


def test_inputs_are_fed_by_name() -> None:
    """Inputs keep the names by which data are fed in a dictionary."""
    model = rebuild(json.loads(shared().to_json()))
    assert model.predict(
        {"left": np.zeros((2, 8, 8, 1)), "right": np.zeros((2, 8, 8, 1))}, verbose=0
    ).shape == (2, 1)


def edited(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The configuration of a small model after `change` was made to its dense layer's entry."""
    x = keras.Input((4,), name="x")
    config: dict[str, Any] = json.loads(
        keras.Model(x, layers.Dense(3, name="mine", activation="relu")(x)).to_json()
    )
    change(config["config"]["layers"][1])
    return config


LAMBDA = {
    "module": "builtins",
    "class_name": "function",
    "config": "eval",
    "registered_name": "function",
}
MARSHALLED = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "lambda_layer": lambda e: e.update(
        class_name="Lambda", config={"name": "mine", "function": MARSHALLED}
    ),
    "lambda_activation": lambda e: e["config"].update(activation=MARSHALLED),
    "builtin_function": lambda e: e["config"].update(activation=LAMBDA),
    "function_of_keras": (
        lambda e: e["config"].update(
            activation={
                "module": "keras.src.utils.file_utils",
                "class_name": "function",
                "config": "get_file",
            }
        )
    ),
    "saved_model": lambda e: e.update(
        class_name="TFSMLayer", config={"name": "mine", "filepath": "/etc"}
    ),
    "torch_module": lambda e: e.update(
        class_name="TorchModuleWrapper", config={"name": "mine", "module": "x"}
    ),
    "vocabulary_file": lambda e: e.update(
        class_name="StringLookup", config={"vocabulary": "/etc/passwd"}
    ),
    "discretization": lambda e: e.update(
        class_name="Discretization", config={"name": "mine", "num_bins": 3}
    ),
    "registered_class": lambda e: e.update(registered_name="my_package>Dense"),
    "class_of_another_module": lambda e: e.update(module="os", class_name="system"),
    "operation_with_a_function": lambda e: e.update(
        module="keras.src.ops.core", class_name="WhileLoop"
    ),
    "helper_of_an_operation_module": lambda e: e.update(
        module="keras.src.ops.numpy", class_name="KerasTensor"
    ),
    "object_as_a_value": (
        lambda e: e["config"].update(units={"module": "os", "class_name": "path", "config": {}})
    ),
    "unknown_argument": lambda e: e["config"].update(vocabulary="/etc/passwd"),
    "silly_size": lambda e: e["config"].update(units=-3),
    "odd_type": lambda e: e["config"].update(dtype="resource"),
    "quantised": (
        lambda e: e["config"].update(
            dtype={
                "module": "keras",
                "class_name": "QuantizedDTypePolicy",
                "config": {"mode": "int8"},
            }
        )
    ),
    "model_of_a_class_of_its_own": lambda e: e.update(
        class_name="Mine", module="mine", config={"layers": []}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_all_else_is_refused_by_name(change: Callable[[dict[str, Any]], Any]) -> None:
    """What is not on the list is refused with the student's name of the layer."""
    with pytest.raises(RebuildRefused, match="«mine»"):
        rebuild(edited(change))


def test_a_huge_layer_is_refused_before_anything_is_allocated() -> None:
    """A configuration that asks for terabytes costs nothing."""
    with pytest.raises(RebuildRefused, match="at most"):
        rebuild(edited(lambda e: e["config"].update(units=1 << 39)))
    with pytest.raises(ArchitectureError, match="is stored"):
        rebuild(edited(lambda e: e["config"].update(units=1 << 39)), {"mine:0": np.zeros((4, 3))})
    assert rebuild(edited(dict.copy)).count_params() == 15


def test_models_that_multiply_are_refused() -> None:
    """Models within models, each called twice, are counted before they are built."""
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(2)(x))
    for _ in range(15):
        x = keras.Input((2,))
        model = keras.Model(x, model(model(x)))
    with pytest.raises(RebuildRefused, match="calls of layers"):
        rebuild(json.loads(model.to_json()))


WRONG_ARRAYS = {
    "missing": ({"mine:0": np.zeros((4, 3), "float32")}, "none is stored"),
    "of_another_shape": ({"mine:0": np.zeros((3, 4)), "mine:1": np.zeros(3)}, r"needs \(4, 3\)"),
    "one_too_many": ({f"mine:{i}": np.zeros((4, 3)) for i in range(3)}, "more are stored"),
    "of_text": ({"mine:0": np.full((4, 3), "a"), "mine:1": np.zeros(3)}, "is stored"),
    "complex": ({"mine:0": np.zeros((4, 3), complex), "mine:1": np.zeros(3)}, "is stored"),
}


@pytest.mark.parametrize(("weights", "message"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS.keys())
def test_arrays_that_do_not_fit(weights: dict[str, np.ndarray], message: str) -> None:
    """Arrays that are missing, left over, or of another shape
    or kind are an error that names the layer.
    """
    with pytest.raises(ArchitectureError, match=f"«mine».*{message}"):
        rebuild(edited(dict.copy), weights)
