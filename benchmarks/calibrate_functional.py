"""Calibrates the thresholds of train_localizer: accuracy and mean IoU of the reference, and weak solutions.

    python benchmarks/calibrate_functional.py [SEEDS] [SCENES]

Runs the cells of the source notebook once for each seed, judges their models on scenes from seeds that are used for
nothing else, draws 200 (training seed × resampled scenes), and writes calibration/functional_api.json. The strong
thresholds lie MARGIN below the worst of these draws; the first ones lie far below, and far above every weak solution.
Takes about half a minute a seed on one idle core.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
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
from autograder.judge.functional import overlap  # noqa: E402
from autograder.labkit.scenes import Scenes, draw  # noqa: E402

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "source" / "functional_api" / "functional_api.ipynb"
RECORD = ROOT / "calibration" / "functional_api.json"
CELLS = ("setup", "localizer", "train_localizer")
FIRST = {"accuracy": 0.75, "iou": 0.65}
DRAWS, MARGIN = 200, 0.025


def main(seeds: int = 10, n: int = 1800) -> None:
    """Measure, print a table, write the record."""
    hidden = draw("shapes", "calibration", n)
    runs = [_measured(f"reference, seed {seed}", partial(_reference, seed), hidden) for seed in range(seeds)]
    weak = [
        _measured("untrained", partial(_reference, 0, fit=False), hidden),
        _measured("linear on pixels", _linear, hidden),
        _measured("labels and boxes shuffled", partial(_reference, 0, shuffled=True), hidden),
    ]
    record = {
        "train_localizer": {
            "collection": "shapes",
            "scenes": n,
            **_threshold("accuracy", runs, n),
            **_threshold("iou", runs, n),
            "seeds": len(runs),
            "reference": [_told(run) for run in runs],
            "weak": [_told(run) for run in weak],
        },
        "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "numpy": np.__version__},
        "threads": int(os.environ["TF_NUM_INTRAOP_THREADS"]),
    }
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _reference(seed: int, fit: bool = True, shuffled: bool = False) -> Any:
    """The model that the source notebook trains, from another seed."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    sys.modules["labkit"] = labkit
    names: dict[str, Any] = {}
    exec("\n".join(cells[cell] for cell in CELLS[:-1]), names)  # noqa: S102  # the instructor's own notebook
    if shuffled:
        names["labkit"] = SimpleNamespace(**{**vars(labkit), "scenes": _shuffled_scenes})
    keras.utils.set_random_seed(seed)
    code = cells[CELLS[-1]]
    exec(code if fit else code.replace("trained_localizer.fit(", "(lambda *_, **__: None)("), names)  # noqa: S102
    return names["trained_localizer"]


def _shuffled_scenes(collection: str, split: str, n: int | None = None) -> Scenes:
    drawn = labkit.scenes(collection, split, n)
    order = np.random.default_rng(0).permutation(len(drawn))
    drawn.labels[:], drawn.boxes[:] = drawn.labels[order], drawn.boxes[order]
    return drawn


def _linear() -> Any:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64, 64, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    heads = {
        "label": keras.layers.Dense(6, activation="softmax", name="label")(x),
        "box": keras.layers.Dense(4, activation="sigmoid", name="box")(x),
    }
    model = keras.Model(inputs, heads)
    model.compile(keras.optimizers.Adam(1e-4), {"label": "sparse_categorical_crossentropy", "box": "mse"})
    train = labkit.scenes("shapes", "train", n=4000)
    model.fit(train.images, {"label": train.labels, "box": train.boxes}, epochs=5, verbose=0)
    return model


def _measured(what: str, make: Callable[[], Any], hidden: Scenes) -> dict[str, Any]:
    start = time.process_time()
    model = make()
    seconds = time.process_time() - start
    found = model.predict(hidden.images, batch_size=100, verbose=0)
    run = {
        "what": what,
        "accuracy": (found["label"].argmax(axis=1) == hidden.labels).astype("float64"),
        "iou": overlap(found["box"], hidden.boxes),
        "seconds": seconds,
    }
    print(_told(run), flush=True)
    return run


def _told(run: dict[str, Any]) -> dict[str, Any]:
    means = {measure: round(float(run[measure].mean()), 4) for measure in FIRST}
    return {"what": run["what"], **means, "processor_seconds": round(run["seconds"], 1)}


def _threshold(measure: str, runs: list[dict[str, Any]], n: int) -> dict[str, Any]:
    """The two thresholds of one measure, and what they rest on."""
    rng = np.random.default_rng(0)
    draws = [float(runs[number % len(runs)][measure][rng.integers(0, n, n)].mean()) for number in range(DRAWS)]
    first, strong = FIRST[measure], int(100 * (min(draws) - MARGIN)) / 100
    failures = sum(one < strong for one in draws)
    spread = max(float(run[measure].std()) for run in runs)
    if measure == "accuracy":
        spread = float(np.sqrt(first * (1 - first)))
    return {
        f"{measure}_pass": first,
        f"{measure}_strong": strong,
        f"{measure}_half_width": round(1.96 * spread / float(np.sqrt(n)), 4),
        f"{measure}_mean": round(statistics.mean(float(run[measure].mean()) for run in runs), 4),
        f"{measure}_worst_draw": round(min(draws), 4),
        f"{measure}_passed": f"{DRAWS - failures} of {DRAWS} draws",
        f"{measure}_failure_rate_at_most": round(_upper(failures, DRAWS), 4),
    }


def _upper(failures: int, draws: int) -> float:
    """The upper end of the 95 % Wilson interval of a failure rate."""
    share, z = failures / draws, 1.96
    middle = share + z * z / (2 * draws)
    spread = z * float(np.sqrt(share * (1 - share) / draws + z * z / (4 * draws * draws)))
    return (middle + spread) / (1 + z * z / draws)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
