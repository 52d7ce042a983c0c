"""The notebooks in git: tidy, complete, released without answers,
and running from top to bottom.
"""

import ast
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import own_course
from autograder.judge.hidden_side import PUBLIC, RECORD, read_calibration

OWN = own_course()
sys.path.append(str(OWN.root / "benchmarks"))
from cell_seconds import Timed, executed  # noqa: E402

LIMIT = 10  # processor seconds of a cell: twice what is meant, for a machine with other work
TASKS = {
    "functional_api": (
        "sequential_to_functional",
        "two_inputs",
        "localizer",
        "siamese",
        "intermediate_features",
        "train_localizer",
        "when_sequential_fails",
    ),
    "residual_networks": (
        "conv_arithmetic",
        "residual_block",
        "residual_network",
        "separable_block",
        "mini_xception",
        "inception_module",
        "unet",
        "train_classifier",
        "architecture_review",
    ),
    "transfer_learning": (
        "extract_features",
        "feature_classifier",
        "frozen_model",
        "unfreeze_top",
        "fine_tuned",
        "what_transfers",
    ),
    "capstone": ("design", "audit", "resampling", "fair_model", "reflection"),
}
NOTEBOOKS = [(kind, name) for name in TASKS for kind in ("source", "release")]


def _path(kind: str, name: str) -> Path:
    return OWN.source(name) if kind == "source" else OWN.template(name)


def _notebook(kind: str, name: str) -> Any:
    return nbformat.read(_path(kind, name), as_version=4)


@pytest.mark.parametrize(("kind", "name"), NOTEBOOKS)
def test_no_outputs_and_no_stray_metadata(kind: str, name: str) -> None:
    """No outputs, no counts, whitelisted metadata, stable ids:
    what changes in git is what somebody wrote.
    """
    notebook = json.loads(_path(kind, name).read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"nbgrader", "deletable", "editable"}
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"])
        assert cell["id"] == grade_id


@pytest.mark.parametrize("name", TASKS)
def test_size(name: str) -> None:
    """40 to 60 cells, at most 2,500 words."""
    cells = _notebook("source", name).cells
    assert 40 <= len(cells) <= 60
    words = sum(
        len(re.findall(r"\S+", cell.source)) for cell in cells if cell.cell_type == "markdown"
    )
    assert words <= 2500


@pytest.mark.parametrize(("kind", "name"), NOTEBOOKS)
def test_tasks_and_points(kind: str, name: str) -> None:
    """Every task of the course, in its order, with its check or a manual mark;
    100 points together.
    """
    records = [cell.metadata.get("nbgrader", {}) for cell in _notebook(kind, name).cells]
    asked = [record["grade_id"] for record in records if record.get("solution")]
    assert tuple(asked) == TASKS[name]
    marked = {record["grade_id"] for record in records if record.get("grade")}
    assert marked == {
        task if record["grade"] else f"{task}_check" for task, record in _solutions(records)
    }
    assert sum(record.get("points", 0) for record in records) == 100


def _solutions(records: list[Any]) -> list[tuple[str, Any]]:
    return [(record["grade_id"], record) for record in records if record.get("solution")]


@pytest.mark.parametrize("name", TASKS)
def test_one_task_a_section(name: str) -> None:
    """A level-2 heading opens a section; no section holds two tasks,
    and a check stands in its task's section.
    """
    sections: list[list[str]] = [[]]
    for cell in _notebook("source", name).cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            sections.append([])
        record = cell.metadata.get("nbgrader", {})
        if record.get("solution") or record.get("grade"):
            sections[-1].append(record["grade_id"].removesuffix("_check"))
    assert all(len(set(section)) <= 1 for section in sections)


@pytest.mark.parametrize("name", TASKS)
def test_given_code_is_locked(name: str) -> None:
    """Every code cell that is not a student's can't be changed by one."""
    for cell in _notebook("source", name).cells:
        if cell.cell_type == "code":
            assert cell.metadata.nbgrader.locked != cell.metadata.nbgrader.solution


@pytest.mark.parametrize("name", TASKS)
def test_no_answer_is_released(name: str) -> None:
    """No line between the marks of a solution is in the released notebook,
    but for what is given there anyway.
    """
    released = {
        line.strip()
        for cell in _notebook("release", name).cells
        for line in cell.source.split("\n")
    }
    answers = [
        line.strip()
        for cell in _notebook("source", name).cells
        for region in re.findall(
            r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL
        )
        for line in region.split("\n")
        if len(line.strip()) > 1
    ]
    shared = {line for line in answers if line in released}
    # in the broken block
    assert shared <= {"y = layers.BatchNormalization()(y)", "y = layers.ReLU()(y)"}
    assert len(answers) > 50


