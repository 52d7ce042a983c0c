"""What came out otherwise than a recipe says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.proofs.bank import Recipe
from autograder.records import TaskVerdict, Verdict


@dataclass(frozen=True)
class Deviation:
    """One thing that came out otherwise than a recipe says."""

    # "false pass", "false fail", "status", "misconception", "hint", "marker", "threshold",
    # "public check", "cell", "text" or "error"
    kind: str
    task: str
    expected: str
    found: str


def compare(recipe: Recipe, verdict: Verdict) -> list[Deviation]:
    """Where the verdict differs from what the recipe says."""
    found: list[Deviation] = []
    if verdict.status not in recipe.allowed_status:
        reasons = "; ".join([verdict.status, *_broken(verdict)][:4])
        found.append(Deviation("status", "", " or ".join(recipe.allowed_status), reasons))
    for task in verdict.tasks:
        low, high = recipe.score.get(task.task, (1.0, 1.0))
        found += [*_score_outside(low, high, task)]
        ids = named(task)
        if (wanted := recipe.misconception.get(task.task)) and wanted not in ids:
            told = ", ".join(ids) or "none named"
            found.append(Deviation("misconception", task.task, wanted, told))
        if ids and high == low == 1.0:
            found.append(Deviation("misconception", task.task, "none", ", ".join(ids)))
    if (pattern := recipe.hint_should_mention) and not _mentions(pattern, verdict):
        found.append(Deviation("hint", "", pattern, "in no check"))
    return [*found, *_says_nothing(verdict)]


def _says_nothing(verdict: Verdict) -> Iterator[Deviation]:
    """Failed checks that found, in words, just what they expected: the whole of it, or what comes
    after a few words about it.
    """
    for task in verdict.tasks:
        for check in task.checks:
            wanted, got = f" {check.expected}", f" {check.found}"
            same = wanted == got or (len(got.split()) > 1 and wanted.endswith(got))
            if check.ending == "failed" and same:
                yield Deviation("text", task.task, "a finding", f"{check.check}: {check.found}")


def _broken(verdict: Verdict) -> Iterator[str]:
    """What graders themselves stopped with."""
    for task in verdict.tasks:
        for check in task.checks:
            if check.ending == "broken":
                yield f"{task.task}, {check.check}: {check.found}"


def _score_outside(low: float, high: float, task: TaskVerdict) -> Iterator[Deviation]:
    got = share(task)
    wanted = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    if got > high + 1e-9:
        yield Deviation("false pass", task.task, wanted, f"{got:.2f}")
    if got < low - 1e-9:
        why = "; ".join(
            f"{check.check}: {check.found}" for check in task.checks if check.ending != "passed"
        )
        yield Deviation("false fail", task.task, wanted, f"{got:.2f}: {why}")


def _mentions(pattern: str, verdict: Verdict) -> bool:
    """Whether anything that the student reads speaks of it."""
    checks = [check for task in verdict.tasks for check in task.checks]
    said = [f"{check.expected} {check.found} {check.hint}" for check in checks]
    return any(re.search(pattern, text, re.IGNORECASE) for text in (*said, *verdict.remarks))


def named(task: TaskVerdict) -> tuple[str, ...]:
    """The misconceptions that the failed checks of a task name."""
    return tuple(
        sorted(
            {
                check.misconception
                for check in task.checks
                if check.ending == "failed" and check.misconception
            }
        )
    )


def share(task: TaskVerdict) -> float:
    """The share of its points that a task got."""
    return task.score / task.max_score if task.max_score else 0.0


def misprints(executed: Any) -> Iterator[Deviation]:
    """What the cells of an executed reference should not say: that they raised, or that a public
    check is not passed.
    """
    for number, cell in enumerate(executed["cells"], 1):
        role = cell["metadata"].get("nbgrader", {})
        task = str(role.get("grade_id", f"cell {number}"))
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                raised = f"{output['ename']}: {output['evalue']}"
                yield Deviation("cell", task, "one that does not raise", raised)
            if role.get("grade") and not role.get("solution") and output.get("name") == "stderr":
                for line in "".join(output["text"]).splitlines():
                    if line.startswith("✗"):
                        wanted = "one that the reference passes"
                        yield Deviation("public check", task.removesuffix("_check"), wanted, line)
