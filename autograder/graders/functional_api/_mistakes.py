"""What lies behind an answer that is not as it should be: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.architecture import Node, canonical
from autograder.architecture.facts import Head
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.merges import merges
from autograder.architecture.reach import inputs_reaching
from autograder.judge import Case
from autograder.judge.trained import SCALES, was_trained
from autograder.records import CellError

from ._boxes import in_other_conventions, overlap
from ._ends import adds_up_to_one
from ._networks import activations, close, given_outputs
from ._pairs import Meeting, comparison, embeddings, own_layers
from ._twin import ANYTHING, OPERATIONS, expression, taken, twin

MOVING = frozenset(
    f"Random{what}"
    for what in ("Crop", "Flip", "Perspective", "Rotation", "Shear", "Translation", "Zoom")
)
LOCALIZER_ERRORS = (
    (r"must call `compile|No loss to compute", "not_compiled_in_place"),
    (r"`metrics`(?! argument to be)", "metrics_without_names"),
    (r"can't be found in either|Expected keys", "loss_under_another_name"),
    (r"(?s)`output` must have rank.*output\.shape=\((\d+, ){3}", "dense_on_feature_map"),
    (r"`output` must have rank|must be provided as an integer", "losses_in_another_order"),
    (r"(?s)same (rank|shape)(?! up until).*target\.shape=\(\w+(, 1)?,?\)", "loss_needs_one_hot"),
    (r"(?s)Dimensions must be equal.*compile_loss", "loss_does_not_fit"),
)
"""What Keras says, and what is behind it: the first that fits."""


# --- sequential_to_functional


def class_mistake(found: Mapping[str, Any]) -> str | None:
    """Why the twin is no functional model."""
    return "still_sequential" if found["sequential"] else None


def lending_mistake(found: Mapping[str, Any]) -> str | None:
    """Why the twin's layers are a Sequential's."""
    return "still_sequential" if found["sequential"] else "wraps_a_sequential"


def dropout_mistake(dropouts: Sequence[Node]) -> str:
    """Why the dropout is not the original's: it is of another kind, or of another rate."""
    other = any(node.cls != "Dropout" for node in dropouts)
    return "other_kind_of_dropout" if other else "other_dropout"


def outputs_mistake(case: Case) -> str | None:
    """Why the twin does not give as many numbers as there are classes."""
    whole = case.says(f'path("{" ".join(OPERATIONS)} dense softmax")')
    return "classes_hard_coded" if whole else None


def operations_mistake(case: Case) -> str | None:
    """Why the twin has not the operations of the original."""
    _, classes = taken(case)
    words = " ".join(OPERATIONS)
    if case.says('count("gap") and not count("flatten|reshape")'):
        return "pooled_instead_of_flattened"
    if case.says(f'path("{words.replace(" dropout", "")} dense:{classes} softmax")'):
        return None if case.says('count("dropout")') else "other_dropout"
    if case.says(f'path("{words.replace("relu", "relu?")} dense:{classes} softmax?")'):
        return "activation_forgotten"
    some = " ".join(f"{word}?" for word in (*OPERATIONS, f"dense:{classes}", "softmax"))
    vanished = case.says(f'path("{some}") and count("{ANYTHING}") <= {len(OPERATIONS)}')
    return "earlier_layers_vanish" if vanished else None


def parameters_mistake(case: Case) -> str | None:
    """Why the right operations have not the right number of parameters; nothing of others."""
    if not case.says(expression(taken(case)[1])):
        return None
    kernels = sum(weight.size for weight in twin(*taken(case)).get_weights() if weight.ndim > 1)
    return "bias_setting_lost" if case.says(f"kernels == {kernels}") else "padding_setting_lost"


# --- two_inputs and siamese


def siamese_error(error: CellError, _: Case) -> str | None:
    """What is behind an error while a model of two images is built."""
    return "input_not_given" if "not connected to" in error.message else None


def inputs_error(error: CellError, case: Case) -> str | None:
    """What is behind an error while a model of an image and metadata is built or trained."""
    if known := siamese_error(error, case):
        return known
    if "Missing data for input" in error.message:
        return "inputs_unnamed"
    merged = "Concatenate" in error.message and "matching shapes" in error.message
    grids = re.search(r"\((None|\d+)(, (None|\d+)){3}\)", error.message)
    return "concatenated_as_maps" if merged and grids else None


def meeting_mistake(meeting: Meeting) -> str | None:
    """Why two vectors are not concatenated."""
    if meeting.joins or any(len(node.shape or ()) != 2 for node in meeting.sides):
        return "concatenated_as_maps"
    summed = meeting.node.kind in {"add", "mul", "average"}
    return "summed_instead_of_concatenated" if summed else None


def maps_mistake(case: Case) -> str | None:
    """Why convolutions see the metadata: they come after the two have met, or not."""
    form = canonical(case.architecture)
    reached = inputs_reaching(form)
    after = any(node.kind in CONVOLUTIONS and len(reached[node.id]) > 1 for node in form.nodes)
    return "concatenated_as_maps" if after else "metadata_convolved"


