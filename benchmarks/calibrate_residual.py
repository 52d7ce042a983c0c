"""Calibrates the accuracy thresholds of train_classifier: the reference over several seeds, and weak solutions.

    python benchmarks/calibrate_residual.py [SEEDS] [SCENES]

Trains what the source notebook says, once for each seed, judges it on scenes from seeds that are used for nothing else,
and writes calibration/residual_networks.json. Takes about half a minute a seed.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before Keras is imported: it reads them then

import keras  # noqa: E402
import nbformat  # noqa: E402
import numpy as np  # noqa: E402

from autograder import labkit  # noqa: E402
from autograder.labkit.scenes import Scenes, draw  # noqa: E402

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "calibration" / "residual_networks.json"
THRESHOLDS = {"pass": 0.7, "strong": 0.85}
SCENES = 1000  # hidden ones in grading: at an accuracy of 0.9 the 95 % Wilson interval is ±1.9 points


def main(seeds: int = 10, n: int = 1500) -> None:
    """Measure, print a table, write the record."""
    hidden = [draw("shapes", f"calibration {number}", n) for number in range(3)]
    reference = [_measured(f"reference, seed {seed}", _reference(seed), hidden) for seed in range(seeds)]
    weak = {
        "untrained": _measured("untrained", _reference(0, fit=False), hidden),
        "linear on pixels": _measured("linear on pixels", _linear(), hidden),
        "labels shuffled": _measured("labels shuffled", _reference(0, shuffled=True), hidden),
    }
    means = [statistics.mean(run["accuracies"]) for run in reference]
    spread = statistics.stdev(means)
    record = {
        "how": "pass: far above every weak solution; strong: at least 3 standard deviations below the worst reference",
        "scenes": {"sets": len(hidden), "scenes_each": n, "seeds": "calibration 0 …"},
        "reference": {
            "runs": reference,
            "mean": round(statistics.mean(means), 4),
            "standard_deviation": round(spread, 4),
            "worst": round(min(min(run["accuracies"]) for run in reference), 4),
        },
        "weak": weak,
        "margin_in_standard_deviations": round((min(means) - THRESHOLDS["strong"]) / spread, 2),
        "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "numpy": np.__version__},
        "threads": int(os.environ["TF_NUM_INTRAOP_THREADS"]),
    }
    RECORD.parent.mkdir(exist_ok=True)
    records = {"train_classifier": {"collection": "shapes", "scenes": SCENES, **THRESHOLDS, "record": record}}
    RECORD.write_text(json.dumps(records, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"reference {record['reference']['mean']} ± {record['reference']['standard_deviation']}")


def _reference(seed: int, fit: bool = True, shuffled: bool = False) -> tuple[Any, float]:
    """The model that the source notebook trains, from another seed, and the processor seconds that it took."""
    path = ROOT / "source" / "residual_networks" / "residual_networks.ipynb"
    cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    sys.modules["labkit"] = labkit
    names: dict[str, Any] = {}
    exec(cells["setup"] + "\n" + cells["residual_block"], names)  # noqa: S102  # the instructor's own notebook
    if shuffled:
        names["labkit"] = SimpleNamespace(**{**vars(labkit), "scenes": _shuffled_scenes})
    code = cells["train_classifier"]
    if not fit:
        code = code.replace("trained_classifier.fit(", "(lambda *_, **__: None)(")
    keras.utils.set_random_seed(seed)
    start = time.process_time()
    exec(code, names)  # noqa: S102
    return names["trained_classifier"], time.process_time() - start


def _shuffled_scenes(collection: str, split: str, n: int | None = None) -> Scenes:
    drawn = labkit.scenes(collection, split, n)
    np.random.default_rng(0).shuffle(drawn.labels)
    return drawn


def _linear() -> tuple[Any, float]:
    start = time.process_time()
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64, 64, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(6, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    train = labkit.scenes("shapes", "train", n=4000)
    model.fit(train.images, train.labels, epochs=10, verbose=0)
    return model, time.process_time() - start


def _measured(what: str, trained: tuple[Any, float], hidden: list[Scenes]) -> dict[str, Any]:
    model, seconds = trained
    guesses = [model.predict(scenes.images, batch_size=250, verbose=0).argmax(axis=1) for scenes in hidden]
    accuracies = [
        round(float(np.mean(guess == scenes.labels)), 4) for guess, scenes in zip(guesses, hidden, strict=True)
    ]
    print(f"{what:<24}{accuracies}  {seconds:.0f} s", flush=True)
    return {"what": what, "accuracies": accuracies, "processor_seconds": round(seconds, 1)}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
