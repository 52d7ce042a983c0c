"""Pictures of scenes and masks. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scenes import Scenes

_ROW = 6


def show_scenes(
    scenes: Scenes, n: int = 12, predicted: Sequence[int] | None = None, boxes: bool = False
) -> None:
    """The first `n` scenes with their class, and the predicted one where that is another."""
    axes = _grid(min(n, len(scenes)))
    for index, axis in enumerate(axes):
        axis.imshow(scenes.images[index])
        title = scenes.class_names[scenes.labels[index]]
        wrong = predicted is not None and predicted[index] != scenes.labels[index]
        if predicted is not None and wrong:
            title = f"{title}, not {scenes.class_names[predicted[index]]}"
        axis.set_title(title, fontsize=9, color="#b3261e" if wrong else "black")
        if boxes:
            x_min, y_min, x_max, y_max = scenes.boxes[index] * scenes.images.shape[1] - 0.5
            axis.plot(
                [x_min, x_max, x_max, x_min, x_min],
                [y_min, y_min, y_max, y_max, y_min],
                "w-",
                linewidth=1,
            )
    _show()


def show_masks(
    images: NDArray[Any], masks: NDArray[Any], predicted: NDArray[Any] | None = None, n: int = 6
) -> None:
    """Images with the outline of their mask in white;
    that of a predicted mask (above 0.5) in red.
    """
    for index, axis in enumerate(_grid(min(n, len(images)))):
        axis.imshow(images[index])
        axis.contour(np.squeeze(masks[index]).astype(float), [0.5], colors="white", linewidths=1.5)
        if predicted is not None:
            guess = np.squeeze(predicted[index]).astype(float)
            if guess.min() < 0.5 < guess.max():
                axis.contour(guess, [0.5], colors="red", linewidths=1)
    _show()


def _grid(n: int) -> list[Any]:
    import matplotlib.pyplot as plt

    rows = max(1, math.ceil(n / _ROW))
    _, axes = plt.subplots(rows, _ROW, figsize=(1.9 * _ROW, 2.1 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    return list(axes.flat[:n])


def _show() -> None:
    import matplotlib.pyplot as plt

    plt.show()
    plt.close()