@pytest.mark.parametrize("name", TASKS)
def test_the_seconds_in_the_text_are_measured(name: str) -> None:
    """What the text says about the length of training agrees
    with the calibration's processor seconds.
    """
    trained = {
        "functional_api": "train_localizer",
        "residual_networks": "train_classifier",
        "transfer_learning": "fine_tuned",
        "capstone": "fair_model",
    }[name]
    record = read_calibration(OWN.graders / name / RECORD)[trained]["record"]
    text = next(
        cell.source for cell in _notebook("source", name).cells if cell.id == f"{trained}_task"
    )
    said = re.search(r"(?:trains\s+for|takes)\s+about\s+(\d+)\s+seconds\s+on\s+one\s+core", text)
    assert said is not None
    seconds = [run["processor_seconds"] for run in record["reference"]]
    assert 0.6 * int(said[1]) <= sum(seconds) / len(seconds) <= 1.4 * int(said[1])


@pytest.mark.parametrize("name", TASKS)
def test_the_text_asks_for_a_little_more_than_the_graders(name: str) -> None:
    """A network that just reaches, on the validation scenes, what text and public check name
    reaches the hidden threshold within the 95 % interval of both sets; and the reference reaches
    the public number from every seed, within the interval of the validation scenes.
    """
    texts = {cell.id: cell.source for cell in _notebook("source", name).cells}
    for task, record in read_calibration(OWN.graders / name / RECORD).items():
        asked, evidence = _asked(name)[task], record["record"]
        assert f"{asked['scenes']:,}" in texts[f"{task}_task"]
        for key, threshold in evidence["thresholds"].items():
            if "at_most" in threshold:
                assert asked[key] == threshold["at_most"]
                continue
            hidden, public = record["scenes"], asked["scenes"]
            if key == "worst_group":
                [[_, hidden]], public = record["also"], asked["rare_scenes"]
            luck = threshold["half_width"] * math.sqrt(hidden / public)
            worst = min(run[threshold["measure"]] for run in evidence["reference"])
            margin = math.hypot(threshold["half_width"], luck)
            assert threshold["at_least"] + margin <= asked[key] <= worst - luck
            number = str(asked[key]) if threshold["measure"] == "iou" else f"{asked[key]:.0%}"
            assert number.replace("%", " %") in texts[f"{task}_task"]


def _asked(name: str) -> Any:
    """What the public checks ask of trained networks."""
    tree = ast.parse((OWN.graders / name / PUBLIC).read_text(encoding="utf-8"))
    given = {ast.unparse(one.targets[0]): one.value for one in tree.body if type(one) is ast.Assign}
    return ast.literal_eval(given["ASKED"])


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_the_release_is_what_nbgrader_generates(name: str, tmp_path: Path) -> None:
    """`nbgrader generate_assignment` on the source gives the committed notebook,
    and puts labkit beside it, with the course's part and the assignment's public checks.
    """
    places = f"graders = {str(OWN.graders)!r}\nlabkit = {str(OWN.labkit)!r}\n"
    (tmp_path / "course.toml").write_text(places)
    shutil.copy(OWN.root / "nbgrader_config.py", tmp_path)
    shutil.copytree(
        OWN.source(name).parent,
        tmp_path / "source" / name,
        ignore=shutil.ignore_patterns("labkit"),
    )
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", name, "--create"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )
    made = tmp_path / "release" / name
    assert (made / "labkit" / "__init__.py").exists()
    assert (made / "labkit" / "course" / "scenes.py").exists()
    public = made / "labkit" / "public.py"
    assert public.read_bytes() == (OWN.graders / name / "public.py").read_bytes()
    assert (made / f"{name}.ipynb").read_text(encoding="utf-8") == _path("release", name).read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_the_untouched_notebook_runs_to_its_end(name: str, tmp_path: Path) -> None:
    """With labkit alone, and nothing else of ours: no uncaught error, no cell that takes long
    unless it says so, and every check cell says on stderr that its task is open.
    """
    found = _executed("release", name, tmp_path)
    checks = [cell for cell, _ in found if cell.id.endswith("_check")]
    assert len(checks) == len(TASKS[name]) - 1
    for cell in checks:
        assert _stream(cell, "stderr").startswith(("✗", "–")), cell.id


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_the_reference_runs_and_holds_its_checks(name: str, tmp_path: Path) -> None:
    """The same with all tasks solved, and no check cell writes to stderr."""
    for cell, _ in _executed("source", name, tmp_path):
        if cell.id.endswith("_check"):
            assert "all public checks hold" in _stream(cell, "stdout"), cell.id
            assert "✗" not in _stream(cell, "stderr"), cell.id


def _executed(kind: str, name: str, folder: Path) -> list[Timed]:
    """The code cells of a notebook after a run as on a student's machine, in which none raised and
    none that only shows something took long without a word.
    """
    found = executed(kind, name, folder)
    for cell, seconds in found:
        assert [one for one in cell.outputs if one.output_type == "error"] == [], cell.id
        said = re.search(r"labkit\.takes\(seconds=(\d+)\)", cell.source)
        if not cell.metadata.nbgrader.solution:
            assert seconds <= (2 * int(said[1]) if said else LIMIT), cell.id
    return found


def _stream(cell: Any, name: str) -> str:
    return "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == name
    )
