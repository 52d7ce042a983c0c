"""What lies behind a failure: ids of hints.toml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from labkit import backbone

from autograder.answers.networks import layer_names
from autograder.judge import Blocked, Case
from autograder.judge.trained import SCALES, scaled, was_trained
from autograder.records import CellError

from ._accuracy import Record
from ._bases import norms_of
from ._features import (
    are_random,
    as_large,
    batch_of,
    close,
    images_of,
    predicted,
    right_features,
    rows,
    whole_batches,
)
from ._inside import base_of, given_base, likenesses, moved
from ._tuned import CLASSES, changed_others, kernel_changes
from ._unfrozen import (
    all_layers,
    asked,
    beyond,
    follows_no_name,
    gives_a_model,
    moving,
    redrawn,
    training,
    trains_somewhere,
    wait_for_a_head,
    wait_for_a_model,
)

DROPOUTS = ("Dropout", "Dropout1D", "Dropout2D", "Dropout3D")  # ends of classes' names

# --- extract_features


def rows_mistake(case: Case) -> str | None:
    """Why there is not one row for each image."""
    (found, _), n, right = rows(case), len(case.answers.array(case.name)), right_features(case)
    if found.shape[1:] != right.shape[1:]:
        return None
    if n == whole_batches(case):
        return "last_batch_lost"
    rest = len(images_of(case)) - whole_batches(case)
    first, last = close(found, right[:n]), close(found, right[-n:])
    if n == rest and last:
        return "only_the_last_batch"
    return "only_the_first_batch" if n == batch_of(case) and first else None


def features_mistake(case: Case) -> str | None:
    """Why features are not what the base gives."""
    found, right = rows(case)
    if found.shape != right.shape:
        return grid_mistake(found, right)
    order = [np.abs(right - row).reshape(len(right), -1).max(axis=1).argmin() for row in found]
    if sorted(order) == list(range(len(right))) and close(found, right[order]):
        return "features_out_of_order"
    base, images = given_base(case), images_of(case)[: len(found)]
    if any(close(found, predicted(base, scaled(images, *how))) for how in SCALES):
        return "rescaled_twice"
    if close(found, in_training(case)[: len(found)]):
        return "batch_norm_in_training_mode"
    return "features_random" if are_random(case) and not base_moved(case) else None


def off_in_one_way(case: Case) -> bool:
    """Whether features are wrong by just the mistake that is made with a plain base, too."""
    plain = replace(case, name="normed")
    return features_mistake(case) == features_mistake(plain) != "features_random" and bool(
        features_mistake(plain)
    )


def made_by_the_base(case: Case) -> bool:
    """Whether it is the base that gives these features, by whatever mistake they are others."""
    return close(*rows(case)) or off_in_one_way(case) or as_large(*rows(case))


def base_moved(case: Case) -> bool:
    """Whether the function leaves another base behind."""
    other = replace(case, name="base")
    known = case.answers.outcome("base").outcome == "model"
    return known and bool(moved(other, given_base(other)).changed)


def grid_mistake(found: np.ndarray, right: np.ndarray) -> str | None:
    """Why features are no feature maps."""
    if close(found, right.mean(axis=(1, 2))):
        return "features_pooled"
    return "features_flattened" if found.shape == (len(right), right[0].size) else None


def in_training(case: Case) -> np.ndarray:
    """What the base gives for the images in training mode, batch by batch."""
    import keras

    base, images = given_base(case), images_of(case).astype("float32")
    starts = range(batch_of(case), len(images), batch_of(case))
    with keras.StatelessScope():  # in which the base's statistics stay as they are
        return np.concatenate([base(part, training=True) for part in np.split(images, starts)])


def chain_mistake(error: CellError, case: Case) -> str | None:
    """Whether the layers of a base that branches and meets again were called one after the other,
    by an error where another base gives none.
    """
    chain = replace(case, name="normed").answers.outcome("normed").outcome in {"model", "array"}
    branches = case.name == "residual" and "calling Add.call()" in error.message
    return "base_taken_for_a_chain" if chain and branches else None


# --- classifiers


def input_mistake(case: Case) -> str | None:
    """Why a model does not take feature maps or images."""
    return "pooled_outside" if len(_given(case)) == 1 else None


def features_input_mistake(case: Case) -> str | None:
    """Why a classifier does not take features."""
    return "classifier_on_images" if _given(case)[-1:] == (3,) else input_mistake(case)


def output_mistake(case: Case) -> str | None:
    """Why a model does not give one vector an image."""
    return "dense_on_feature_map" if case.says('output("?x?x?")') else None


def guessing_mistake(case: Case, found: float) -> str | None:
    """Why an accuracy is low."""
    if found >= 1 / CLASSES + 0.1:
        return None
    return "learnt_nothing" if was_trained(case) else "never_fitted"


def _given(case: Case) -> tuple[int | None, ...]:
    architecture = case.architecture
    return (architecture.node(architecture.inputs[0]).shape or ())[1:]


# --- frozen_model


def frozen_error(error: CellError, case: Case) -> str | None:
    """What is behind an error while a frozen model is built or fitted.

    Raises:
        Blocked: it follows from outputs that are no vectors.
    """
    text = error.message.lower()
    if "no such layer" in text:
        return "layer_names_of_one_base"
    if "compile" in text and ("must call" in text or "not been compiled" in text):
        return "not_compiled"
    labels = ("target", "y_true", "labels", "logits", "rank")
    ranks, built = "shape" in text and any(map(text.__contains__, labels)), gives_a_model(case)
    fitted = case.name in {"fitted", "narrow", "loss"}  # elsewhere there are no labels
    if not (ranks and built and fitted):
        return chain_mistake(error, case)
    if output_mistake(replace(case, name="normed")):
        raise Blocked("test_output", "first the model has to give one vector an image")
    return "loss_needs_one_hot" if replace(case, name="normed").says('output("?")') else None


def given_mistake(case: Case) -> str | None:
    """Why a base's arrays are not those that were given: drawn anew, or moved from there."""
    likeness = likenesses(case, given_base(case))
    if all(one > 0.5 for one in likeness):
        return "base_moved_while_built"
    return "fresh_copy_of_base" if all(one < 0.5 for one in likeness) else None


