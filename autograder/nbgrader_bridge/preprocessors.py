"""What stands in nbgrader's lists of preprocessors:
the rooms, the verdict, and harmless markdown.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import functools
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool

from autograder.bench import open_bench
from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.grading.booking import entry_parts, penalty_rule, read_entries
from autograder.grading.results import NEVER_RAN
from autograder.grading.stages import (
    ensure_verdict,
    executed_notebook,
    open_rooms,
    stored_verdict,
)
from autograder.grading.wording import told_time
from autograder.nbgrader_bridge.checks import checks_html, checks_text
from autograder.nbgrader_bridge.feedback import safe_markdown
from autograder.nbgrader_bridge.keeping import AtOnce
from autograder.records import TaskVerdict, Verdict
from autograder.rooms.folder import NOT_RUN
from autograder.rooms.seam import Rooms
from autograder.submissions.leaning import named
from autograder.submissions.rebuilding import sections


class RunRooms(NbGraderPreprocessor):
    """In place of nbgrader's `Execute`: runs and judges the submission in rooms,
    or takes the stored verdict.
    """

    stored_only = Bool(False, help="Take the verdict as it is stored and never open a room.").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put the outputs of the run into the notebook,
        and the table of checks under each check cell.
        """
        names = resources["nbgrader"]
        course = find_course(Path(self.parent.parent.coursedir.root))  # exporter, converter
        if names["notebook"] != names["assignment"]:
            raise UsageError(
                f"expected one notebook, {names['assignment']}.ipynb, "
                f"found {names['notebook']}.ipynb too"
            )
        verdict = self._verdict(course, names["assignment"], names["student"])
        _put_outputs(nb, course.run_dir(verdict.assignment, verdict.student))
        above: list[TaskVerdict] = []
        uses = _uses(nb)
        for task, cell in _check_cells(nb, verdict):
            html, text = checks_html(task, above, uses), checks_text(task, above, uses)
            cell.outputs = [_display({"text/html": html, "text/plain": text})]
            above.append(task)
        nb.metadata["autograder"] = {
            "status": verdict.status,
            "judged": _judged(course.run_dir(verdict.assignment, verdict.student)),
            "isolation": verdict.isolation,
            "remarks": list(verdict.remarks),
        }
        resources["verdict"] = verdict
        return nb, resources

    def _verdict(self, course: Course, assignment: str, student: str) -> Verdict:
        if self.stored_only:
            return stored_verdict(course, assignment, student)
        return ensure_verdict(open_bench(course, assignment), student, _rooms(course.root))


