"""intermediate_features: new models on the inside of hidden ones,
with the same variables, which stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from autograder.answers.networks import layer_names
from autograder.judge import (
    Case,
    Network,
    Question,
    Random,
    Snippet,
    cases,
    expect,
    needs,
    reported,
    weight,
)
from autograder.judge.expectations import listed

from ._ends import adds_up_to_one
from ._mistakes import features_error, unused_mistake, view_mistake
from ._networks import (
    activations,
    all_close,
    close,
    features,
    forked,
    given_network,
    given_outputs,
    of_last_layer,
    resnet,
    summed,
    vgg16_with_top,
)

STATE = """
import keras
import numpy as np

model = given["model"]


def state():
    flags = [bool(model.trainable), *(bool(layer.trainable) for layer in model.layers)]
    arrays = [np.array(keras.ops.convert_to_numpy(weight)) for weight in model.weights]
    return model.to_json(), flags, arrays


def kept(before):
    config, flags, arrays = state()
    same = len(arrays) == len(before[2]) and all(
        np.array_equal(a, b) for a, b in zip(before[2], arrays)
    )
    return np.array([flags == before[1], config == before[0], same])


def run(built):
    images = keras.ops.convert_to_tensor(given["images"])
    inputs = getattr(built, "input", images)
    return built(keras.tree.map_structure(lambda _: images, inputs), training=False)


before = state()
"""
VIEW = (
    STATE
    + """
names = list(given["names"])
view = notebook["feature_extractor"](model, names)
found = run(view)
if isinstance(found, dict) and set(names) <= set(found):
    found = [found[name] for name in names]
own = {id(weight) for weight in model.weights}
answer = {
    str(n): keras.ops.convert_to_numpy(one) for n, one in enumerate(keras.tree.flatten(found))
}
answer["shared"] = np.array([id(weight) in own for weight in view.weights], "bool")
answer["kept"] = kept(before)
"""
)
HEAD = (
    STATE
    + """
new = notebook["add_head"](model, given["classes"])
own, inside = {id(weight) for weight in model.weights}, {id(weight) for weight in new.weights}
fresh = [weight for weight in new.weights if id(weight) not in own]
answer = {f"fresh{n}": keras.ops.convert_to_numpy(weight) for n, weight in enumerate(fresh)}
answer["found"] = keras.ops.convert_to_numpy(run(new))
answer["used"] = np.array([id(weight) in inside for weight in model.weights], "bool")
answer["kept"] = kept(before)
"""
)
BRIGHT = {"forked": 255.0, "vgg16": 255.0, "resnet": 32.0, "summed": 8.0}
"""Up to which number the pixels go: where a softmax is neither level nor certain, it shows what it
was made of.
"""
VIEWS = ("view_forked", "view_vgg16", "view_resnet", "view_single")
HEADS = ("head_forked", "head_vgg16", "head_resnet")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 5)]
    side = int(rng.integers(14, 30))
    width = int(rng.integers(4, 8))
    classes = int(rng.integers(3, 9))
    nets = {
        "forked": (forked(seeds[0], side, width, classes), side),
        "vgg16": (vgg16_with_top(seeds[1], width, classes + 1), 32),
        "resnet": (resnet(seeds[2], width, classes + 2), 32),
        "summed": (summed(seeds[3], 4 * width, width, classes + 3), 4 * width),
    }

    def some(net: Network, n: int) -> tuple[str, ...]:
        inner = [name for name in layer_names(net)[1:] if not name.endswith(("pad", "rest"))]
        return tuple(str(name) for name in rng.choice(inner, n, replace=False))

    views: dict[str, Question] = {
        f"view_{name}": Snippet(
            VIEW, {"model": net, "names": some(net, 3), "images": _images(name, size, seeds[4])}
        )
        for name, (net, size) in nets.items()
        if name != "summed"
    }
    heads: dict[str, Question] = {
        f"head_{name}": Snippet(
            HEAD, {"model": net, "classes": classes + 4, "images": _images(name, size, seeds[4])}
        )
        for name, (net, size) in nets.items()
    }
    net, size = nets["forked"]
    single = {"model": net, "names": ("both",), "images": _images("forked", size, seeds[4])}
    return {**views, **heads, "view_single": Snippet(VIEW, single)}


@weight(4)
@cases(*VIEWS)
def test_activations(case: Case) -> None:
    """The extractor gives what the named layers of the original give, in the order asked for."""
    found, right, name = given_outputs(case), activations(case), given_network(case).name
    wanted = f"the outputs of {listed(case.given['names'])} in «{name}»"
    expect(all_close(found, right), wanted, described(found, right), partial(view_mistake, case))


@weight(3)
@cases(*VIEWS)
@reported
def test_same_variables(case: Case) -> None:
    """Its weights are the original's variables themselves, not copies."""
    shared = case.arrays["shared"]
    found = f"{np.sum(~shared)} of {len(shared)} are others"
    expect(shared.all(), "the original's own variables", found, mistake="weights_copied")


