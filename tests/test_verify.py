"""Verification: what counts as a deviation, and a small bank through real rooms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from answering import OWN
from click.testing import CliRunner

from autograder.bench import open_bench
from autograder.cli.verify import verify_command
from autograder.proofs.bank import Recipe
from autograder.proofs.verify import THRESHOLDS, _refused, compare
from autograder.records import Check, TaskVerdict, Verdict
from autograder.sample import lay_out

ROOT = Path(__file__).parent.parent


def recipe(**wanted: object) -> Recipe:
    """A recipe that replaces the block."""
    return Recipe(Path("mistake.py"), "a mistake", "toy", {"block": ""}, **wanted)  # type: ignore[arg-type]


def verdict(share: float, misconception: str | None = None, status: str = "graded") -> Verdict:
    """A verdict on one task of ten points with two checks."""
    checks = (
        Check("works", "passed", 1.0, "It works."),
        Check(
            "shape",
            "passed" if share == 1 else "failed",
            1.0,
            "The shape.",
            "8×8",
            "4×4",
            "Look at the strides.",
            misconception,
        ),
    )
    task = TaskVerdict("block", 10 * share, 10.0, checks)
    return Verdict("toy", "s", "k", status, "strong", 10 * share, 10.0, 0.0, (task,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found", "kinds"),
    [
        ({}, verdict(1.0), []),
        ({}, verdict(0.5), ["false fail"]),
        ({"score": {"block": (0.0, 0.4)}}, verdict(0.5), ["false pass"]),
        ({"score": {"block": (0.4, 0.6)}}, verdict(0.5), []),
        (
            {"score": {"block": (0.5, 0.5)}, "misconception": {"block": "late"}},
            verdict(0.5, "late"),
            [],
        ),
        (
            {"score": {"block": (0.5, 0.5)}, "misconception": {"block": "late"}},
            verdict(0.5),
            ["misconception"],
        ),
        ({}, verdict(0.5, "late"), ["false fail", "misconception"]),
        ({}, verdict(1.0, status="timeout"), ["status"]),
        ({"allowed_status": ("timeout",)}, verdict(1.0, status="timeout"), []),
        ({"score": {"block": (0.5, 0.5)}, "hint_should_mention": "STRIDES"}, verdict(0.5), []),
        (
            {"score": {"block": (0.5, 0.5)}, "hint_should_mention": "padding"},
            verdict(0.5),
            ["hint"],
        ),
    ],
)
def test_what_comes_out_otherwise_is_named(
    wanted: dict[str, object], found: Verdict, kinds: list[str]
) -> None:
    """Scores above and below the range, statuses, misconceptions named or not, hints."""
    assert [deviation.kind for deviation in compare(recipe(**wanted), found)] == kinds


def test_a_threshold_without_a_record_is_refused(tmp_path: Path) -> None:
    """A grader that uses a threshold, and a course in which it was never measured:
    told with what to do.
    """
    name = "residual_networks"
    course = lay_out(OWN, tmp_path, [name])
    (course.graders / name / "calibration.json").write_text("{}", encoding="utf-8")

    [outcome] = _refused(open_bench(course, name))
    assert (outcome.name, [deviation.kind for deviation in outcome.deviations]) == (
        THRESHOLDS,
        ["threshold"],
    )
    assert (
        "train_classifier: its threshold was never measured; run autograder calibrate"
        in outcome.deviations[0].found
    )


@pytest.mark.slow
def test_a_small_bank_through_real_rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right and wrong submissions come out as they should,
    and a recipe that expects too much is found out.
    """
    bank = tmp_path / "residual_networks"
    bank.mkdir()
    for name in ("adds_tensor_to_itself", "arithmetic_with_ceil", "unet_skip_after_pooling"):
        source = ROOT / "tests" / "bank" / "residual_networks" / f"{name}.py"
        (bank / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    spoilt = (
        '"""Forgets everything.\n---\nassignment = "residual_networks"\n---\n"""\n'
        "# %% conv_arithmetic\npass\n"
    )
    (bank / "expects_too_much.py").write_text(spoilt, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    written = tmp_path / "out.json"
    result = CliRunner().invoke(
        verify_command, ["residual_networks", "--bank", str(tmp_path), "--json", str(written)]
    )
    outcomes = json.loads(written.read_text(encoding="utf-8"))["residual_networks"]
    wrong = {
        outcome["name"]: [d["kind"] for d in outcome["deviations"]]
        for outcome in outcomes
        if outcome["deviations"]
    }
    assert wrong == {"expects_too_much": ["false fail"]}
    assert len(outcomes) == 6
    named = {
        outcome["name"]: outcome["misconceptions"].get("residual_block", []) for outcome in outcomes
    }
    assert named["adds_tensor_to_itself"] == ["adds_tensor_to_itself"]
    assert named["(reference)"] == []
    assert result.exit_code == 1
