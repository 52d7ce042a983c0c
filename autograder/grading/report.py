"""The class report: one page for the instructor, without scripts, everything escaped."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.course import Assignment, Course, valid_name
from autograder.files import write
from autograder.grading.booking import feedback_page
from autograder.grading.grades import Grades
from autograder.grading.items import items, resting_on_reports
from autograder.grading.results import NEEDS_A_PERSON, NEVER_RAN, weakest
from autograder.grading.seen import Change
from autograder.grading.standing import Standing, mean, not_in_it, reasons, standings
from autograder.records import Check, TaskVerdict, Verdict

BINS = 10
_SLOWEST = 5
_WORDS = {"missing": "without a notebook"}  # of a status, where the page says it otherwise
_MAY_BREAK = re.compile(r"(?<=[._\-@])")


@dataclass(frozen=True)
class Known:
    """What is known of a class besides the verdicts."""

    problems: Mapping[str, str] | None = None  # the students without a verdict, and why
    grades: Grades | None = None
    without: str = ""  # why there are no grades
    changes: Sequence[Change] = ()
    course: Course | None = None  # in which there are pages and folders to lead to


@dataclass(frozen=True)
class Summary:
    """A report in a line."""

    assignment: str
    generated_at: str
    submissions: int
    mean: float | None  # in per cent; None where nobody has any points yet
    counted: int  # whom the mean speaks of
    waiting: int  # for a person
    to_mark: int  # written answers


def write_report(
    path: Path, assignment: Assignment, verdicts: Sequence[Verdict], known: Known | None = None
) -> Summary:
    """Write the report on these verdicts; what stands at its top."""
    known = known or Known()
    class_ = standings(assignment.tasks, verdicts, known.problems or {}, known.grades)
    summary = _summary(assignment, verdicts, class_)
    content = _content(assignment, verdicts, class_, known)
    write(path, page("report.html.j2", summary=summary, **content))
    return summary


def alike_page(course: Course, assignment: str) -> Path:
    """Where the page on answers that are alike lies; it need not exist."""
    return course.runs / f"{assignment}-alike.html"


def page(template: str, **content: Any) -> str:
    """A page of ours, its content escaped."""
    environment = Environment(
        loader=PackageLoader("autograder.grading"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    environment.filters["number"] = number
    environment.filters["words"] = lambda text: _WORDS.get(text, text.replace("_", " "))
    return environment.get_template(template).render(**content)


def breakable(text: str) -> Markup:
    """A name that may break after its dots, underscores and hyphens, and nowhere else."""
    return Markup("<wbr>").join(part for part in _MAY_BREAK.split(text) if part)


def number(value: float) -> str:
    """Points as people write them: 8, 7.25."""
    return f"{round(value, 2) + 0.0:g}"


def people(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, list[str]]]:
    """The verdicts that wait for a person, and why."""
    return [(one, reasons(one)) for one in verdicts if one.status in NEEDS_A_PERSON]


def task_row(task: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The mean of a task in per cent, and how many have all of its points, and none."""
    found = [one for verdict in verdicts for one in verdict.tasks if one.task == task]
    return _shares(task, [(one.score, one.max_score) for one in found])


def _shares(task: str, found: Sequence[tuple[float, float]]) -> dict[str, Any]:
    shares = [score / most for score, most in found if most]
    return {
        "task": task,
        "of": len(shares),
        "mean": 100 * sum(shares) / len(shares) if shares else 0.0,
        "full": sum(share >= 1 for share in shares),
        "zero": sum(share <= 0 for share in shares),
    }


def _summary(
    assignment: Assignment, verdicts: Sequence[Verdict], class_: Sequence[Standing]
) -> Summary:
    counted = sum(one.share is not None for one in class_)
    return Summary(
        assignment.name,
        dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        len(verdicts),
        mean(class_) if counted else None,
        counted,
        sum(bool(one.whys) for one in class_),
        sum(one.to_mark for one in class_),
    )


