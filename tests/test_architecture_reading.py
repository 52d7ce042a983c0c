"""A model is read from its configuration alone, whatever it is made of."""

import copy
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from autograder.architecture import Architecture, match, read
from autograder.architecture.blocks import residual_blocks, skips
from autograder.architecture.facts import batch_norms, heads, ladder
from autograder.architecture.parameters import count_parameters, frozen, kernel_parameters
from autograder.errors import ArchitectureError

L = keras.layers


def kinds(arch: Architecture) -> list[str]:
    return [node.kind for node in arch.nodes]


def config(model: keras.Model) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(model.to_json())
    return data


def small() -> keras.Model:
    given = keras.Input((8, 8, 3), name="picture")
    x = L.Conv2D(4, 3, padding="same", name="first")(given)
    return keras.Model(given, L.Dense(2, name="last")(L.Flatten()(x + 1.0)), name="small")


@keras.saving.register_keras_serializable("tests")
class Registered(keras.layers.Layer):  # type: ignore[misc]
    """A student's own layer with weights that no configuration tells of."""

    def build(self, _shape: Any) -> None:
        """Two weights, one of which never trains."""
        self.table = self.add_weight(shape=(7,))
        self.still = self.add_weight(shape=(2,), trainable=False)

    def call(self, x: Any) -> Any:
        """Scaled by the first."""
        return x * ops.sum(self.table)


class Dense(keras.layers.Layer):  # type: ignore[misc]
    """A student's layer with the name of one of Keras' own."""

    def call(self, x: Any) -> Any:
        """One more."""
        return x + 1


def test_a_model_reads_the_same_live_as_config_as_text_and_from_a_file(tmp_path: Path) -> None:
    """One parser for all sources."""
    model = small()
    path = tmp_path / "model.json"
    path.write_text(model.to_json(), encoding="utf-8")
    sources: list[Any] = [
        model,
        config(model),
        model.to_json(),
        path,
        str(path),
        (model.to_json(), {}),
    ]
    archs = [read(source) for source in sources]
    assert [kinds(arch) for arch in archs] == [["input", "conv", "arith", "flatten", "dense"]] * 6
    assert {(arch.name, arch.outputs, count_parameters(arch).total) for arch in archs} == {
        ("small", (4,), model.count_params())
    }


def test_operators_and_operations_are_nodes() -> None:
    """`+`, `ops.*` and slices are there, although `model.layers` does not have them."""
    x = keras.Input((8, 8, 4))
    y = ops.concatenate([x + L.Conv2D(4, 1)(x), ops.relu(x)], axis=-1)
    arch = read(keras.Model(x, ops.mean(y[:, 1:] * 0.5, axis=[1, 2])))
    assert sorted(kinds(arch)) == sorted(
        ["input", "conv", "add", "act", "concat", "getitem", "arith", "gap"]
    )


def test_a_tensor_and_a_constant_are_no_merge() -> None:
    """Adding 1 merges nothing; adding a tensor to itself gives it twice."""
    x = keras.Input((4,))
    arch = read(keras.Model(x, [x + 1, x + x, 2.0 - x]))
    assert [(n.kind, n.inputs) for n in arch.nodes[1:]] == [
        ("arith", (0,)),
        ("add", (0, 0)),
        ("arith", (0,)),
    ]
    assert [n.constants for n in arch.nodes if n.kind == "arith"] == [(1,), (2.0,)]


def test_outputs_of_one_operation_are_told_apart() -> None:
    """The parts of `ops.split` are different tensors: adding them is no doubling."""
    x = keras.Input((8, 8, 4))
    first, second = ops.split(x, 2, axis=-1)
    arch = read(keras.Model(x, L.Add()([first, second])))
    assert [n.shape for n in arch.nodes if n.kind == "getitem"] == [(None, 8, 8, 2)] * 2
    assert len(set(arch.node(arch.outputs[0]).inputs)) == 2


def test_nested_models_are_inlined_for_each_call_with_shared_layers() -> None:
    """A model called twice gives two nodes for each layer, of equal `layer`;
    Keras' node indices differ by place.
    """
    inner = keras.Input((8,))
    encoder = keras.Model(inner, L.Dense(3, name="code")(inner), name="encoder")
    a, b = keras.Input((8,), name="a"), keras.Input((8,), name="b")
    arch = read(keras.Model({"a": a, "b": b}, [encoder(a), encoder(b)]))
    assert [(n.name, n.path, n.layer) for n in arch.nodes if n.kind == "dense"] == [
        ("code", "encoder/code", "encoder/code")
    ] * 2
    assert [arch.node(out).inputs for out in arch.outputs] == [(arch.inputs[0],), (arch.inputs[1],)]
    assert count_parameters(arch).total == 27


