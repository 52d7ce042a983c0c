"""Calibration: intervals, draws, records, what makes a record out of date,
and the command on a small course.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from answering import FOLDER, OWN, graders
from click.testing import CliRunner
from limits import largest_file

from autograder.calibration.current import refusals, uses_calibration
from autograder.calibration.evidence import Trained, problems, record, wilson
from autograder.calibration.page import write_plot
from autograder.calibration.plan import (
    Limit,
    Plan,
    Solution,
    edition,
    plan_path,
    read_plans,
    sources,
)
from autograder.cli.calibrate import calibrate_command
from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.judge.hidden_side import RECORD, HiddenSide, read_calibration, read_hidden_side

CALIBRATED = sorted(path.parent.name for path in FOLDER.glob("*/calibration.toml"))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 200, 0.0, 0.0188),
        (8, 10, 0.4902, 0.9433),
        (500, 1000, 0.4691, 0.5309),
        (200, 200, 0.9812, 1.0),
    ],
)
def test_interval_of_a_share(hits: int, n: int, low: float, high: float) -> None:
    """Wilson's score interval, values as in published tables."""
    assert list(wilson(hits, n)) == pytest.approx([low, high], abs=1e-4)


def test_a_good_threshold_has_no_problems() -> None:
    """The reference far above, the weak far below, scenes enough:
    nothing to say, and the record holds the evidence.
    """
    kinds = {
        "reference": [one("a", 0.95), one("b", 0.93)],
        "weak": [one("w", 0.2)],
        "right": [],
        "beside": [],
    }
    found = record(plan(), "edition", kinds)

    assert (found["pass"], found["collection"], found["scenes"]) == (0.8, "shapes", 1800)
    threshold = found["record"]["thresholds"]["pass"]
    assert found["record"]["problems"] == []
    assert (threshold["passed"], threshold["strongest_weak"]) == (200, "w")
    assert threshold["mean"] == pytest.approx(0.94, abs=1e-3)
    assert threshold["half_width"] == pytest.approx(0.0185, abs=1e-4)  # 1.96 √(0.8 · 0.2 / 1800)
    assert 0.90 < threshold["worst_draw"] < 0.93


@pytest.mark.parametrize(
    ("reference", "weak", "right", "scenes", "says"),
    [
        ([0.95, 0.81], [], [], 1800, "the reference passes in"),
        ([0.95], [0.85], [], 1800, "the weak solution «w» passes"),
        # every other draw is still too much
        ([0.95], [0.80], [], 1800, "the weak solution «w» passes"),
        ([0.95], [], [0.5], 1800, "another right way, «r», fails pass"),
        ([0.95], [], [], 300, "more hidden scenes are needed"),
    ],
    ids=[
        "reference fails",
        "weak passes",
        "weak passes by luck",
        "right way fails",
        "too few scenes",
    ],
)
def test_what_does_not_hold_is_said(
    reference: list[float], weak: list[float], right: list[float], scenes: int, says: str
) -> None:
    """Each requirement on a threshold is checked, and its breach is one sentence."""
    found = problems(
        plan(scenes),
        [one("seed", share, scenes) for share in reference],
        [one("w", share, scenes) for share in weak],
        [one("r", share, scenes) for share in right],
    )
    assert len(found) == 1
    assert says in found[0]


def test_worst_part_decides() -> None:
    """A measure of several parts is the lowest of their means, in each draw too."""
    both = Trained("seed 0", {"worst_group": [scores(0.95, 900), scores(0.6, 600)]}, {})
    assert both.value("worst_group") == pytest.approx(0.6, abs=1e-3)
    assert both.draw("worst_group", np.random.default_rng(1)) < 0.75


def test_a_limit_from_above() -> None:
    """A number that may be at most so much, and does not come from scenes, is judged as it is."""
    small = Trained("seed 0", {"change": [np.array([0.12])], "accuracy": [scores(0.95)]}, {})
    large = Trained("seed 1", {"change": [np.array([0.3])], "accuracy": [scores(0.95)]}, {})
    limited = dataclasses.replace(
        plan(), limits=(Limit("largest", "change", 0.2, first=False, upper=True),)
    )

    assert problems(limited, [small], [], []) == []
    assert "passes in 100 of 200" in problems(limited, [small, large], [], [])[0]