def _content(
    assignment: Assignment, verdicts: Sequence[Verdict], class_: Sequence[Standing], known: Known
) -> dict[str, Any]:
    ran = [verdict for verdict in verdicts if verdict.status not in NEVER_RAN]
    tasks = assignment.tasks if known.grades else assignment.graded
    checks = items(ran)
    return {
        "assignment": assignment,
        "tasks": tasks,
        "known": known,
        "alike": known.course and alike_page(known.course, assignment.name),
        "rows": _rows(assignment.name, class_, known),
        "filters": _filters(class_, known),
        "median": 100 * median([one.share for one in class_ if one.share is not None] or [0.0]),
        "left_out": not_in_it(class_),
        "histogram": _histogram([one.share for one in class_ if one.share is not None]),
        "by_task": [_task_row(task.id, class_) for task in tasks],
        "on_reports": resting_on_reports(ran),
        "misconceptions": _misconceptions(verdicts),
        "checks": [one for one in checks if set(one.endings) - {"passed"}],
        "easy": [one for one in checks if not set(one.endings) - {"passed"}],
        "incidents": [(verdict.student, verdict.incidents) for verdict in verdicts],
        "remarks": [(verdict.student, _other_remarks(verdict)) for verdict in ran],
        "isolation": weakest(verdict.isolation for verdict in verdicts),
        "seconds": [verdict.seconds for verdict in ran],
        "slowest": sorted(ran, key=lambda verdict: -verdict.seconds)[:_SLOWEST],
    }


# --- the table of students ---------------------------------------------------------------------


def _rows(assignment: str, class_: Sequence[Standing], known: Known) -> list[dict[str, Any]]:
    """A row for each, with its places in all orders, the filters that it passes, and links."""
    by_task = zip(*(one.cells for one in class_), strict=True)
    orders = [
        _places([one.score if one.ran else None for one in class_]),
        *(_places([cell.score for cell in cells]) for cells in by_task),
    ]
    changed = {change.student for change in known.changes}
    return [
        {
            "one": one,
            "places": [order[place] for order in orders],
            "kinds": _kinds(one, changed),
            **_links(assignment, one.student, known.course),
        }
        for place, one in enumerate(class_)
    ]


def _links(assignment: str, student: str, course: Course | None) -> dict[str, str]:
    """The ways to page and run folder from where reports lie; "" where there is none."""
    if course is None or not valid_name(student):
        return {"feedback": "", "run": ""}
    places = {
        "feedback": feedback_page(course, assignment, student),
        "run": course.run_dir(assignment, student),
    }
    return {
        name: quote(os.path.relpath(path, course.runs)) if path.exists() else ""
        for name, path in places.items()
    }


def _places(scores: Sequence[float | None]) -> list[int]:
    """Who comes where, most points first; those without any come last, equals as they are."""
    values = [-1.0 if score is None else score for score in scores]
    order = sorted(range(len(scores)), key=lambda at: -values[at])
    return sorted(range(len(order)), key=order.__getitem__)


def _kinds(one: Standing, changed: set[str]) -> list[str]:
    kinds = {"person": bool(one.whys), "mark": bool(one.to_mark), "out": not one.ran}
    kinds |= {"changed": one.student in changed, "hand": any(cell.by_hand for cell in one.cells)}
    short = [f"not-{at}" for at, cell in enumerate(one.cells) if cell.kind != "full"]
    return [*(kind for kind, holds in kinds.items() if holds), *short]


def _filters(class_: Sequence[Standing], known: Known) -> list[tuple[str, str, int]]:
    """Kind, words and number of students; those that would show nobody are left out."""
    changed = {change.student for change in known.changes}
    count = Counter(kind for one in class_ for kind in _kinds(one, changed))
    words = {
        "person": "needs a person",
        "mark": "answers to mark",
        "out": "nothing to grade",
        "hand": "set by hand",
        "changed": "changed",
    }
    return [(kind, said, count[kind]) for kind, said in words.items() if count[kind]]


# --- tasks and checks --------------------------------------------------------------------------


def _task_row(task: str, class_: Sequence[Standing]) -> dict[str, Any]:
    """As graded: with what a person changed."""
    cells = [cell for one in class_ for cell in one.cells if cell.task == task]
    return _shares(task, [(one.score, one.max_score) for one in cells if one.score is not None])


def _histogram(shares: Sequence[float]) -> list[dict[str, Any]]:
    """How many students reach 0–10 %, 10–20 %, … of the points; the last bin holds 100 % too."""
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


def _other_remarks(verdict: Verdict) -> list[str]:
    """What does not stand among the incidents already."""
    return [remark for remark in verdict.remarks if remark not in verdict.incidents]


def _checks(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, TaskVerdict, Check]]:
    return [
        (verdict, task, check)
        for verdict in verdicts
        for task in verdict.tasks
        for check in task.checks
    ]