def bare_mistake(bare: Sequence[Node]) -> str | None:
    """Why inputs have no layers of their own; the first of them decides."""
    vector = bool(bare) and len(bare[0].shape or ()) == 2
    return "metadata_not_processed" if vector else None


def encoder_mistake(case: Case) -> str | None:
    """Why not every layer is called on both images."""
    left, right = own_layers(case.architecture)
    if left == right:
        return None
    return "encoder_partly_shared" if left & right else "two_encoders"


def order_mistake(case: Case) -> str | None:
    """Why the order of two images matters, or why their difference does not decide."""
    if mistake := encoder_mistake(case):
        return mistake
    if any(merge.kind == "concat" and not merge.fork for merge in merges(case.architecture)):
        return "embeddings_concatenated"
    found = comparison(case)
    if found is None or found.shapes[0] != found.shapes[1] or len(found.shapes[0]) != 1:
        return None
    u, v = embeddings(found.shapes[0][0] or 1)
    signed = np.allclose(found.of(u, v), found.of(u - v, np.zeros_like(u)), atol=1e-4)
    return "difference_without_abs" if signed else "another_comparison"


def sigmoid_mistake(head: Head) -> str | None:
    """Why an output is no sigmoid."""
    return "softmax_over_one" if head.activation == "softmax" else "sigmoid_missing"


# --- outputs


def head_mistake(head: Head) -> str | None:
    """Why an output has not the right shape."""
    return "dense_on_feature_map" if head.rank == 4 else None


def heads_mistake(case: Case) -> str | None:
    """Why there are no two outputs of the right sizes."""
    if case.says("head(rank=4)"):
        return "dense_on_feature_map"
    return "one_output" if len(case.architecture.outputs) == 1 else None


def trunk_mistake(own: Sequence[Sequence[Node]]) -> str | None:
    """Why outputs share no convolutions, given those that each has for itself."""
    return "two_trunks" if all(own) else None


def coordinates_mistake(values: np.ndarray) -> str | None:
    """Why four numbers are no sigmoids."""
    return "softmax_over_box" if adds_up_to_one(values) else "box_unbounded"


def losses_mistake(rows: Sequence[Sequence[float]]) -> str | None:
    """Why losses do not follow the answers of a head."""
    flat = max(np.ptp(losses) for losses in rows) < 1e-6
    return "head_without_loss" if flat else "loss_does_not_fit"


def localizer_error(error: CellError, _: Case) -> str | None:
    """What is behind an error while a model of two outputs is compiled or fitted."""
    found = (known for says, known in LOCALIZER_ERRORS if re.search(says, error.message))
    return next(found, None)


# --- intermediate_features


def features_error(error: CellError, case: Case) -> str | None:
    """What is behind an error while a new model is built on a given one."""
    single = "expected min_ndim=2, found ndim=1" in error.message  # the last layer reads rows
    return "head_too_early" if single and case.name.startswith("head") else None


def view_mistake(case: Case) -> str | None:
    """Why an extractor does not give what the layers give."""
    found, right = given_outputs(case), activations(case)
    if len(found) != len(right):
        return None
    if all(any(close(one, layer) for one in found) for layer in right):
        return "outputs_in_another_order"
    if all(map(close, found, activations(case, "input"))):
        return "inputs_of_the_layers"
    shapes = [one.shape for one in found] == [layer.shape for layer in right]
    own = bool(case.arrays["shared"].all())
    return "weights_copied" if shapes and not own else None


def unused_mistake(used: np.ndarray) -> str | None:
    """Why a new classifier does without variables that it should use."""
    return "head_too_early" if used.any() else "weights_copied"


# --- train_localizer


def label_mistake(
    case: Case, accuracy: Callable[..., float], wanted: float, classes: int
) -> str | None:
    """Why labels are wrong; `accuracy(scale, shift)` is that for scaled pixels."""
    if accuracy() >= wanted:
        return None
    best = max(accuracy(*how) for how in SCALES)
    if best >= wanted:
        return "scaled_outside"
    if max(accuracy(), best) >= 1 / classes + 0.08:
        return None
    return "learnt_nothing" if was_trained(case) else "untrained"


def box_mistake(
    case: Case, boxes: Callable[..., np.ndarray], wanted: np.ndarray, least: float
) -> str | None:
    """Why boxes are wrong; `boxes(scale, shift)` are those for scaled pixels."""

    def fits(found: np.ndarray) -> bool:
        return float(overlap(found, wanted).mean()) >= least

    found = boxes().astype("float64")
    if fits(found):
        return None
    if fits(found / 64):
        return "boxes_in_pixels"
    if any(map(fits, in_other_conventions(found))):
        return "boxes_in_another_convention"
    if any(fits(boxes(*how)) for how in SCALES):
        return "scaled_outside"
    return _no_box_mistake(case, found)


def _no_box_mistake(case: Case, found: np.ndarray) -> str | None:
    """Why numbers are boxes in no convention."""
    moving = [node for node in case.architecture.nodes if node.cls in MOVING]
    if any(node.kind != "identity" for node in moving):  # by nothing, nothing moves
        return "flipped_without_boxes"
    if float(found.std(axis=0).max()) < 0.02:
        return "constant_box"
    return None if was_trained(case) else "untrained"
