"""The class report: one page for the instructor, without scripts, everything escaped."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course import Assignment
from autograder.files import write
from autograder.grading.results import NEEDS_A_PERSON, NEVER_RAN, percent, weakest
from autograder.records import Check, TaskVerdict, Verdict

BINS = 10
REASON_LIMIT = 240  # characters


def write_report(
    path: Path,
    assignment: Assignment,
    verdicts: Sequence[Verdict],
    problems: Mapping[str, str] | None = None,
) -> None:
    """Write the report on these verdicts; `problems` are the students without one, and why."""
    loader = PackageLoader("autograder.grading")
    page = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters["share"] = lambda task: task.score / task.max_score if task.max_score else 0.0
    write(
        path,
        page.get_template("report.html.j2").render(
            **_content(assignment, verdicts, problems or {})
        ),
    )


def _content(
    assignment: Assignment, verdicts: Sequence[Verdict], problems: Mapping[str, str]
) -> dict[str, Any]:
    ran = [verdict for verdict in verdicts if verdict.status not in NEVER_RAN]
    return {
        "assignment": assignment,
        "generated_at": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "verdicts": verdicts,
        "problems": problems,
        "mean": percent(verdicts),
        "median": _median(ran),
        "histogram": _histogram(ran),
        "tasks": [task_row(task.id, ran) for task in assignment.graded],
        "statuses": Counter(verdict.status for verdict in verdicts),
        "people": people(verdicts),
        "misconceptions": _misconceptions(verdicts),
        "failed": _failed(verdicts),
        "incidents": [(verdict.student, verdict.incidents) for verdict in verdicts],
        "remarks": [(verdict.student, _other_remarks(verdict)) for verdict in ran],
        "isolation": weakest(verdict.isolation for verdict in verdicts),
        "seconds": sorted((verdict.seconds for verdict in ran), reverse=True),
        "slowest": sorted(ran, key=lambda verdict: -verdict.seconds)[:5],
    }


def _other_remarks(verdict: Verdict) -> list[str]:
    """What does not stand among the incidents already."""
    return [remark for remark in verdict.remarks if remark not in verdict.incidents]


def _median(verdicts: Sequence[Verdict]) -> float:
    """In per cent of the points."""
    return median([100 * v.score / v.max_score for v in verdicts if v.max_score] or [0.0])


def people(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, list[str]]]:
    """The verdicts that wait for a person, and why."""
    return [(one, reasons(one)) for one in verdicts if one.status in NEEDS_A_PERSON]


def _histogram(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """How many students reach 0–10 %, 10–20 %, … of the points; the last bin holds 100 % too."""
    shares = [verdict.score / verdict.max_score for verdict in verdicts if verdict.max_score]
    counts = Counter(min(int(share * BINS + 1e-9), BINS - 1) for share in shares)
    most = max(counts.values(), default=1)
    return [
        {
            "label": f"{10 * bin_}–{10 * bin_ + 10}",
            "count": counts[bin_],
            "height": round(100 * counts[bin_] / most),
        }
        for bin_ in range(BINS)
    ]


def task_row(task: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The mean of a task in per cent, and how many have all of its points, and none."""
    found = [one for verdict in verdicts for one in verdict.tasks if one.task == task]
    shares = [one.score / one.max_score for one in found if one.max_score]
    return {
        "task": task,
        "mean": 100 * sum(shares) / len(shares) if shares else 0.0,
        "full": sum(share >= 1 for share in shares),
        "zero": sum(share == 0 for share in shares),
    }


def _misconceptions(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Known mistakes by the number of students who made them, with the task and a hint."""
    who: dict[tuple[str, str], set[str]] = {}
    hints: dict[tuple[str, str], str] = {}
    for verdict, task, check in _checks(verdicts):
        if check.misconception and check.ending == "failed":
            who.setdefault((task.task, check.misconception), set()).add(verdict.student)
            hints[task.task, check.misconception] = check.hint
    rows = [
        {"task": t, "id": m, "students": sorted(s), "hint": hints[t, m]}
        for (t, m), s in who.items()
    ]
    return sorted(rows, key=lambda row: (-len(row["students"]), row["task"], row["id"]))[:20]


def _failed(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Checks by the number of students who failed them."""
    count: Counter[tuple[str, str, str]] = Counter()
    seen: Counter[tuple[str, str, str]] = Counter()
    for _, task, check in _checks(verdicts):
        name = (task.task, check.check, check.sentence)
        seen[name] += 1
        count[name] += check.ending == "failed"
    rows = [(count[name], seen[name], *name) for name in count if count[name]]
    ordered = sorted(rows, key=lambda row: (-row[0], row[2:]))[:20]
    return [
        {"count": n, "of": of, "task": t, "check": c, "sentence": s} for n, of, t, c, s in ordered
    ]


def reasons(verdict: Verdict) -> list[str]:
    """Why a person has to look: a line for each task, with the first reason,
    or what was noticed where nothing ran.
    """
    held = {
        task.task: [check for check in task.checks if check.ending == "broken"]
        for task in verdict.tasks
    }
    return [_reason(task, checks) for task, checks in held.items() if checks] or list(
        verdict.remarks
    )


def _reason(task: str, checks: Sequence[Check]) -> str:
    found = (
        checks[0].found
        if len(checks[0].found) <= REASON_LIMIT
        else f"{checks[0].found[: REASON_LIMIT - 1]}…"
    )
    others = f" (and {len(checks) - 1} more of its checks)" if len(checks) > 1 else ""
    return f"{task}, {checks[0].check}: {found}{others}"


def _checks(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, TaskVerdict, Check]]:
    return [
        (verdict, task, check)
        for verdict in verdicts
        for task in verdict.tasks
        for check in task.checks
    ]
