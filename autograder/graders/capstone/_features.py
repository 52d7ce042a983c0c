"""The six features of a design of one's own: the nodes that make each of them, on the way from the
input to the output and outside of a frozen base.

The nodes are those of the canonical form, and about the case's own model.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from labkit import backbone

from autograder.architecture import Architecture, Node, agreement, canonical
from autograder.architecture.blocks import inception_modules, residual_blocks
from autograder.architecture.facts import batch_norms, preparations, separable_convolutions
from autograder.architecture.kinds import LEARNING
from autograder.architecture.merges import Merge
from autograder.architecture.reach import depending_on, needed_for
from autograder.architecture.witnesses import augmentation, shaken
from autograder.judge import Case

WORDS = {
    "frozen_base": "a frozen pretrained base",
    "residual": "residual connections",
    "separable": "separable convolutions",
    "inception": "inception branches",
    "augmentation": "augmentation",
    "batch_norm": "batch normalisation",
}
# classes of layers of which features are made; a frozen base is known by its layers' names
MAKERS = {
    "inception": "Concatenate",
    "separable": "(Separable|Depthwise)Conv2D",
    "residual": "Add",
    "augmentation": "Random.*",
    "batch_norm": "BatchNormalization",
}
Nodes = tuple[Node, ...]


def features(case: Case) -> dict[str, Nodes]:
    """For each feature the nodes that make it; none where it is not there."""

    def look() -> dict[str, Nodes]:
        form, here = canonical(case.architecture), {node.id for node in own(case)}
        parts = {
            "residual": [block.node for block in residual_blocks(form)],
            "separable": separable_convolutions(form),
            "inception": _inception(form),
            "augmentation": _augmentation(case),
            "batch_norm": [norm.node for norm in batch_norms(form)],
        }
        found = {name: tuple(n for n in nodes if n.id in here) for name, nodes in parts.items()}
        return {"frozen_base": frozen_base(case), **found}

    found: dict[str, Nodes] = case.answers.once("features", case.name, look)
    return found


def made(case: Case) -> list[str]:
    """The features for which `build_model` made layers, whatever became of them."""
    value = case.answers.outcome("made").value
    listed = value if isinstance(value, list) else []
    layers = [tuple(map(str, one)) for one in listed if isinstance(one, list) and len(one) == 2]
    based = released().keys() <= {name for _, name in layers}
    classes = [cls for cls, name in layers if not (based and name in released())]
    found = [name for name, kind in MAKERS.items() if any(re.fullmatch(kind, c) for c in classes)]
    return ["frozen_base", *found] if based else found


def on_the_way(form: Architecture) -> Nodes:
    """The nodes on a way from an input to the output."""
    ids = depending_on(form, form.inputs) & needed_for(form, form.outputs[:1])
    return tuple(node for node in form.nodes if node.id in ids)


def own(case: Case) -> Nodes:
    """The nodes on the way that are none of a frozen base."""
    base = {node.id for node in frozen_base(case)}
    return tuple(node for node in on_the_way(canonical(case.architecture)) if node.id not in base)


def is_parallel(merge: Merge) -> bool:
    """Whether three branches of a merge have no layer in common."""
    groups: list[set[int]] = []
    for ids in ({node.id for node in branch} for branch in merge.branches):
        touching = [group for group in groups if group & ids]
        groups = [*(group for group in groups if not group & ids), ids.union(*touching)]
    return len(groups) >= 3


def learning(case: Case) -> Nodes:
    """The layers with kernels on the way."""
    return tuple(n for n in on_the_way(canonical(case.architecture)) if n.kind in LEARNING)


def held_still(case: Case) -> Nodes:
    """Those of them that do not train."""
    still = {node.path for node in agreement.held_still(case.architecture)}
    return tuple(node for node in learning(case) if node.path in still)


def frozen_base(case: Case) -> Nodes:
    """All of a pretrained base that is held still: two of its layers with kernels at least."""
    found: Nodes = case.answers.once("frozen base", case.name, lambda: _frozen_base(case))
    return found


@functools.cache
def released() -> dict[str, list[np.ndarray]]:
    """The arrays of the backbone that students get, by layer."""
    return {layer.name: layer.get_weights() for layer in backbone().layers if layer.weights}


def _frozen_base(case: Case) -> Nodes:
    arrays = case.arrays
    pretrained = tuple(node for node in held_still(case) if _is_pretrained(node, arrays))
    if len(pretrained) < 2:
        return ()
    models = {_model(node) for node in pretrained} - {""}
    nodes = canonical(case.architecture).nodes
    return tuple(n for n in nodes if n.name in released() or _model(n) in models) or pretrained


def _is_pretrained(node: Node, arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether a layer's arrays are the released backbone's, or at least not as Keras makes them."""
    found = [array for key, array in sorted(arrays.items()) if key.rpartition(":")[0] == node.path]
    known = released().get(node.name)
    if known and found and np.shape(found[0]) == np.shape(known[0]):
        return bool(np.array_equal(found[0], known[0]))
    return any(array.ndim == 1 and bool(np.any(array != 0)) for array in found)


def _model(node: Node) -> str:
    """The path of the model in which a layer stands."""
    return node.path.rpartition("/")[0]


def _inception(form: Architecture) -> Iterable[Node]:
    """Modules that join feature maps of parallel branches, two of which learn."""
    return [
        merge.node
        for merge in inception_modules(form)
        if merge.node.size is not None
        and is_parallel(merge)
        and sum(map(_learns, merge.branches)) >= 2
    ]


def augmenting(case: Case) -> list[Node]:
    """The layers that augment images, before all that learns, whether or not they do anything."""
    found = preparations(canonical(case.architecture))
    return [one.node for one in found if one.before_convolutions and one.node.kind == "augment"]


def _augmentation(case: Case) -> list[Node]:
    """Those layers, if images change at random by them."""
    layers = augmenting(case)
    return layers if layers and is_random_in_training(case.model) else []


def is_random_in_training(model: Any) -> bool:
    """Whether a model answers the same images in other ways each time while it trains: to some that
    are bright, or dark, with its own kernels or with random ones, where its own give nothing.
    """
    bright = np.random.default_rng(1).integers(0, 256, (16, 64, 64, 3)).astype("float32")
    scaled = [bright / np.float32(255**power) for power in range(3)]
    if any(augmentation(model, images, noise=True).active for images in scaled):
        return True
    with shaken(model):
        return any(augmentation(model, images, noise=True).active for images in scaled)


def _learns(branch: Nodes) -> bool:
    return any(node.kind in LEARNING for node in branch)