@pytest.mark.parametrize("name", CALIBRATED)
def test_records_of_the_course_are_current(name: str) -> None:
    """Every threshold that a grader uses was measured on the reference,
    plan and data as they are now, and holds.
    """
    assert refusals(OWN, name, read_hidden_side(FOLDER / name)) == []


def test_records_exist_where_graders_ask_for_them() -> None:
    """Each assignment with a grader that uses a threshold has a plan."""
    folders = OWN.assignments()
    assert (
        sorted(name for name in folders if any(map(uses_calibration, graders(name).values())))
        == CALIBRATED
    )


def test_a_plot_that_can_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """It is drawn in full before anything is written."""
    name = CALIBRATED[0]
    records, place = read_calibration(FOLDER / name / RECORD), tmp_path / "plot.svg"
    place.write_text("what was there", encoding="utf-8")
    with largest_file(1_000), pytest.raises(OSError, match="File too large"):
        write_plot(name, records, place)
    assert place.read_text(encoding="utf-8") == "what was there"
    write_plot(name, records, place)
    assert "<svg" in place.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [place]


def test_what_makes_a_record_out_of_date(tmp_path: Path) -> None:
    """A changed cell or another weak solution do, a moved threshold is told as such;
    other cells do nothing.
    """
    course = small_course(tmp_path)
    grader = graders("residual_networks")["train_classifier"]
    asking = {"train_it": dataclasses.replace(grader, task="train_it")}
    path = plan_path(course, "small")

    def refused() -> list[str]:
        hidden = HiddenSide(path.parent, asking, {}, read_calibration(path.with_name(RECORD)))
        return refusals(course, "small", hidden)

    [planned] = read_plans(path).values()
    before = edition(course, planned, sources(course, "small", planned))
    kinds = {
        "reference": [one("a", 0.95), one("b", 0.93)],
        "weak": [one("w", 0.2)],
        "right": [],
        "beside": [],
    }
    write_record(course, record(planned, before, kinds))
    assert refused() == []

    write_notebook(tmp_path, other="something = 5")
    assert refused() == []
    path.write_text(PLAN.replace("at = 0.8", "at = 0.4"), encoding="utf-8")
    assert "moved pass since" in refused()[0]
    path.write_text(PLAN, encoding="utf-8")
    write_notebook(tmp_path, train="trained = None")
    assert "have changed since" in refused()[0]
    path.with_name(RECORD).unlink()
    [refusal] = refused()
    assert "never measured" in refusal
    assert "autograder calibrate small" in refusal


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[train_it.thresholds]", "[train_it.limits]", ":10: train_it.limits: there is no key"),
        ('model = "trained"', "", "the key model is missing"),
        ("{ fit = false }", "{ fitt = false }", ":14: train_it.weak.untrained.fitt: there is no"),
        ("[train_it]", "[train_it", "not TOML"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    """With the file, the line, and what is wrong in it."""
    path = tmp_path / "small.toml"
    path.write_text(PLAN.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=r"small\.toml") as caught:
        read_plans(path)
    assert says in str(caught.value)


@pytest.mark.slow
def test_command_measures_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It trains each once, writes record, plot and page; where nobody can be asked, only by --yes;
    again, it trains nothing and asks nothing; too few scenes are no evidence.
    """
    small_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(calibrate_command, ["small", "--seeds", "2", "--jobs", "2"])
    assert refused.output == (
        "to train: 4 times, 2 at a time; train_it was never measured, the first runs will tell\n"
    )
    assert "say --yes" in str(refused.exception)
    first = CliRunner().invoke(
        calibrate_command, ["small", "--seeds", "2", "--yes"], catch_exceptions=False
    )

    assert first.exit_code == 1
    assert "more hidden scenes are needed" in " ".join(first.output.split())
    records = json.loads(
        (tmp_path / "graders" / "small" / "calibration.json").read_text(encoding="utf-8")
    )
    found = records["train_it"]
    assert (found["pass"], found["scenes"]) == (0.8, 40)
    reference, weak = found["record"]["reference"], found["record"]["weak"]
    assert [run["accuracy"] for run in reference] == [pytest.approx(1 / 6, abs=0.15)] * 2
    assert [run["picked"] for run in reference] == [10, 11]
    assert set(weak) == {"untrained", "of its own"}
    assert "train_it" in (tmp_path / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert "<svg" in (tmp_path / "graders" / "small" / "calibration.svg").read_text(
        encoding="utf-8"
    )

    more = CliRunner().invoke(calibrate_command, ["small", "--seeds", "4", "--jobs", "1"])
    assert more.output.startswith("to train: 2 times, 1 at a time, about ")

    trained = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "runs" / "calibration" / "small").glob("*.npz")
    }
    assert len(trained) == 4
    (tmp_path / "graders" / "small" / "calibration.toml").write_text(
        PLAN.replace("at = 0.8", "at = 0.0"), encoding="utf-8"
    )
    again = CliRunner().invoke(calibrate_command, ["small", "--seeds", "2"], catch_exceptions=False)
    assert "to train" not in again.output
    assert "the weak solution «untrained» passes" in " ".join(again.output.split())
    assert trained == {path: path.stat().st_mtime_ns for path in trained}


@pytest.mark.slow
def test_a_training_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With task, seed and the last of what it said."""
    small_course(tmp_path)
    write_notebook(tmp_path, train="trained = keras.Nothing()")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(calibrate_command, ["small", "--seeds", "1", "--yes"])

    assert done.exit_code != 0
    assert "training of train_it, " in str(done.exception)
    assert "Nothing" in str(done.exception)


PLAN = """
[train_it]
cells = ["setup", "train_it"]
model = "trained"
scores = "classifier"
hidden = { shapes = 40 }
seeded = { "10" = "{seed} + 10" }
keep = { picked = "picked" }

[train_it.thresholds]
pass = { measure = "accuracy", at = 0.8 }

[train_it.weak]
"untrained" = { fit = false }

[train_it.weak."of its own"]
code = '''
x = keras.Input((64, 64, 3))
trained = keras.Model(x, keras.layers.Dense(6)(keras.layers.GlobalAveragePooling2D()(x)))
'''
"""
SETUP = "import keras\nimport labkit\nkeras.utils.set_random_seed(1)"
TRAIN = """
picked = 10
some = labkit.scenes("shapes", "train", n=20)
trained = keras.Sequential(
    [keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(6)]
)
trained.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
trained.fit(some.images / 255, some.labels, verbose=0)
"""


def small_course(folder: Path) -> Course:
    """A course with one assignment, whose only cells set up and train."""
    (folder / "course.toml").write_text("", encoding="utf-8")
    (folder / "graders" / "small").mkdir(parents=True)
    (folder / "graders" / "small" / "calibration.toml").write_text(PLAN, encoding="utf-8")
    shutil.copytree(OWN.labkit, folder / "labkit_course")
    write_notebook(folder)
    return find_course(folder)


def write_notebook(folder: Path, train: str = TRAIN, other: str = "something = 4") -> None:
    cells = [
        nbformat.v4.new_code_cell(source, id=name)
        for name, source in (("setup", SETUP), ("other", other), ("train_it", train))
    ]
    (folder / "source" / "small").mkdir(parents=True, exist_ok=True)
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells), folder / "source" / "small" / "small.ipynb"
    )


def write_record(course: Course, found: object) -> None:
    path = plan_path(course, "small").with_name(RECORD)
    path.write_text(json.dumps({"train_it": found}), encoding="utf-8")


def plan(scenes: int = 1800) -> Plan:
    return Plan(
        task="train_it",
        cells=("setup",),
        model="trained",
        scores="classifier",
        hidden={"shapes": scenes},
        limits=(Limit("pass", "accuracy", 0.8),),
        weak={"w": Solution()},
        right={},
        beside={},
        seeded={},
        numbers={},
        keep={},
    )


def one(name: str, share: float, scenes: int = 1800) -> Trained:
    return Trained(name, {"accuracy": [scores(share, 3 * scenes)]}, {"processor_seconds": 1.0})


def scores(share: float, n: int = 5400) -> np.ndarray:
    return (np.arange(n) < share * n).astype("float64")
