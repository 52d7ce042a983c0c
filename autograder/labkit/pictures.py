"""Pictures of training curves. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

from typing import Any


def show_history(history: Any) -> None:
    """Training curves: what `model.fit` returned,
    or a dict or list of such with names for comparison.
    """
    import matplotlib.pyplot as plt

    named = history if isinstance(history, dict) and not _is_curves(history) else {"": history}
    curves = {name: getattr(one, "history", one) for name, one in named.items()}
    wanted = [name for name in ("loss", "accuracy") if any(name in one for one in curves.values())]
    figure, axes = plt.subplots(1, len(wanted), figsize=(5 * len(wanted), 3.2), squeeze=False)
    for axis, wish in zip(axes[0], wanted, strict=True):
        for name, one in curves.items():
            _plot(axis, wish, name, one)
        axis.set(xlabel="epoch", ylabel=wish)
        axis.legend(fontsize=8)
    figure.tight_layout()
    _show()


def _plot(axis: Any, wish: str, name: str, curves: Any) -> None:
    """What one training says of it, and validation dashed."""
    for key, style, kind in ((wish, "o-", "training"), (f"val_{wish}", "o--", "validation")):
        if key in curves:
            label = " ".join(filter(None, [name, kind]))
            epochs = range(1, len(curves[key]) + 1)
            axis.plot(epochs, curves[key], style, markersize=3, label=label)


def _is_curves(history: dict[str, Any]) -> bool:
    return any(isinstance(value, list | tuple) for value in history.values())


def _show() -> None:
    import matplotlib.pyplot as plt

    plt.show()
    plt.close()