def test_the_output_of_a_model_in_a_model_in_a_model() -> None:
    """Each level adds its name to the path."""
    deep = keras.Sequential(
        [keras.Input((8,)), keras.Sequential([keras.Input((8,)), L.Dense(2, name="d")], name="b")],
        name="a",
    )
    given = keras.Input((8,))
    arch = read(keras.Model(given, deep(given)))
    assert [node.path for node in arch.nodes][1:] == ["a/b/d"]


def test_inputs_of_a_nested_model_are_matched_by_name() -> None:
    """A model with a list of inputs may be called on a dictionary."""
    left, right = keras.Input((2,), name="left"), keras.Input((3,), name="right")
    inner = keras.Model({"right": right, "left": left}, L.Concatenate()([right, left]))
    a, b = keras.Input((2,)), keras.Input((3,))
    arch = read(keras.Model([a, b], inner({"left": a, "right": b})))
    concat = arch.node(arch.outputs[0])
    assert [parent.shape for parent in arch.parents(concat)] == [(None, 3), (None, 2)]


def test_outputs_are_named_as_keras_names_them() -> None:
    """By the keys of a dictionary, otherwise by the layers at the ends."""
    x = keras.Input((4,))
    label, box = L.Dense(3, name="one")(x), L.Dense(4, name="two")(x)
    for outputs in ({"label": label, "box": box}, [label, box], box):
        model = keras.Model(x, outputs)
        arch = read(model)
        expected = ["box", "label"] if isinstance(outputs, dict) else model.output_names
        assert list(arch.output_names) == expected
        assert [arch.node(n).shape for n in arch.outputs] == [tuple(t.shape) for t in model.outputs]


def test_own_layers_stay_opaque_and_lambda_is_not_run() -> None:
    """What is not Keras' own is named, whatever it is called."""
    x = keras.Input((4,))
    arch = read(keras.Model(x, L.Lambda(lambda t: t + 1, name="mystery")(Dense(name="mine")(x))))
    assert [(node.kind, node.name) for node in arch.opaque] == [
        ("opaque", "mine"),
        ("lambda", "mystery"),
    ]


def test_call_arguments_are_kept() -> None:
    """`training=False` and the like stand in `kwargs`."""
    x = keras.Input((4,))
    arch = read(keras.Model(x, L.BatchNormalization()(x, training=False)))
    assert arch.nodes[1].kwargs["training"] is False


def test_shapes_are_known_at_the_ends_and_inside_of_sequential() -> None:
    """Keras does not write them down there: they are computed."""
    layers = [
        L.Rescaling(1 / 255),
        L.RandomFlip(),
        L.Conv2D(8, 3, strides=2),
        L.ZeroPadding2D(((0, 1), (2, 3))),
        L.SeparableConv2D(6, 3, padding="same", strides=2),
        L.DepthwiseConv2D(3, depth_multiplier=2, dilation_rate=2),
        L.Conv2DTranspose(5, 3, strides=2),
        L.Conv2DTranspose(5, 2, strides=2, padding="same"),
        L.UpSampling2D(3),
        L.Cropping2D(((1, 2), (0, 3))),
        L.Resizing(20, 24),
        L.AveragePooling2D(3, strides=2, padding="same"),
        L.MaxPooling2D(),
        L.Reshape((5, -1)),
        L.Permute((2, 1)),
        L.Conv1D(3, 2),
        L.ZeroPadding1D(2),
        L.GlobalMaxPooling1D(),
        L.Dense(4),
        L.RepeatVector(3),
        L.Embedding(10, 2),
        L.Flatten(),
    ]
    model = keras.Sequential([keras.Input((40, 44, 3)), *layers])
    arch = read(model)
    known = {node.name: node.shape for node in arch.nodes}
    real = {layer.name: tuple(layer.output.shape) for layer in layers}
    assert {name: known[name] for name in real} == real


def test_a_nested_model_called_at_another_size_has_the_shapes_of_the_call() -> None:
    """What is written inside is for the size that the model was built with."""
    base_in = keras.Input((None, None, 3))
    base = keras.Model(base_in, L.Conv2D(4, 3, strides=2, padding="same", name="halves")(base_in))
    given = keras.Input((32, 32, 3))
    arch = read(keras.Model(given, L.Flatten()(base(given))))
    assert {node.name: node.shape for node in arch.nodes}["halves"] == (None, 16, 16, 4)


def test_a_sequential_model_without_input_has_the_shape_it_was_built_with() -> None:
    """It gets an input node of its own; a model that was never built has no shapes."""
    model = keras.Sequential([L.Dense(3), L.ReLU()])
    assert [node.shape for node in read(model).nodes] == [None, None, None]
    model.build((None, 5))
    assert kinds(read(model)) == ["input", "dense", "act"]
    assert count_parameters(read(model)).total == 18


