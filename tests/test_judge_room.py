"""Judging whole runs: points, status, what is blamed on which task,
and what the judge room makes of it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from answering import DESK, OWN, SEED, answered, graders, verdict

from autograder.bench import open_bench
from autograder.judge.hidden import Hidden, edition, hidden_data, make_ready
from autograder.judge.room import judge
from autograder.records import (
    Run,
    SectionRun,
    TaskVerdict,
    read_run,
    read_verdict,
    to_json,
)
from autograder.rooms.here import RoomsHere
from autograder.sample import lay_out

BLOCK = """
def residual_block(x, filters, strides=1):
    raise NotImplementedError("residual_block")
"""
NETWORK = """
import keras
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, residual_block(inputs, 3))
"""
ARITHMETIC = """
def output_size(size, kernel, stride, padding):
    return -(-(size if padding == "same" else size - kernel + 1) // stride)
"""

DERIVED = """
def brightness(hidden, records):
    return hidden("shapes", 12).images.mean(axis=(1, 2, 3))


def fails(hidden, records):
    raise KeyError
"""


AFTER_ANOTHER = "probabilities"  # of residual_network: it waits for another of its checks


def run_of(folder: Path, **cells: str) -> None:
    answered(
        folder,
        "residual_networks",
        cells,
        {t: g for t, g in graders("residual_networks").items() if t in cells},
    )


def judged(folder: Path, *tasks: str) -> dict[str, TaskVerdict]:
    return {task.task: task for task in verdict(folder, "residual_networks", tasks).tasks}


def change(folder: Path, section: SectionRun) -> None:
    run = read_run(folder / "run.json")
    others = [other for other in run.sections if other.task != section.task]
    (folder / "run.json").write_text(to_json(dataclasses.replace(run, sections=(*others, section))))


def test_what_an_earlier_task_breaks_is_blocked(tmp_path: Path) -> None:
    """An unwritten block blocks the network that calls it, and the checks name it."""
    run_of(tmp_path, residual_block=BLOCK, residual_network=NETWORK)
    tasks = judged(tmp_path, "residual_block", "residual_network")
    assert {check.ending for check in tasks["residual_block"].checks} == {"failed"}
    assert {check.ending for check in tasks["residual_network"].checks} == {"blocked"}
    waiting = [check for check in tasks["residual_network"].checks if check.check != AFTER_ANOTHER]
    assert all("residual_block" in check.found for check in waiting)
    assert all(task.score == 0 for task in tasks.values())


def test_an_error_in_the_own_cell_is_failed(tmp_path: Path) -> None:
    """An error whose innermost frame is in the task's own cell is the task's own."""
    run_of(
        tmp_path,
        residual_block=BLOCK,
        residual_network="def build_resnet(*given, **named): return 1 / 0",
    )
    network = judged(tmp_path, "residual_block", "residual_network")["residual_network"]
    endings = {check.check: check.ending for check in network.checks}
    assert endings.pop(AFTER_ANOTHER) == "blocked"
    assert set(endings.values()) == {"failed"}
    assert "ZeroDivisionError" in network.checks[0].found


def test_a_stopped_cell_says_so(tmp_path: Path) -> None:
    """Where a cell ran out of time, its checks say that, not that a name is missing."""
    run_of(tmp_path, conv_arithmetic="")
    change(tmp_path, SectionRun("conv_arithmetic", "timeout", 240.3))
    checks = judged(tmp_path, "conv_arithmetic")["conv_arithmetic"].checks
    assert all(
        "your cell ran for too long and was stopped after 240 s" in check.found for check in checks
    )


def test_a_stopped_earlier_cell_blocks(tmp_path: Path) -> None:
    """Where the section of a needed task did not finish, that task is named."""
    run_of(tmp_path, residual_block="", residual_network=NETWORK)
    change(tmp_path, SectionRun("residual_block", "crashed", 1.0))
    network = judged(tmp_path, "residual_network")["residual_network"]
    assert {check.ending for check in network.checks} == {"blocked"}
    assert (
        "this waits for «residual_block»: there your cell ended the whole Python process"
        in network.checks[0].found
    )


def test_partial_credit(tmp_path: Path) -> None:
    """Two of three functions missing: the share of the first one's checks."""
    run_of(tmp_path, conv_arithmetic=ARITHMETIC)
    task = judged(tmp_path, "conv_arithmetic")["conv_arithmetic"]
    passed = [check for check in task.checks if check.ending == "passed"]
    assert {check.check.split("_")[0] for check in passed} == {"same", "valid"}
    assert 0 < task.score < 1
    assert task.score == round(
        sum(c.weight for c in passed) / sum(c.weight for c in task.checks), 4
    )


def test_forged_answers_give_nothing(tmp_path: Path) -> None:
    """An answer file that breaks the rules is held back for a person."""
    run_of(tmp_path, conv_arithmetic=ARITHMETIC)
    (tmp_path / "artefacts" / "conv_arithmetic" / "same.json").write_text(
        '{"outcome": "passed", "score": 100}'
    )
    run = verdict(tmp_path, "residual_networks", ("conv_arithmetic",))
    assert run.status == "needs_review"
    assert run.tasks[0].checks[0].ending == "broken"


def test_an_answer_that_never_came_is_no_pass(tmp_path: Path) -> None:
    """Where there is no file at all, the question was not answered."""
    run = Run("residual_networks", "alice", "key", SEED, "graded", "none", 1.0, 1.0, ())
    (tmp_path / "run.json").write_text(to_json(run))
    tasks = judged(tmp_path, "conv_arithmetic", "residual_block", "unet", "train_classifier")
    assert {check.ending for task in tasks.values() for check in task.checks} <= {
        "failed",
        "blocked",
        "broken",
    }
    assert sum(task.score for task in tasks.values()) == 0


def test_a_task_without_a_grader_is_broken(tmp_path: Path) -> None:
    """No grader means no verdict, not full marks and not zero without a word."""
    run_of(tmp_path, conv_arithmetic=ARITHMETIC)
    task = judged(tmp_path, "no_such_task")["no_such_task"]
    assert [check.ending for check in task.checks] == ["broken"]


def test_a_run_that_timed_out_keeps_its_status(tmp_path: Path) -> None:
    """The status of a run that did not end well is not painted over."""
    run_of(tmp_path, conv_arithmetic=ARITHMETIC)
    run = dataclasses.replace(read_run(tmp_path / "run.json"), status="timeout")
    (tmp_path / "run.json").write_text(to_json(run))
    assert verdict(tmp_path, "residual_networks", ("conv_arithmetic",)).status == "timeout"


def test_a_verdict_is_written_down(tmp_path: Path) -> None:
    """What the judge room says is added up by task, tasks for a person left out, and stored."""
    bench = open_bench(lay_out(OWN, tmp_path, ["residual_networks"]), "residual_networks")
    folder = bench.run_dir("alice")
    run_of(folder, conv_arithmetic=ARITHMETIC)
    found = judge(folder, bench, RoomsHere())
    assert found == read_verdict(folder / "verdict.json")
    assert [task.task for task in found.tasks] == list(bench.assignment.points)
    assert found.max_score == sum(bench.assignment.points.values())
    assert 0 < found.score < bench.assignment.points["conv_arithmetic"]


def test_hidden_scenes_made_ready_are_those_that_would_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same seed gives the same scenes, whether they were made ready or not;
    another seed gives others.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "derived.py").write_text(DERIVED)
    asked = {"sets": [["shapes", 12]], "secret": "secret", "desk": str(DESK), "data": ""}
    made = ["shapes-12.npz", "derived-brightness.npy"]
    assert make_ready({**asked, "graders": str(tmp_path)}) == made
    anew, kept_one = (Hidden("secret", store, tmp_path, {}) for store in (None, tmp_path))
    assert np.array_equal(anew.derived("brightness"), np.load(made[1]))
    np.save(made[1], np.zeros(2))
    assert kept_one.derived("brightness").tolist() == [0, 0], "it is read, not worked out again"
    drawn = hidden_data("shapes", 12, "secret")
    kept = hidden_data("shapes", 12, "secret", tmp_path)
    assert np.array_equal(drawn.images, kept.images)
    assert drawn.class_names == kept.class_names
    assert not np.array_equal(drawn.images, hidden_data("shapes", 12, "another").images)


def test_an_edition_does_not_tell_the_seed_and_changes_with_it(tmp_path: Path) -> None:
    """The name of the folder is safe to see."""
    sets = [("shapes", 12)]
    (tmp_path / "derived.py").write_text(DERIVED)
    one = edition("secret", sets, DESK, b"", tmp_path)
    assert one != edition("another", sets, DESK, b"", tmp_path)
    (tmp_path / "derived.py").write_text(DERIVED + "# otherwise")
    assert one != edition("secret", sets, DESK, b"", tmp_path)
    assert "secret" not in one