def step_mistake(case: Case, layers: Iterable[str]) -> str:
    """Why layers of a frozen base move."""
    return "batch_norm_moved" if _only_norms(given_base(case), layers) else "base_not_frozen"


def head_mistake(case: Case) -> str | None:
    """Why after the base there is more or less than pooling and a dense layer."""
    after = f'between("{layer_names(base_of(case))[-1]}", "output")'
    if case.says(f'{after}.count("flatten")'):
        return "flatten_instead_of_pooling"
    if case.says(f'{after}.count("dense") > 1'):
        return "hidden_dense_layer"
    alone = case.says(f'{after}.count("dense") and {after}.count("gap|gmp|conv") == 0')
    return "dense_on_feature_map" if alone else None


def dropout_mistake(case: Case) -> str:
    """Why nothing is dropped between pooling and dense layer."""
    found = [node for node in case.architecture.nodes if node.cls.endswith(DROPOUTS)]
    if any(node.kind == "identity" for node in found):
        return "dropout_of_nothing"
    after = case.says('between("dense", "output").count("dropout") >= 1')
    return "dropout_after_dense" if after else "dropout_missing"


def augmentation_mistake(case: Case) -> str:
    """Why nothing augments."""
    silent = [node.cls for node in case.architecture.nodes if node.kind == "identity"]
    by_nothing = any(cls.startswith(("Random", "GaussianNoise")) for cls in silent)
    return "augmentation_of_nothing" if by_nothing else "augmentation_missing"


# --- unfreeze_top


