"""Whether the thresholds that graders use have a current record:
`verify` refuses those that have none.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from autograder.calibration.plan import Plan, edition, plan_path, read_plans, sources
from autograder.course import Course
from autograder.judge.hidden_side import Grader, HiddenSide


def refusals(course: Course, assignment: str, hidden: HiddenSide) -> list[str]:
    """Why a threshold of the assignment may not be relied on: one sentence for each task
    concerned.
    """
    asking = [task for task, grader in hidden.graders.items() if uses_calibration(grader)]
    if not asking:
        return []
    plans = read_plans(plan_path(course, assignment))
    found = []
    for task in asking:
        why = _refusal(course, assignment, plans.get(task), hidden.calibration.get(task))
        if why:
            found.append(f"{task}: {why}; run autograder calibrate {assignment}")
    return found


def uses_calibration(grader: Grader) -> bool:
    """Whether one of its tests asks for the calibration record."""
    tests = [
        node for node in ast.parse(grader.path.read_text(encoding="utf-8")).body if _is_test(node)
    ]
    return any(argument.arg == "calibration" for test in tests for argument in test.args.args)  # type: ignore[attr-defined]


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def _refusal(
    course: Course, assignment: str, plan: Plan | None, found: Mapping[str, Any] | None
) -> str:
    if plan is None:
        return f"{plan_path(course, assignment)} does not say how its threshold is measured"
    if found is None or "edition" not in found.get("record", {}):
        return "its threshold was never measured"
    if found["record"]["edition"] != edition(course, plan, sources(course, assignment, plan)):
        return (
            "the reference, the plan, the data or the backbone "
            "have changed since its threshold was measured"
        )
    if moved := [limit.name for limit in plan.limits if found.get(limit.name) != limit.at]:
        return f"the plan has moved {', '.join(moved)} since it was measured"
    return "; ".join(found["record"]["problems"])
