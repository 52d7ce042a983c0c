"""One step of training for the graders' snippets, without the seconds that tracing a graph takes.

A model of Keras' own parts does the same step by step as traced, so it trains eagerly. The graph is
what a model keeps until it is compiled again: one that would go on with an earlier graph can only
be told by tracing, and then the whole question is answered once more, as Keras does it by itself.
Only on TensorFlow: JAX compiles each operation of an eager step by itself, which takes longer.
"""

from __future__ import annotations

from typing import Any

import keras

EAGER = keras.backend.backend() == "tensorflow"


class Untraced(Exception):
    """The model goes on with what it traced before, so it has to be traced."""


class Steps:
    """`fit` for one answering of a question; `eager`: where that is sure to do the same."""

    def __init__(self, *, eager: bool) -> None:
        self.eager = eager
        self.used = False  # something was trained eagerly

    def __call__(self, model: Any, x: Any, y: Any, batch_size: int | None = None) -> Any:
        """`model.fit` for one epoch: its history.

        Raises:
            Untraced: eager training would do something else.
        """
        how: dict[str, Any] = {"batch_size": batch_size, "epochs": 1, "verbose": 0}
        if self.eager and getattr(model, "train_function", None) is not None:
            raise Untraced
        if not self.eager or not _keras_only(model):
            return model.fit(x, y, **how)
        self.used = True
        model.run_eagerly = True
        try:
            return model.fit(x, y, **how)
        finally:
            model.run_eagerly = False


def _keras_only(model: Any) -> bool:
    """Whether the model, its optimizer, losses and metrics are Keras' own."""
    if not isinstance(model, keras.Model) or not model.compiled:
        return False
    measured = getattr(model, "_compile_metrics", None)
    asked = [getattr(measured, name, None) for name in ("_user_metrics", "_user_weighted_metrics")]
    parts = [*model._flatten_layers(), model.optimizer]  # noqa: SLF001
    parts += keras.tree.flatten([model.loss, *asked])
    return all(
        part is None or isinstance(part, str | int | float | bool) or _of_keras(part)
        for part in parts
    )


def _of_keras(part: Any) -> bool:
    named = part if callable(part) and hasattr(part, "__name__") else type(part)
    return str(named.__module__).partition(".")[0] == "keras"