@weight(4)
@cases(*HEADS)
@reported
def test_head_on_the_penultimate_tensor(case: Case) -> None:
    """The new classifier reads what the last layer reads, and stands in its place."""
    expect_head(case)


@weight(1)
@needs("test_head_on_the_penultimate_tensor")
@cases("head_summed")
@reported
def test_head_after_an_operation(case: Case) -> None:
    """It replaces a last layer that reads a sum `a + b`, which is not among `model.layers`, too."""
    expect_head(case)


@weight(2)
@cases(*HEADS)
@reported
def test_classifier(case: Case) -> None:
    """It gives a probability for each of the new classes."""
    found, classes = case.arrays["found"], int(case.given["classes"])
    shape = f"an array of shape {found.shape}"
    known = "head_too_early" if found.ndim > 2 else None
    expect(found.shape[1:] == (classes,), f"{classes} numbers an image", shape, known)
    wanted, sums = "numbers that add up to 1", f"sums like {found[0].sum():.2f}"
    expect(adds_up_to_one(found), wanted, sums, mistake="label_not_softmax")


@weight(3)
@cases(*VIEWS, *HEADS)
@reported
def test_original_unchanged(case: Case) -> None:
    """The original is afterwards what it was: layers, weights, `trainable` flags."""
    flags, layers, arrays = case.arrays["kept"]
    wanted, found = "the `trainable` flags as they were", "others"
    expect(flags, wanted, found, mistake="original_frozen")
    found = "changed layers" if arrays else "other weights"
    expect(layers & arrays, "the original as it was", found, mistake="original_changed")


diagnose = features_error


def described(found: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    """What an extractor gives."""
    if len(found) != len(right):
        return f"{len(found)} outputs"
    return "outputs of shape " + ", ".join(str(one.shape[1:]) for one in found)


def expect_head(case: Case) -> None:
    """Fail unless the new classifier stands on the tensor
    that the last layer of the original reads.
    """
    expect_variables(case)
    fresh = [array for key, array in case.arrays.items() if key.startswith("fresh")]
    kernels = [array for array in fresh if array.ndim == 2]
    if len(fresh) < 3 and len(kernels) == 1:
        expect_dense(case, kernels[0], sum(array for array in fresh if array.ndim == 1))
    # of a head of several layers, which variables it uses is all there is to say


def expect_variables(case: Case) -> None:
    """Fail unless the new model uses all variables of the original but its last layer's."""
    used, last, base = case.arrays["used"], of_last_layer(case), given_network(case)
    paths = np.array([weight.path for weight in base.weights])
    missing, extra = paths[~used & ~last], paths[used & last]
    wanted = f"all variables of «{base.name}» but its last layer's"
    expect(not len(missing), wanted, f"{listed(missing)} missing", unused_mistake(used))
    wanted, found = "the new layer in place of the last one", f"{listed(extra)} still in it"
    expect(not len(extra), wanted, found, mistake="head_on_old_classifier")


def expect_dense(case: Case, kernel: np.ndarray, bias: np.ndarray | int) -> None:
    """Fail unless a new dense layer reads what the last layer of the original reads."""
    read, size, found = features(case), len(kernel), f"one that reads {len(kernel)}"
    wanted = f"a layer that reads {read.shape[1]} numbers"
    expect(size == read.shape[1], wanted, found, mistake="head_too_early")
    last = given_network(case).layers[-1].name
    wanted = f"what a dense layer makes of the tensor before «{last}»"
    right = any(close(case.arrays["found"], one) for one in activated(read @ kernel + bias))
    expect(right, wanted, "other numbers", mistake="head_too_early")


def activated(logits: np.ndarray) -> list[np.ndarray]:
    """What a last layer may make of logits: a softmax, nothing, or what else is usual."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax = shares / shares.sum(axis=1, keepdims=True)
    return [softmax, logits, (1 + np.tanh(logits / 2)) / 2, np.maximum(logits, 0), np.tanh(logits)]


def _images(name: str, side: int, seed: int) -> Random:
    return Random((3, side, side, 3), seed, "uniform", 0.0, BRIGHT[name])