# ---- parameters


def zoo() -> keras.Model:
    """One of each layer with weights."""
    x = given = keras.Input((12, 12, 6))
    for layer in (
        L.Normalization(), L.Normalization(mean=[0.0] * 6, variance=[1.0] * 6),
        L.PReLU(shared_axes=[1, 2]), L.PReLU(),
        L.GroupNormalization(2), L.GroupNormalization(groups=-1, scale=False),
        L.LayerNormalization(axis=[1, 2]), L.LayerNormalization(center=False),
        L.BatchNormalization(scale=False), L.BatchNormalization(center=False, scale=False),
        L.BatchNormalization(), L.Conv2DTranspose(4, 3, strides=2, use_bias=False),
        L.SeparableConv2D(8, 3, depth_multiplier=2, use_bias=False),
        L.DepthwiseConv2D(3, depth_multiplier=2), L.Conv2D(8, (1, 3), groups=4),
        L.EinsumDense("abcd,de->abce", output_shape=(None, None, 5), bias_axes="e"),
        L.RMSNormalization(), L.SpectralNormalization(L.Conv2D(3, 3)), L.Reshape((-1, 3)),
        L.Dense(16), L.TimeDistributed(L.Dense(6)),
        L.Bidirectional(L.GRU(4, return_sequences=True)), L.LSTM(5, return_sequences=True),
        L.SimpleRNN(4, return_sequences=True, use_bias=False), L.Conv1D(3, 2),
        L.GlobalMaxPooling1D(), L.Dense(2, use_bias=False),
    ):  # fmt: skip
        x = layer(x)
    return keras.Model(given, x)


def test_parameters_from_the_configuration_are_those_that_keras_counts() -> None:
    """For every built-in layer with weights, total and by layer, trainable and not."""
    model = zoo()
    arch = read(model.to_json())
    counts = count_parameters(arch)
    assert counts.unknown == ()
    assert counts.layers == {
        layer.name: layer.count_params() for layer in model.layers if layer.count_params()
    }
    assert counts.total == model.count_params()
    assert counts.trainable == sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert counts.non_trainable == counts.total - counts.trainable


def test_attention_and_embedding_are_counted() -> None:
    """Query, key and value of different width, and a table."""
    words, other = keras.Input((6,)), keras.Input((5, 12))
    x = L.Embedding(20, 8)(words)
    x = L.MultiHeadAttention(2, 4, value_dim=3)(x, other)
    model = keras.Model([words, other], L.MultiHeadAttention(2, 4, use_bias=False)(x, x))
    assert count_parameters(read(model.to_json())).total == model.count_params()


def test_shared_layers_count_once() -> None:
    """However often a layer is called, alone or in a nested model that is used twice."""
    x = keras.Input((4,))
    layer = L.Dense(4)
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4)])
    model = keras.Model(x, inner(layer(inner(layer(x)))))
    assert count_parameters(read(model.to_json())).total == model.count_params() == 40


def test_kernels_are_counted_without_biases_and_norms() -> None:
    """Of convolutions, dense layers and attention, shared ones once."""
    x = given = keras.Input((8, 8, 4))
    layer = L.Conv2D(4, 3, padding="same")
    x = L.BatchNormalization()(layer(layer(x)))
    x = L.SeparableConv2D(6, 3, depth_multiplier=2, use_bias=False)(x)
    x = L.Conv2DTranspose(5, 2)(L.DepthwiseConv2D(3)(x))
    x = L.Reshape((-1, 5))(L.PReLU()(x))
    x = L.EinsumDense("abc,cd->abd", output_shape=(None, 7), bias_axes="d")(x)
    model = keras.Model(given, L.MultiHeadAttention(2, 3)(x, x))
    kernels = [
        int(np.prod(weight.shape))
        for inner in model.layers
        for weight in inner.weights
        if "kernel" in weight.name
    ]
    assert kernel_parameters(read(model.to_json())) == sum(kernels)


def test_a_layer_that_two_nested_models_share_counts_once_in_a_live_model() -> None:
    """The configuration alone names it twice; the live objects are one."""
    given = keras.Input((4,))
    hidden = L.Dense(4, name="common")(given)
    first = keras.Model(given, hidden, name="m1")
    second = keras.Model(given, L.Dense(2)(hidden), name="m2")
    x = keras.Input((4,))
    model = keras.Model(x, [first(x), second(x)])
    assert count_parameters(read(model)).total == model.count_params()


