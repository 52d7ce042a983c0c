"""Calibrates the thresholds of fair_model: the reference over several seeds, other remedies, and weak solutions.

    python benchmarks/calibrate_capstone.py [SEEDS]

Trains what the source notebook says, once for each seed, judges it on scenes from seeds that are used for nothing else,
and writes calibration/capstone.json. Takes about twenty seconds a seed and two minutes for the rest.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
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
from autograder.labkit.scenes import Scenes, draw  # noqa: E402

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "calibration" / "capstone.json"
THRESHOLDS = {"overall": 0.85, "worst_group": 0.7}
SCENES, RARE = 1500, 1600  # hidden scenes over all, and of the rare group: half a Wilson interval is at most two points
GIVEN = ("setup", "data_load", "design")


def main(seeds: int = 5) -> None:
    """Measure, print a table, write the record."""
    hidden = [
        (draw("biased", f"calibration {n}", SCENES), draw("biased_rare", f"calibration {n}", RARE)) for n in (0, 1)
    ]
    reference = [_measured(f"reference, seed {seed}", _fair(seed), hidden) for seed in range(seeds)]
    others = [
        _measured("resampled only, a third, 9 rounds", _fair(1, {**PLAIN, "night_share = 0.25": "night_share = 0.33",
                  "rounds, batch_size = 4, 16": "rounds, batch_size = 9, 16"}), hidden),
    ]  # fmt: skip
    weak = [
        _measured("the notebook's plain baseline", _baseline(0), hidden),
        _measured("plain, as long as the task allows (9 rounds)", _fair(1, {**PLAIN, **NATURAL,
                  "rounds, batch_size = 4, 16": "rounds, batch_size = 9, 16"}), hidden),
        _measured("labels shuffled", _fair(0, {"train.labels[drawn]": "chooser.permutation(train.labels)"}), hidden),
        _measured("untrained", _fair(0, {"fair_model.fit(": "(lambda *_, **__: None)("}), hidden),
        _measured("linear on pixels", _linear(), hidden),
    ]  # fmt: skip
    record = {
        "fair_model": {
            "collection": "biased",
            "scenes": SCENES,
            "also": [["biased_rare", RARE]],
            **THRESHOLDS,
            "record": {
                "how": "between the strongest solution without a remedy and resampling alone, far below the reference",
                "scenes": {"sets": len(hidden), "scenes_each": [SCENES, RARE], "seeds": "calibration 0, calibration 1"},
                "reference": {"runs": reference, **_summary(reference)},
                "other_remedies": others,
                "weak": weak,
                "wilson_half_width": {
                    "overall": round(_wilson(min(r["overall"] for run in reference for r in run["sets"]), SCENES), 4),
                    "worst_group": round(_wilson(THRESHOLDS["worst_group"], RARE), 4),
                },
                "measured": dt.datetime.now(tz=dt.UTC).date().isoformat(),
                "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "numpy": np.__version__},
                "threads": int(os.environ["TF_NUM_INTRAOP_THREADS"]),
            },
        }
    }
    RECORD.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


PLAIN = {"build_model((64, 64, 3), 6)(alike)": "build_model((64, 64, 3), 6)(pixels)"}  # without its norm of each image
NATURAL = {"len(train), p=chance": "len(train), replace=False"}  # each scene once a round


def _fair(seed: int, changes: dict[str, str] | None = None) -> tuple[Any, float]:
    """The model that the source notebook trains, from another seed and with changes; the processor seconds it took."""
    cells = _cells()
    code = cells["fair_model"].replace("default_rng(2019)", f"default_rng({seed})")
    for old, new in (changes or {}).items():
        if old not in code:
            raise ValueError(f"the notebook's fair_model has no {old!r} any more")
        code = code.replace(old, new)
    names = _names(cells)
    keras.utils.set_random_seed(seed)
    return _run(code.replace("verbose=2", "verbose=0"), names, "fair_model")


def _baseline(seed: int) -> tuple[Any, float]:
    cells = _cells()
    names = _names(cells)
    keras.utils.set_random_seed(seed)
    return _run(cells["baseline_train"].replace("verbose=2", "verbose=0"), names, "baseline")


def _cells() -> dict[str, str]:
    path = ROOT / "source" / "capstone" / "capstone.ipynb"
    return {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}


def _names(cells: dict[str, str]) -> dict[str, Any]:
    sys.modules["labkit"] = labkit
    names: dict[str, Any] = {}
    for cell in GIVEN:
        exec(cells[cell], names)  # noqa: S102  # the instructor's own notebook
    return names


def _run(code: str, names: dict[str, Any], result: str) -> tuple[Any, float]:
    start = time.process_time()
    exec(code, names)  # noqa: S102  # the instructor's own notebook
    return names[result], time.process_time() - start


def _linear() -> tuple[Any, float]:
    start = time.process_time()
    keras.utils.set_random_seed(0)
    inputs = keras.Input((64, 64, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(6, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    train = labkit.scenes("biased", "train")
    model.fit(train.images, train.labels, epochs=5, verbose=0)
    return model, time.process_time() - start


def _measured(what: str, trained: tuple[Any, float], hidden: list[tuple[Scenes, Scenes]]) -> dict[str, Any]:
    model, seconds = trained
    sets = []
    for natural, rare in hidden:
        right, by_night = _right(model, natural), _right(model, rare)
        day = float(right[natural.groups == 0].mean())
        sets.append(
            {
                "overall": round(float(right.mean()), 4),
                "group_0": round(day, 4),
                "group_1": round(float(by_night.mean()), 4),
                "worst_group": round(min(day, float(by_night.mean())), 4),
            }
        )
    print(f"{what:<46}{sets}  {seconds:.0f} s", flush=True)
    return {"what": what, "sets": sets, "processor_seconds": round(seconds, 1)}


def _right(model: Any, scenes: Scenes) -> Any:
    return model.predict(scenes.images, batch_size=100, verbose=0).argmax(axis=1) == scenes.labels


def _summary(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    found = {}
    for key, threshold in THRESHOLDS.items():
        values = [one[key] for run in runs for one in run["sets"]]
        mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
        found[key] = {
            "mean": round(mean, 4),
            "standard_deviation": round(spread, 4),
            "worst": min(values),
            "margin_in_standard_deviations": round((min(values) - threshold) / spread, 2),
        }
    return found


def _wilson(share: float, n: int, z: float = 1.96) -> float:
    return z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
