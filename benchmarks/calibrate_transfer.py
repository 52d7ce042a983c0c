"""Calibrates the thresholds of transfer_learning and shows the lecture's claim: scratch, features, frozen, fine-tuned.

    python benchmarks/calibrate_transfer.py [SEEDS] [SCENES]

Runs the cells of the source notebook once for each seed, judges their models on scenes from seeds that are used for
nothing else, draws 200 (training seed × resampled scenes), and writes calibration/transfer_learning.json. A threshold
lies MARGIN below the worst of these draws. Takes about a minute a seed on one idle core.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before Keras is imported: it reads them then

import keras  # noqa: E402
import nbformat  # noqa: E402
import numpy as np  # noqa: E402

from autograder import labkit  # noqa: E402
from autograder.labkit.backbone import WEIGHTS  # noqa: E402
from autograder.labkit.scenes import Scenes, draw  # noqa: E402

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "transfer_learning" / "transfer_learning.ipynb"
RECORD = ROOT / "calibration" / "transfer_learning.json"
CELLS = ("setup", "extract_features", "feature_classifier", "frozen_model", "unfreeze_top", "fine_tuned")
WAYS = ("scratch", "features", "frozen", "fine_tuned")
KERNELS = ("block4_conv1", "block4_conv2")
DRAWS, MARGIN, LARGEST_CHANGE = 200, 0.025, 0.2


def main(seeds: int = 10, n: int = 1500) -> None:
    """Measure, print a table, write the record."""
    hidden = draw("fewshot", "calibration", n)
    features = labkit.backbone().predict(hidden.images, batch_size=100, verbose=0)
    train, stored = labkit.scenes("fewshot", "train"), labkit.scenes("fewshot", "train").images
    runs = [_reference(seed, hidden, features) for seed in range(seeds)]
    pooled = labkit.backbone().predict(stored, batch_size=100, verbose=0).mean(axis=(1, 2))
    shuffled = np.random.default_rng(0).permutation(train.labels)
    tests = {"features": features.mean(axis=(1, 2)), "pixels": hidden.images.reshape(n, -1) / np.float32(127.5) - 1}
    weak = {
        "untrained": _linear(pooled, train.labels, tests["features"], hidden.labels, epochs=0),
        "labels shuffled": _linear(pooled, shuffled, tests["features"], hidden.labels, epochs=60),
        "linear on pixels": _linear(
            stored.reshape(len(train), -1) / np.float32(127.5) - 1, train.labels, tests["pixels"], hidden.labels, 20
        ),
        "from scratch": round(max(run["validation"]["scratch"] for run in runs), 4),
    }
    record = {
        "feature_classifier": _threshold("features", runs, weak, n),
        "fine_tuned": {**_threshold("fine_tuned", runs, weak, n), "largest_change": LARGEST_CHANGE},
        "claim": _claim(runs),
        "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "numpy": np.__version__},
        "backbone": {"bytes": WEIGHTS.stat().st_size},
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(record["claim"], indent=2))


def _reference(seed: int, hidden: Scenes, features: Any) -> dict[str, Any]:
    """What the cells of the source notebook come to with another seed."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    sys.modules["labkit"] = labkit
    names: dict[str, Any] = {}
    start = time.process_time()
    setup = "train, validation = labkit.scenes('fewshot', 'train'), labkit.scenes('fewshot', 'validation')"
    for cell in CELLS:
        exec(cells[cell], names)  # noqa: S102  # the instructor's own notebook
        if cell == "setup":
            exec(f"{setup}\nbase = labkit.backbone()\nkeras.utils.set_random_seed({seed})", names)  # noqa: S102
    seconds = time.process_time() - start
    guesses = {
        "features": names["trained_feature_classifier"].predict(features, verbose=0),
        "fine_tuned": names["fine_tuned_model"].predict(hidden.images, batch_size=100, verbose=0),
    }
    released, own = labkit.backbone(), names["own"]
    run = {
        "seed": seed,
        "right": {way: found.argmax(axis=1) == hidden.labels for way, found in guesses.items()},
        "validation": names["accuracies"],
        "changes": [_change(released.get_layer(layer), own.get_layer(layer)) for layer in KERNELS],
        "processor_seconds": round(seconds, 1),
    }
    shown = {way: round(float(right.mean()), 4) for way, right in run["right"].items()}
    print(
        f"seed {seed}: hidden {shown}, validation {names['accuracies']}, {run['changes']}, {seconds:.0f} s", flush=True
    )
    return run


def _threshold(way: str, runs: list[dict[str, Any]], weak: dict[str, float], n: int) -> dict[str, Any]:
    """The record of one threshold."""
    rng = np.random.default_rng(0)
    draws = [float(runs[number % len(runs)]["right"][way][rng.integers(0, n, n)].mean()) for number in range(DRAWS)]
    threshold = int(100 * (min(draws) - MARGIN)) / 100
    failures = sum(one < threshold for one in draws)
    accuracies = [float(run["right"][way].mean()) for run in runs]
    return {
        "collection": "fewshot",
        "scenes": n,
        "pass": threshold,
        "half_width": round(1.96 * float(np.sqrt(threshold * (1 - threshold) / n)), 4),
        "seeds": len(runs),
        "accuracies": [round(one, 4) for one in accuracies],
        "mean": round(statistics.mean(accuracies), 4),
        "worst_draw": round(min(draws), 4),
        "passed": f"{DRAWS - failures} of {DRAWS} draws",
        "failure_rate_at_most": round(_upper(failures, DRAWS), 4),
        "weak": weak,
        "processor_seconds": [run["processor_seconds"] for run in runs],
    }


def _claim(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The four ways on the validation split, seed by seed, and how often the lecture's claim holds."""
    table = {way: [round(run["validation"][way], 4) for run in runs] for way in WAYS}
    hidden = {way: [round(float(run["right"][way].mean()), 4) for run in runs] for way in ("features", "fine_tuned")}
    gains = [tuned - stored for tuned, stored in zip(hidden["fine_tuned"], hidden["features"], strict=True)]
    return {
        "validation": table,
        "hidden": hidden,
        "changes": [run["changes"] for run in runs],
        "features_beat_scratch_by_15_points": sum(
            stored - scratch >= 0.15 for stored, scratch in zip(table["features"], table["scratch"], strict=True)
        ),
        "fine_tuning_beats_features_by_2_points": sum(gain >= 0.02 for gain in gains),
        "seeds": len(runs),
    }


def _linear(inputs: Any, labels: Any, test: Any, truth: Any, epochs: int) -> float:
    keras.utils.set_random_seed(0)
    given = keras.Input(inputs.shape[1:])
    model = keras.Model(given, keras.layers.Dense(6, activation="softmax")(given))
    model.compile(keras.optimizers.Adam(5e-3 if inputs.shape[1] < 1000 else 1e-4), "sparse_categorical_crossentropy")
    if epochs:
        model.fit(inputs, labels, batch_size=32, epochs=epochs, verbose=0)
    return round(float(np.mean(model.predict(test, verbose=0).argmax(axis=1) == truth)), 4)


def _change(released: Any, tuned: Any) -> float:
    old, new = released.get_weights()[0], tuned.get_weights()[0]
    return round(float(np.linalg.norm(new - old) / np.linalg.norm(old)), 4)


def _upper(failures: int, draws: int) -> float:
    """The upper end of the 95 % Wilson interval of a failure rate."""
    share, z = failures / draws, 1.96
    middle = share + z * z / (2 * draws)
    spread = z * float(np.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws)))
    return (middle + spread) / (1 + z * z / draws)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