def unfreezing_error(error: CellError, case: Case) -> str | None:
    """What is behind an error while a model is unfrozen or trained on.

    Raises:
        Blocked: it came before there was anything to unfreeze.
    """
    told = error.message.lower()  # by TensorFlow, if it is traced again; by JAX, which always is
    if "unknown variable" in told or "the optimizer was built with" in told:
        return "forgot_to_recompile"
    if not error.through:
        wait_for_a_model(case)
    return None


def training_mistake(case: Case, layers: Iterable[str]) -> str | None:
    """Why these layers of the base train, and not those that should.

    Raises:
        Blocked: none does, and none does in the model before it is unfrozen, its head included.
    """
    norms, named = norms_of(given_base(case)), case.given["layer"]
    wanted, found, every = set(asked(case)), set(layers) - norms, set(all_layers(case)) - norms
    known = [
        ("unfreezes_everything", every),
        ("wrong_side_unfrozen", every - wanted),
        ("named_layer_left_frozen", wanted - {named}),
        ("only_named_layer", {named}),
    ]
    if not found and not trains_somewhere(case):
        wait_for_a_head(case)
        return "nothing_unfrozen"
    if follows_no_name(case):
        return "layer_name_ignored"
    return next((name for name, wrong in known if found and found == wrong != wanted), None)


def early_mistake(case: Case, layers: Iterable[str]) -> str | None:
    """Why some of these layers train though they come before the named one."""
    early = beyond(case, layers)
    return (
        "batch_norm_moved"
        if _only_norms(given_base(case), early)
        else training_mistake(case, layers)
    )


def unmoved_mistake(case: Case) -> str | None:
    """Why nothing in the base moves."""
    return "forgot_to_recompile" if training(case) else training_mistake(case, ())


def moved_mistake(case: Case, layers: Iterable[str]) -> str | None:
    """Why in the judge room these layers move, and should not."""
    return "batch_norm_moved" if _only_norms(given_base(case), layers) else None


def loss_mistake(case: Case) -> str:
    """Why the loss is another one than before."""
    if case.value["kept"]:
        return "other_loss"
    return "base_weights_lost" if redrawn(case) else "weights_lost"


def rate_mistake(case: Case, earlier: float | None, found: float | None) -> str | None:
    """Why the learning rate is not the one asked for."""
    if found is None:
        return None
    if not moving(replace(case, name="narrow")):
        return "forgot_to_recompile"
    return "rate_as_before" if found == earlier else "rate_without_default"


def returned_mistake(found: str) -> str | None:
    """Why what comes back, of that class, is not the model; Python's own begin with a small
    letter.
    """
    if found == "NoneType":
        return "not_returned"
    if found in {"Functional", "Sequential", "Model"}:
        return "new_model"
    return None if found[0].isupper() else "not_the_model"


# --- fine_tuned


def tuning_mistake(case: Case, found: float, calibration: Record) -> str | None:
    """Why a model's accuracy is low, as far as its arrays tell."""
    if moved(case, backbone()).missing:
        return "base_not_inside"
    if drawn_anew(case):
        return "fresh_copy_of_base"
    if others := changed_others(case):
        return others_mistake(others)
    if max(kernel_changes(case).values()) > calibration["largest_change"]:
        return "steps_too_large"
    return guessing_mistake(case, found)


def drawn_anew(case: Case) -> bool:
    """Whether no kernel of the backbone is like the released one."""
    likeness, kernels = likenesses(case, backbone()), [w for w in backbone().weights if w.ndim > 1]
    return len(likeness) == len(kernels) and all(one < 0.3 for one in likeness)


def others_mistake(layers: Iterable[str]) -> str:
    """Why layers of the backbone moved that should not."""
    return "batch_norm_moved" if _only_norms(backbone(), layers) else "unfreezes_everything"


def _only_norms(base: Any, layers: Iterable[str]) -> bool:
    return norms_of(base).issuperset(layers)
