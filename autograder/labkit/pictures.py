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
            for key, style in ((wish, "o-"), (f"val_{wish}", "o--")):
                if key in one:
                    label = " ".join(
                        filter(None, [name, "validation" if key.startswith("val_") else "training"])
                    )
                    axis.plot(
                        range(1, len(one[key]) + 1), one[key], style, markersize=3, label=label
                    )
        axis.set(xlabel="epoch", ylabel=wish)
        axis.legend(fontsize=8)
    figure.tight_layout()
    _show()


def _is_curves(history: dict[str, Any]) -> bool:
    return any(isinstance(value, list | tuple) for value in history.values())


def _show() -> None:
    import matplotlib.pyplot as plt

    plt.show()
    plt.close()
