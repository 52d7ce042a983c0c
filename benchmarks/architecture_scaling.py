"""Time and memory to read and match chains and residual stacks of up to 5,000 layers.

    python benchmarks/architecture_scaling.py [--plot FILE]

The slope is that of log(seconds) over log(layers): 1 is linear.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from autograder.architecture import match, read
from autograder.architecture.blocks import residual_blocks, skips
from autograder.architecture.facts import heads, ladder
from autograder.architecture.parameters import count_parameters

SIZES = (312, 625, 1250, 2500, 5000)
SHAPE = [None, 32, 32, 8]
Entry = dict[str, Any]


def chain(layers: int) -> str:
    """A straight line of convolutions, as JSON."""
    entries = [_input()]
    for number in range(1, layers):
        entries.append(_conv(f"conv{number}", entries[-1]["name"]))
    return _model(entries)


def residual_stack(layers: int) -> str:
    """Blocks of two convolutions with batch norm, an addition and an activation, as JSON."""
    entries = [_input()]
    while len(entries) + 6 <= layers:
        start, number = entries[-1]["name"], len(entries)
        for place in ("a", "b"):
            entries.append(_conv(f"conv{number}{place}", entries[-1]["name"]))
            entries.append(
                _entry("BatchNormalization", f"bn{number}{place}", [entries[-1]["name"]], axis=-1)
            )
        entries.append(_entry("Add", f"add{number}", [entries[-1]["name"], start]))
        entries.append(
            _entry("Activation", f"relu{number}", [entries[-1]["name"]], activation="relu")
        )
    return _model(entries)


def seconds(text: str, expression: str) -> float:
    """How long it takes to read a model, find all structures, count parameters,
    and match an expression.
    """
    started = time.perf_counter()
    arch = read(text)
    for fact in (count_parameters, residual_blocks, skips, heads, ladder):
        fact(arch)
    assert match(expression, arch).ok
    return time.perf_counter() - started


def slope(times: list[float]) -> float:
    """The exponent of growth, by least squares on logarithms."""
    x, y = [math.log(size) for size in SIZES], [math.log(value) for value in times]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return products / sum((a - mean_x) ** 2 for a in x)


def main() -> None:
    """Print the table, and draw it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plot", metavar="FILE")
    args = parser.parse_args()
    kinds: dict[str, tuple[Callable[[int], str], str]] = {
        "chain": (chain, 'path("conv3x3+")'),
        "residual stack": (
            residual_stack,
            'residual(body="conv3x3 bn conv3x3 bn", activation="relu")',
        ),
    }
    measured: dict[str, list[float]] = {}
    print(f"{'':16}" + "".join(f"{size:>8}" for size in SIZES) + "   slope  MiB")
    for name, (make, expression) in kinds.items():
        texts = [make(size) for size in SIZES]
        measured[name] = [min(seconds(text, expression) for _ in range(3)) for text in texts]
        tracemalloc.start()
        seconds(texts[-1], expression)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        times = "".join(f"{value:8.3f}" for value in measured[name])
        print(f"{name:16}{times}  {slope(measured[name]):6.2f}  {peak:.0f}")
    if args.plot:
        _plot(measured, args.plot)


def _plot(measured: dict[str, list[float]], path: str) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    for name, times in measured.items():
        plt.loglog(SIZES, times, marker="o", label=name)
    unit = min(times[0] for times in measured.values()) / (SIZES[0] * math.log(SIZES[0]))
    plt.loglog(
        SIZES, [unit * size * math.log(size) for size in SIZES], "--", color="grey", label="n log n"
    )
    plt.xlabel("layers")
    plt.ylabel("seconds to read and match")
    plt.legend()
    plt.savefig(path)


def _model(entries: list[Entry]) -> str:
    ends = {"input_layers": ["input", 0, 0], "output_layers": [entries[-1]["name"], 0, 0]}
    config = {"name": "network", "layers": entries, **ends}
    return json.dumps({"class_name": "Functional", "module": "keras", "config": config})


def _input() -> Entry:
    return {**_entry("InputLayer", "input", [], batch_shape=SHAPE), "inbound_nodes": []}


def _conv(name: str, before: str) -> Entry:
    return _entry(
        "Conv2D", name, [before], filters=8, kernel_size=[3, 3], strides=[1, 1], padding="same"
    )


def _entry(cls: str, name: str, before: list[str], **config: Any) -> Entry:
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": SHAPE, "keras_history": [n, 0, 0]}}
        for n in before
    ]
    args = [tensors] if len(tensors) > 1 else tensors
    return {
        "class_name": cls,
        "module": "keras.layers",
        "config": {"name": name, **config},
        "name": name,
        "inbound_nodes": [{"args": args, "kwargs": {}}],
    }


if __name__ == "__main__":
    main()
