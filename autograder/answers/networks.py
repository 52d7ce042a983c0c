"""Hidden networks as arguments of questions: Keras configurations, without making the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autograder.answers.questions import Network

# name, class, settings, names of the layers that it reads
Layer = tuple[str, str, dict[str, Any], tuple[str, ...]]


def chain(*steps: tuple[str, str, dict[str, Any]]) -> list[Layer]:
    """Layers of which each reads the one before it; the first reads nothing."""
    before = ("", *(name for name, _, _ in steps))
    return [
        (name, cls, settings, (b,) if b else ())
        for (name, cls, settings), b in zip(steps, before, strict=False)
    ]


def network(name: str, layers: Sequence[Layer], seed: int) -> Network:
    """A single-level functional model as an argument of a question;
    the last layer is its output.
    """
    entries: list[dict[str, Any]] = [
        {
            "module": "keras.layers",
            "class_name": cls,
            "name": layer,
            "config": settings | {"name": layer},
            "inbound_nodes": [{"args": _tensors(reads), "kwargs": {}}] if reads else [],
        }
        for layer, cls, settings, reads in layers
    ]
    config = {
        "name": name,
        "trainable": True,
        "layers": entries,
        "input_layers": [layers[0][0], 0, 0],
        "output_layers": [layers[-1][0], 0, 0],
    }
    return Network(
        json.dumps(
            {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}
        ),
        seed,
    )


def images(height: int, width: int, name: str = "pixels") -> tuple[str, str, dict[str, Any]]:
    """The layer of colour images that come in."""
    return name, "InputLayer", {"batch_shape": [None, height, width, 3], "dtype": "float32"}


@lru_cache(maxsize=16)
def _made(config: str, seed: int) -> Any:
    import keras

    from autograder.architecture.described import described, give_arrays
    from autograder.rooms.initial import drawn_by_numpy

    keras.utils.set_random_seed(seed)
    with drawn_by_numpy():
        with described() as variables:
            model = keras.models.model_from_json(config)
        give_arrays(model, variables)
    return model


def made(base: Network) -> Any:
    """The base as the student room made it, weights and all; not to be changed."""
    return _made(base.config, base.seed)


def layer_names(base: Network) -> list[str]:
    """The layers of a base without making it, for one that is large."""
    return [layer["name"] for layer in json.loads(base.config)["config"]["layers"]]


def image_shape(base: Network) -> tuple[int, ...]:
    """The shape of the images that a base takes."""
    first = json.loads(base.config)["config"]["layers"][0]
    return tuple(first["config"]["batch_shape"][1:])


def _tensors(reads: tuple[str, ...]) -> list[Any]:
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None], "dtype": "float32", "keras_history": [r, 0, 0]},
        }
        for r in reads
    ]
    return tensors if len(tensors) == 1 else [tensors]
