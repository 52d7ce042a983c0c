"""Compare what the architecture library reads from keras.applications
with the published table in applications.json.

    python benchmarks/applications.py [NAME …]

Each network is built without weights (`keras.StatelessScope`) and read from its JSON alone. Exit
status 1 if any of the numbers in the table differs, or if any other network of keras.applications
has a shape that could not be known.
"""

from __future__ import annotations

import inspect
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.architecture import Architecture, match, read
from autograder.architecture.blocks import residual_blocks, skips
from autograder.architecture.merges import merges
from autograder.architecture.parameters import count_parameters

TABLE = Path(__file__).with_name("applications.json")
BRANCHES = '["conv1x1", "conv1x1 conv3x3", "conv1x1 conv5x5", "pool conv1x1"]'
EXPRESSION = f'residual(body="conv conv+") or inception(branches={BRANCHES})'


@dataclass(frozen=True)
class Row:
    """One network: what is published, what was read, and how long that took."""

    name: str
    published: dict[str, Any] | None
    read: dict[str, Any]
    layers: int
    seconds: float  # to parse the JSON, find all structures, and match an expression
    unknown_shapes: int

    @property
    def wrong(self) -> list[str]:
        """The columns that differ."""
        if self.published is None:
            return ["unknown shapes"] if self.unknown_shapes else []
        differing = [key for key, value in self.read.items() if self.published[key] != value]
        return differing + (["unknown shapes"] if self.unknown_shapes else [])


def main(names: list[str]) -> int:
    """Print the table; 0 if all agrees."""
    published = json.loads(TABLE.read_text(encoding="utf-8"))["models"]
    counted = f"{'parameters':>11} {'add':>4} {'cat':>4} {'mul':>4} {'opq':>4}"
    print(f"{'network':22} {'layers':>6} {'s':>6} {counted}  shortcuts")
    rows = []
    for name in names or sorted({*published, *other_networks()}):
        rows.append(measure(name, published.get(name)))
        print(line(rows[-1]), flush=True)
    known = [row for row in rows if row.published is not None]
    others = [row for row in rows if row.published is None]
    print(
        f"{sum(not row.wrong for row in known)} of {len(known)} as published; "
        f"{sum(not row.wrong for row in others)} of {len(others)} others without unknown shapes; "
        f"slowest {max(row.seconds for row in rows):.2f} s"
    )
    return int(any(row.wrong for row in rows))


def other_networks() -> list[str]:
    """All networks of keras.applications."""
    import keras

    return [name for name, value in vars(keras.applications).items() if inspect.isfunction(value)]


def measure(name: str, published: dict[str, Any] | None) -> Row:
    """Build one network and read it."""
    import keras

    with keras.StatelessScope():
        text = getattr(keras.applications, name)(weights=None).to_json()
    keras.backend.clear_session()
    started = time.perf_counter()
    arch = read(text)
    facts = columns(arch)
    match(EXPRESSION, arch)
    seconds = time.perf_counter() - started
    unknown = sum(node.shape is None for node in arch.nodes)
    return Row(name, published, facts, len(arch.nodes), seconds, unknown)


def columns(arch: Architecture) -> dict[str, Any]:
    """The numbers of the published table, as read."""
    kinds = Counter(merge.kind for merge in merges(arch))
    fan_in = Counter(str(len(m.node.inputs)) for m in merges(arch) if m.kind == "concat")
    counts = count_parameters(arch)
    shape = arch.node(arch.outputs[0]).shape or ()
    classes = Counter(node.cls for node in arch.nodes)
    return {
        "input_shape": list((arch.node(arch.inputs[0]).shape or ())[1:]),
        "output_shape": list(shape[1:]),
        "total": counts.total,
        "trainable": counts.trainable,
        "non_trainable": counts.non_trainable,
        "add_merge": kinds["add"],
        "concat_merge": kinds["concat"],
        "mul_merge": kinds["mul"],
        "opaque_merge": kinds["opaque"],
        "concat_fan_in": dict(fan_in),
        "separable_conv": classes["SeparableConv2D"],
        "depthwise_conv": classes["DepthwiseConv2D"],
        "grouped_conv": sum(
            n.cls == "Conv2D" and n.config.get("groups", 1) > 1 for n in arch.nodes
        ),
        "conv2d": classes["Conv2D"],
        "batch_norm": classes["BatchNormalization"],
        "residual_blocks": len(residual_blocks(arch)),
        "residual_by_shortcut": dict(Counter(block.shortcut for block in residual_blocks(arch))),
        "unet_skips": len(skips(arch)),
    }


def line(row: Row) -> str:
    """One row as text."""
    facts = row.read
    shortcuts = (
        " ".join(
            f"{kind} {number}" for kind, number in sorted(facts["residual_by_shortcut"].items())
        )
        or "-"
    )
    fan_in = " ".join(f"{number}×{fan}" for fan, number in sorted(facts["concat_fan_in"].items()))
    state = (
        "DIFFERS in " + ", ".join(f"{key}: {row.read.get(key)}" for key in row.wrong)
        if row.wrong
        else "ok"
    )
    published = "published" if row.published is not None else "no table"
    return (
        f"{row.name:22} {row.layers:6} {row.seconds:6.3f} {facts['total']:11,} "
        f"{facts['add_merge']:4} {facts['concat_merge']:4} {facts['mul_merge']:4} "
        f"{facts['opaque_merge']:4}  "
        f"{shortcuts}{'; branches ' + fan_in if fan_in else ''} [{published}: {state}]"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