class SaveVerdict(SaveAutoGrades, AtOnce):
    """In place of nbgrader's `SaveAutoGrades`: a check cell's points come from the verdict,
    never from its outputs.
    """

    same_answers = Bool(
        False, help="They are those of the last time: who marked them need not look again."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write the points of all graded cells into the gradebook."""
        self.verdict: Verdict = resources["verdict"]
        done: tuple[Any, Any] = super().preprocess(nb, resources)
        return done

    def _add_score(self, cell: Any, resources: Any) -> None:
        """Points for what is established; what only a person can settle waits for one,
        and is no zero until then.
        """
        grade_id = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        marked = grade.manual_score is not None and not grade.needs_manual_grade
        before = grade.auto_score
        self._add_own_score(grade, cell, resources)
        if self.same_answers and marked and grade.auto_score == before:
            grade.needs_manual_grade = False

    def _add_own_score(self, grade: Any, cell: Any, resources: Any) -> None:
        nothing_read = self.verdict.status in NEVER_RAN
        if utils.is_solution(cell) and not nothing_read:
            super()._add_score(cell, resources)
            return
        points = float(cell.metadata.nbgrader["points"])
        task = _task(self.verdict, cell.metadata.nbgrader["grade_id"])
        score = _points(task, points)
        held = score is None or nothing_read or _broken(task)
        grade.auto_score = (score or None) if held else score
        grade.needs_manual_grade = held or grade.manual_score is not None


class AssignPenalty(AssignLatePenalties):
    """nbgrader's `AssignLatePenalties`, after which everything is entered: the notebook keeps what
    that was made from.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Have the plug-in asked, and write down what the entry depends on."""
        nb, resources = super().preprocess(nb, resources)
        courses, names = self.parent.parent.coursedir, resources["nbgrader"]
        with Gradebook(names["db_url"], courses.course_id) as gradebook:
            entry = read_entries(gradebook, names["assignment"], names["student"])[names["student"]]
        nb.metadata["autograder"]["entered"] = entry_parts(
            find_course(Path(courses.root)),
            names["assignment"],
            names["student"],
            entry,
            penalty_rule(self.config) if entry.seconds_late else "",
        )
        return nb, resources


class CheckMetadata(CheckCellMetadata):
    """nbgrader's `CheckCellMetadata`, which looks at the same metadata once: after a rebuild they
    are the course's, so those of all students are the same.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Raise if a cell's metadata are not as nbgrader needs them."""
        found = json.dumps([(cell.cell_type, cell.metadata.get("nbgrader")) for cell in nb.cells])
        if found not in _CHECKED:
            super().preprocess(nb, resources)
            _CHECKED.clear()
            _CHECKED.add(found)
        return nb, resources


_CHECKED: set[str] = set()  # the last that were in order, of the notebook being graded


class DropStderr(NbGraderPreprocessor):
    """For `nbgrader validate`, which takes a line on stderr for a failure:
    TensorFlow writes there when it starts.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:  # noqa: ARG002
        """Keep the outputs that say something about the answer."""
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        return cell, resources


class SafeMarkdown(NbGraderPreprocessor):
    """Before a notebook becomes a page: markdown that is not the course's
    own comes out without anything active.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:  # noqa: ARG002
        """Replace the source by its own rendering, as one line of harmless HTML;
        once, whoever lists this twice.
        """
        origin = cell.metadata.get("autograder", {}).get("text")
        if cell.cell_type != "code" and origin not in {"course", "made safe"}:
            cell.source = safe_markdown(cell.source)
            cell.cell_type = "markdown"
            cell.metadata["autograder"] = {"text": "made safe"}
            cell.pop("attachments", None)
        return cell, resources


def _judged(folder: Path) -> str:
    """When the verdict was written, in words."""
    seconds = (folder / "verdict.json").stat().st_mtime
    return told_time(dt.datetime.fromtimestamp(seconds, dt.UTC))


@functools.cache
def _rooms(root: Path) -> Rooms:
    """Warm rooms for as long as this process lasts, closed enough for the course."""
    from autograder.grading.hands import demand_isolation

    course = find_course(root)
    stack = contextlib.ExitStack()
    rooms = stack.enter_context(open_rooms(course))
    atexit.register(stack.close)
    demand_isolation(course, rooms.isolation)
    return rooms


def _put_outputs(nb: Any, folder: Path) -> None:
    """Copy the outputs of the run, as far as they are text and pixels, into the cells of the same
    source; cells that were left out say so.
    """
    ran = executed_notebook(folder)
    if ran is None:
        return
    for cell, other in zip(nb.cells, ran.cells, strict=False):
        if cell.cell_type == other.cell_type == "code" and cell.source == other.source:
            cell.execution_count = other.execution_count
            if other.metadata.get(NOT_RUN):
                cell.metadata.setdefault("autograder", {})["not_run"] = True
            cell.outputs = [
                plain for output in other.outputs if (plain := _plain(output)) is not None
            ]


def _plain(output: Any) -> Any:
    if output.output_type in {"stream", "error"}:
        return output
    data = {kind: text for kind, text in output.data.items() if kind in {"text/plain", "image/png"}}
    return _display(data) if data else None


def _display(data: dict[str, Any]) -> Any:
    return nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})


def _check_cells(nb: Any, verdict: Verdict) -> list[tuple[TaskVerdict, Any]]:
    cells = [cell for cell in nb.cells if utils.is_grade(cell) and not utils.is_solution(cell)]
    found = [
        (_task(verdict, cell.metadata.nbgrader["grade_id"]), cell)
        for cell in cells
        if cell.cell_type == "code"
    ]
    return [(task, cell) for task, cell in found if task is not None]


def _uses(nb: Any) -> dict[str, set[str]]:
    """For each task the earlier ones that bind a name which its answer reads. Other cells of a
    section are left out: `x` and `model` are called so in many.
    """
    answers = [
        replace(section, cells=tuple(n for n in section.cells if utils.is_solution(nb.cells[n])))
        for section in sections(nb)
    ]
    return named(answers, nb.cells, {}, {})


def _task(verdict: Verdict, grade_id: str) -> TaskVerdict | None:
    name = grade_id.removesuffix("_check")
    return next((task for task in verdict.tasks if task.task == name), None)


def _points(task: TaskVerdict | None, points: float) -> float | None:
    """The task's share of the cell's points;
    None where the verdict says nothing sensible about it.
    """
    if task is None or not math.isfinite(task.score) or task.max_score <= 0:
        return None
    return min(max(task.score / task.max_score, 0.0), 1.0) * points


def _broken(task: TaskVerdict | None) -> bool:
    return task is None or any(check.ending == "broken" for check in task.checks)
