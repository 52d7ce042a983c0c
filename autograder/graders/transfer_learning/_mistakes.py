"""What lies behind a failure: ids of hints.toml."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from labkit import backbone

from autograder.answers.networks import layer_names
from autograder.judge import Case
from autograder.judge.trained import SCALES, scaled
from autograder.records import CellError

from ._accuracy import Record
from ._bases import norms_of
from ._features import batch_of, close, images_of, predicted, right_features
from ._inside import base_of, given_base, moved
from ._tuned import CLASSES, changed_others, kernel_changes
from ._unfrozen import all_layers, asked, training

# --- extract_features


def rows_mistake(case: Case) -> str | None:
    """Why there is not one row for each image."""
    found = case.answers.array(case.name)
    return "last_batch_lost" if found.ndim and len(found) < len(images_of(case)) else None


def features_mistake(case: Case) -> str | None:
    """Why features are not what the base gives."""
    found, right = case.answers.array(case.name), right_features(case)
    if found.shape != right.shape:
        return grid_mistake(found, right)
    order = [np.abs(right - row).reshape(len(right), -1).max(axis=1).argmin() for row in found]
    if sorted(order) == list(range(len(right))) and close(found, right[order]):
        return "features_out_of_order"
    base, images = given_base(case), images_of(case)
    if any(close(found, predicted(base, scaled(images, *how))) for how in SCALES):
        return "rescaled_twice"
    return "batch_norm_in_training_mode" if close(found, in_training(case)) else None


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


def guessing_mistake(found: float, classes: int) -> str | None:
    """Why an accuracy is low."""
    return "learnt_nothing" if found < 1 / classes + 0.1 else None


def _given(case: Case) -> tuple[int | None, ...]:
    architecture = case.architecture
    return (architecture.node(architecture.inputs[0]).shape or ())[1:]


# --- frozen_model


def frozen_error(error: CellError, _: Case) -> str | None:
    """What is behind an error while a frozen model is built or fitted."""
    text = error.message.lower()
    if "compile" in text and ("must call" in text or "not been compiled" in text):
        return "not_compiled"
    labels = ("target", "y_true", "labels", "logits", "rank")
    return "loss_needs_one_hot" if "shape" in text and any(map(text.__contains__, labels)) else None


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


# --- unfreeze_top


def unfreezing_error(error: CellError, _: Case) -> str | None:
    """What is behind an error while a model is unfrozen or trained on."""
    return "forgot_to_recompile" if "unknown variable" in error.message.lower() else None


def training_mistake(case: Case, layers: Iterable[str]) -> str | None:
    """Why these layers of the base train, and not those that should."""
    norms, named = norms_of(given_base(case)), case.given["layer"]
    wanted, found, every = set(asked(case)), set(layers) - norms, set(all_layers(case)) - norms
    known = [
        ("nothing_unfrozen", set[str]()),
        ("unfreezes_everything", every),
        ("wrong_side_unfrozen", every - wanted),
        ("named_layer_left_frozen", wanted - {named}),
        ("only_named_layer", {named}),
    ]
    return next((name for name, wrong in known if found == wrong != wanted), None)


def unmoved_mistake(case: Case) -> str:
    """Why nothing in the base moves."""
    return "forgot_to_recompile" if training(case) else "nothing_unfrozen"


def standing_mistake(case: Case) -> str | None:
    """Why something does not move that should."""
    return "forgot_to_recompile" if set(asked(case)) <= set(training(case)) else None


def misplaced_mistake(case: Case, layers: Iterable[str]) -> str | None:
    """Why in the judge room these layers move, or don't."""
    return "batch_norm_moved" if _only_norms(given_base(case), layers) else None


def loss_mistake(case: Case) -> str:
    """Why the loss is another one than before."""
    return "other_loss" if case.value["kept"] else "weights_lost"


def rate_mistake(earlier: float | None, found: float | None) -> str | None:
    """Why the learning rate is not the one asked for."""
    if found is None:
        return None
    return "rate_as_before" if found == earlier else "rate_without_default"


def returned_mistake(found: str) -> str:
    """Why what comes back, of that class, is not the model."""
    return "not_returned" if found == "NoneType" else "new_model"


# --- fine_tuned


def tuning_mistake(case: Case, found: float, calibration: Record) -> str | None:
    """Why a model's accuracy is low, as far as its arrays tell."""
    if moved(case, backbone()).missing:
        return "base_not_inside"
    if others := changed_others(case):
        return others_mistake(others)
    if max(kernel_changes(case).values()) > calibration["largest_change"]:
        return "steps_too_large"
    return guessing_mistake(found, CLASSES)


def others_mistake(layers: Iterable[str]) -> str:
    """Why layers of the backbone moved that should not."""
    return "batch_norm_moved" if _only_norms(backbone(), layers) else "unfreezes_everything"


def _only_norms(base: Any, layers: Iterable[str]) -> bool:
    return norms_of(base).issuperset(layers)
