"""intermediate_features: new models on the inside of hidden ones,
with the same variables, which stay as they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.answers.networks import layer_names, made
from autograder.answers.questions import Network, Question, Random, Snippet
from autograder.judge import Answers, Failure, expect, needs, weight
from autograder.judge.expectations import listed
from autograder.records import CellError

from ._networks import forked, resnet50, summed, vgg16_with_top

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
BRIGHT = {"forked": 255.0, "vgg16": 255.0, "resnet50": 8.0, "summed": 8.0}
"""Up to which number the pixels go: where a softmax is neither level nor certain, it shows what it
was made of.
"""
VIEWS = ("view_forked", "view_vgg16", "view_resnet50", "view_single")
HEADS = ("head_forked", "head_vgg16", "head_resnet50")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 5)]
    side = int(rng.integers(14, 30))
    width = int(rng.integers(4, 8))
    classes = int(rng.integers(3, 9))
    nets = {
        "forked": (forked(seeds[0], side, width, classes), side),
        "vgg16": (vgg16_with_top(seeds[1], width, classes + 1), 32),
        "resnet50": (resnet50(seeds[2], width, classes + 2), 32),
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
def test_activations(answers: Answers) -> None:
    """The extractor gives what the named layers of the original give, in the order asked for."""
    for case in VIEWS:
        arrays = arrays_of(answers, case)
        base = network_of(answers, case)
        wanted = names_of(answers, case)
        found = [arrays[key] for key in sorted(arrays, key=str) if key.isdigit()]
        layers = activations(base, wanted, images_of(answers, case))
        right = len(found) == len(layers) and all(
            close(a, b) for a, b in zip(found, layers, strict=True)
        )
        if not right:
            mistake = view_mistake(base, wanted, found, images_of(answers, case))
            raise Failure(
                f"the outputs of {listed(wanted)} in «{base.name}»",
                described(found, layers),
                "",
                mistake,
            )


@weight(3)
def test_same_variables(answers: Answers) -> None:
    """Its weights are the original's variables themselves, not copies."""
    for case in VIEWS:
        shared = arrays_of(answers, case)["shared"]
        others = int((~shared).sum())
        expect(not others, "the original's own variables", f"{others} of {len(shared)} are others",
               misconception="weights_copied")  # fmt: skip


@weight(4)
def test_head_on_the_penultimate_tensor(answers: Answers) -> None:
    """The new classifier reads what the last layer reads, and stands in its place."""
    for case in HEADS:
        expect_head(answers, case)


@weight(1)
@needs("test_head_on_the_penultimate_tensor")
def test_head_after_an_operation(answers: Answers) -> None:
    """So it does where the last layer reads a sum `a + b`, which is not among `model.layers`."""
    expect_head(answers, "head_summed")


@weight(2)
def test_classifier(answers: Answers) -> None:
    """It gives a probability for each of the new classes."""
    for case in HEADS:
        found, classes = arrays_of(answers, case)["found"], int(given_of(answers, case)["classes"])
        expect(
            found.shape[1:] == (classes,),
            f"{classes} numbers an image",
            f"an array of shape {found.shape}",
        )
        expect(
            bool(np.allclose(found.sum(axis=1), 1, atol=1e-3) and (found >= 0).all()),
            "numbers that add up to 1",
            f"sums like {found[0].sum():.2f}",
            misconception="label_not_softmax",
        )


@weight(3)
def test_original_unchanged(answers: Answers) -> None:
    """The original is afterwards what it was: layers, weights, `trainable` flags."""
    for case in (*VIEWS, *HEADS):
        flags, config, arrays = (bool(one) for one in arrays_of(answers, case)["kept"])
        expect(
            flags, "the `trainable` flags as they were", "others", misconception="original_frozen"
        )
        expect(
            config and arrays,
            "the original as it was",
            "changed layers" if arrays else "other weights",
            misconception="original_changed",
        )