def test_parameters_of_opaque_layers_come_from_weights_or_are_unknown() -> None:
    """Named where nothing says how many there are."""
    x = keras.Input((4,))
    model = keras.Model(x, Registered(name="own")(L.Dense(2)(x)))
    assert count_parameters(read(model.to_json())).unknown == ("own",)
    assert count_parameters(read(model.to_json())).total == 10
    live = count_parameters(read(model))
    assert (live.total, live.trainable, live.unknown) == (19, 17, ())
    arrays = {"own:0": np.zeros(7), "own:1": np.zeros(2)}
    assert count_parameters(read((model.to_json(), arrays))).total == 19


def freezing() -> tuple[keras.Model, keras.Model]:
    given = keras.Input((8,))
    base = keras.Sequential(
        [keras.Input((8,)), L.Dense(4, name="a"), L.BatchNormalization(), L.Dense(4, name="b")]
    )
    return keras.Model(given, L.Dense(2, name="head")(base(given))), base


@pytest.mark.parametrize("case", ["nothing", "base", "base but its last layer", "model, base not"])
def test_trainable_parameters_follow_the_flags_as_keras_does(case: str) -> None:
    """A layer's own flag counts, and the outermost model's;
    the flags of nested models between them do not.
    """
    model, base = freezing()
    if case != "nothing":
        base.trainable = False
    if case == "base but its last layer":
        base.layers[-1].trainable = True
    if case == "model, base not":
        model.trainable = False
        base.trainable = True
    arch = read(model.to_json())
    assert count_parameters(arch).trainable == sum(
        int(np.prod(w.shape)) for w in model.trainable_weights
    )
    assert {n.name for n in frozen(arch)} == {
        layer.name
        for layer in (*base.layers, model.layers[-1])
        if not layer.trainable or not model.trainable
    }


# ---- what is refused


def test_a_subclassed_model_is_refused_with_the_reason() -> None:
    """It shows no structure."""

    class Own(keras.Model):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

        def get_config(self) -> dict[str, Any]:
            return {"name": self.name}

    with pytest.raises(ArchitectureError, match="lists no layers"):
        read(Own())
    with pytest.raises(ArchitectureError, match="got int"):
        read(3)


def test_nesting_without_end_is_refused() -> None:
    """Models within models, and models that double at each level,
    stop at a limit that the message names.
    """
    inner: dict[str, Any] = {
        "class_name": "Dense",
        "module": "keras.layers",
        "config": {"name": "d", "units": 1},
    }
    for level in range(40):
        inner = {
            "class_name": "Sequential",
            "module": "keras",
            "config": {"name": f"s{level}", "layers": [inner]},
        }
    with pytest.raises(ArchitectureError, match="nested more than 32 deep"):
        read(inner)
    doubling: dict[str, Any] = {
        "class_name": "Dense",
        "module": "keras.layers",
        "config": {"name": "d", "units": 1},
    }
    for level in range(30):
        again = copy.copy(doubling)
        again["config"] = {**doubling["config"], "name": "again"}
        doubling = {
            "class_name": "Sequential",
            "module": "keras",
            "config": {"name": f"s{level}", "layers": [doubling, again]},
        }
    with pytest.raises(ArchitectureError, match="more than 50000 calls"):
        read(doubling)


def test_a_cycle_or_a_missing_layer_is_named() -> None:
    """Whoever is called on what nobody gives."""
    data = config(small())
    for layer in data["config"]["layers"]:
        if layer["name"] == "first":
            layer["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["last", 0, 0]
    with pytest.raises(ArchitectureError, match="«first»"):
        read(data)


def test_mangled_configurations_are_refused_or_read_but_never_crash() -> None:
    """Every value of a configuration replaced by values of other types, one at a time."""
    whole = config(small())
    refused = 0
    wrongs: list[Any] = [None, -1, "x", [], {}, [["x"]], 1e308, True]

    def places(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        inner = (
            value.items()
            if isinstance(value, dict)
            else enumerate(value)
            if isinstance(value, list)
            else ()
        )
        return [path, *(place for key, item in inner for place in places(item, (*path, key)))]

    for path in places(whole, ())[1:]:
        for wrong in wrongs:
            mangled = copy.deepcopy(whole)
            target = mangled
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = wrong
            try:
                arch = read(mangled)
                for fact in (count_parameters, residual_blocks, skips, heads, ladder, batch_norms):
                    fact(arch)
                match('residual(body="conv3x3") or path("conv gap dense")', arch)
            except ArchitectureError:
                refused += 1
    assert refused > 100
    for text in ("{", "{[]", '{"config": 3}', '{"a":' * 5000, '{"config": {"layers": 3}}'):
        with pytest.raises(ArchitectureError):
            read(text)
