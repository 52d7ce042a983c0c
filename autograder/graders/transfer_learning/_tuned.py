"""What fine-tuning did to the released backbone inside the student's model."""

from __future__ import annotations

import numpy as np
from labkit import backbone

from autograder.judge import Case, expect
from autograder.judge.expectations import listed

from ._bases import arrays_of, layers_from
from ._inside import arrays_inside, base_inside

CLASSES = 6
FIRST = "block4_conv1"  # of the backbone's layers the first that is fine-tuned


def tuned_layers() -> list[str]:
    """The layers of the backbone that are fine-tuned."""
    return layers_from(backbone(), FIRST)


def changed_others(case: Case) -> list[str]:
    """The layers that are others than the released ones, and should not be.

    Raises:
        Failure: layers of the backbone are not in the model.
    """
    changed = base_inside(case, backbone()).changed
    return [layer for layer in changed if layer not in tuned_layers()]


def kernel_changes(case: Case) -> dict[str, float]:
    """By how much the kernels of the tuned layers have moved, in units of their length.

    Raises:
        Failure: one of these layers is not in the model.
    """
    found, wanted = arrays_inside(case), arrays_of(backbone())
    kernels = {layer: f"{layer}:0" for layer in tuned_layers()}
    gone = [layer for layer, key in kernels.items() if not _alike(found.get(key), wanted[key])]
    expect(
        not gone, f"{listed(kernels)} in the model", f"{listed(gone)} missing",
        mistake="base_not_inside",
    )  # fmt: skip
    return {
        layer: float(np.linalg.norm(found[key] - wanted[key]) / np.linalg.norm(wanted[key]))
        for layer, key in kernels.items()
    }


def _alike(found: np.ndarray | None, wanted: np.ndarray) -> bool:
    return found is not None and found.shape == wanted.shape