def expect_head(answers: Answers, case: str) -> None:
    """Fail unless the new classifier stands on the tensor
    that the last layer of the original reads.
    """
    arrays, base = arrays_of(answers, case), network_of(answers, case)
    last = {id(weight) for weight in base.layers[-1].weights}
    used, wanted = arrays["used"], np.array([id(weight) not in last for weight in base.weights])
    named = [weight.path for weight in base.weights]
    missing = [path for path, u, w in zip(named, used, wanted, strict=True) if w and not u]
    extra = [path for path, u, w in zip(named, used, wanted, strict=True) if u and not w]
    expect(
        not missing,
        f"all variables of «{base.name}» but its last layer's",
        f"{listed(missing)} missing",
        misconception="weights_copied" if not used.any() else "head_too_early",
    )
    expect(not extra, "the new layer in place of the last one", f"{listed(extra)} still in it",
           misconception="head_on_old_classifier")  # fmt: skip
    fresh = [arrays[key] for key in sorted(arrays) if key.startswith("fresh")]
    kernels = [array for array in fresh if array.ndim == 2]
    if len(fresh) > 2 or len(kernels) != 1:
        return  # a head of several layers: which variables it uses is all there is to say
    features = penultimate(base, images_of(answers, case))
    fits = kernels[0].shape[0] == features.shape[1]
    expect(
        fits,
        f"a layer that reads {features.shape[1]} numbers",
        f"one that reads {kernels[0].shape[0]}",
        misconception="head_too_early",
    )
    logits = features @ kernels[0] + sum(array for array in fresh if array.ndim == 1)
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax = share / share.sum(axis=1, keepdims=True)
    right = any(
        close(arrays["found"], one) for one in (softmax, logits, (1 + np.tanh(logits / 2)) / 2)
    )
    expect(
        right,
        f"what a dense layer makes of the tensor before «{base.layers[-1].name}»",
        "other numbers",
        misconception="head_too_early",
    )


def view_mistake(
    base: Any, wanted: list[str], found: list[np.ndarray], images: np.ndarray
) -> str | None:
    """The known mistake that gives these arrays."""
    layers = activations(base, wanted, images)
    if len(found) != len(wanted):
        return None
    if all(any(close(one, layer) for one in found) for layer in layers):
        return "outputs_in_another_order"
    before = activations(base, wanted, images, "input")
    if any(close(one, layer) for one, layer in zip(found, before, strict=True)):
        return "inputs_of_the_layers"
    shapes = all(one.shape == layer.shape for one, layer in zip(found, layers, strict=True))
    return "weights_copied" if shapes else None


def activations(
    base: Any, wanted: list[str], images: np.ndarray, side: str = "output"
) -> list[np.ndarray]:
    """What layers of a hidden network give, or read."""
    import keras

    tensors = [keras.tree.flatten(getattr(base.get_layer(name), side))[0] for name in wanted]
    found = keras.Model(base.inputs, tensors)([images], training=False)
    return [np.asarray(one) for one in keras.tree.flatten(found)]


def penultimate(base: Any, images: np.ndarray) -> np.ndarray:
    """The tensor that the last layer reads."""
    return activations(base, [base.layers[-1].name], images, "input")[0]


def described(found: list[np.ndarray], layers: list[np.ndarray]) -> str:
    if len(found) != len(layers):
        return f"{len(found)} outputs"
    return "outputs of shape " + ", ".join(str(one.shape[1:]) for one in found)


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for rounding, measured by the largest of the numbers."""
    scale = float(np.abs(wanted).max())
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= 1e-3 * scale + 1e-6)


def arrays_of(answers: Answers, case: str) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = answers.answer(case, mistake_in_error).arrays()
    return arrays


def mistake_in_error(error: CellError) -> str | None:
    return "head_too_early" if "min_ndim" in error.message else None


def network_of(answers: Answers, case: str) -> Any:
    return made(given_of(answers, case)["model"])


def names_of(answers: Answers, case: str) -> list[str]:
    return [str(name) for name in given_of(answers, case)["names"]]


def images_of(answers: Answers, case: str) -> np.ndarray:
    given: Random = given_of(answers, case)["images"]
    return (
        np.random.default_rng(given.seed)
        .uniform(given.low, given.high, given.shape)
        .astype(given.dtype)
    )


def given_of(answers: Answers, case: str) -> dict[str, Any]:
    asked = answers.questions[case]
    assert isinstance(asked, Snippet)
    return asked.given


def _images(name: str, side: int, seed: int) -> Random:
    return Random((3, side, side, 3), seed, "uniform", 0.0, BRIGHT[name])
