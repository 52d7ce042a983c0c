"""Runs one submission in student rooms and keeps what the graders' questions were answered with.

The sections run in their order; after each one its task's questions are asked. What ends a room (a
crash, a deadline, too much memory or output) costs the task at fault only: a room is opened anew
without that section, for the questions that are still open.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.notebook import Rebuilt, Section
from autograder.questions import to_data
from autograder.records import CellError, Run, SectionRun, Status, to_json
from autograder.rooms.folder import check_name, collect, note, room_folder
from autograder.rooms.kernel import Died, Kernel, plain_json, run_alone
from autograder.rooms.limits import Limits
from autograder.rooms.outputs import Outputs

_NOTEBOOK_BUDGETS = 8  # output of a whole notebook, in budgets of a cell
_STOP_BUDGETS = 8  # output of one cell at which it is stopped
_DEATHS = 2  # rooms that the questions of one task may cost
_SMALL_SECONDS = 15.0  # for requests that only our own code works on


def run_submission(
    rebuilt: Rebuilt,
    assignment: str,
    student: str,
    questions: Mapping[str, Mapping[str, Any]],
    needs: Mapping[str, Iterable[str]],
    out_dir: Path,
    rooms: Any,
    limits: Limits,
    seed: int,
    tasks: Iterable[str] | None = None,
    key: str = "",
) -> Run:
    """Run the notebook, ask the questions, and publish run.json,
    executed.ipynb, rebuilt.ipynb and artefacts/.

    With `tasks` only these are asked about, and only the sections that they need run. The status is
    "graded" if any question got an answer, even an error, or nothing went wrong; "timeout" if the
    whole submission ran out of time; else that of the first section that ended its room. What
    became of each section stands in its own status: "error" if a cell other than a check raised.
    `out_dir` appears whole, in place of an older one, or not at all.

    Raises:
        RoomError: a room did not open, for a reason of ours.
        UsageError: a question's name can't be the name of a file.
    """
    wanted = {task: _data(questions.get(task, {})) for task in _ordered(rebuilt.sections)}
    for task in questions:
        for name in (task, *questions[task]):
            check_name(name)
    asked = set(wanted) if tasks is None else set(tasks)
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    workplace = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
    try:
        session = _Session(
            rebuilt=rebuilt,
            needs={task: tuple(needs.get(task, ())) for task in wanted},
            out=workplace,
            rooms=rooms,
            limits=limits,
            seed=seed,
            open={task: dict(wanted[task]) for task in wanted if task in asked},
        )
        run_alone(session.work())
        run = session.account(assignment, student, key)
        _write(workplace, rebuilt, session, run)
        _publish(workplace, out_dir)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    return run


@dataclass
class _Session:
    """One submission on its way through as many rooms as it takes."""

    rebuilt: Rebuilt
    needs: dict[str, tuple[str, ...]]
    out: Path
    rooms: Any
    limits: Limits
    seed: int
    open: dict[str, dict[str, Any]]  # questions without an answer yet, by task
    begin: float = field(default_factory=time.monotonic)
    cell_seconds: float = 0.0
    output_left: int = 0
    # cell: outputs, execution count
    outputs: dict[int, tuple[list[Any], int | None]] = field(default_factory=dict)
    finished: dict[str, SectionRun] = field(default_factory=dict)
    # rooms that ended in a task's section or questions
    dead: dict[str, int] = field(default_factory=dict)
    cast_out: set[str] = field(default_factory=set)  # tasks whose section runs no more
    died: list[Died] = field(default_factory=list)
    answered: int = 0
    remarks: list[str] = field(default_factory=list)
    over: Status | None = None  # nothing more can be run, and this is why

    async def work(self) -> None:
        """Open rooms until each question has an answer or can't have one."""
        self.output_left = _NOTEBOOK_BUDGETS * self.limits.output_bytes
        tasks, whole = set(self.open), set(self.open) == set(self.needs)
        while self.over is None:
            # A student's cells may lean on any earlier one,
            # so a whole notebook is run again up to what is left of it.
            await self._one_room(self._up_to(tasks) if whole else self._closure(tasks))
            tasks = {
                task for task, waiting in self.open.items() if waiting and task not in self.cast_out
            }
            if not tasks:
                break

    def account(self, assignment: str, student: str, key: str) -> Run:
        """The record of it all."""
        nothing = self.died and not self.answered
        status: Status = self.over or (self.died[0].status if nothing else "graded")
        ran = _ordered(self.rebuilt.sections)
        return Run(
            assignment=assignment,
            student=student,
            key=key,
            seed=self.seed,
            status=status,
            isolation=str(self.rooms.isolation),
            seconds=round(time.monotonic() - self.begin, 3),
            cell_seconds=round(self.cell_seconds, 3),
            sections=tuple(
                self.finished.get(task) or SectionRun(task, "skipped", 0.0) for task in ran
            ),
            remarks=(*self.rebuilt.remarks, *dict.fromkeys(self.remarks)),
        )

    async def _one_room(self, tasks: set[str]) -> None:
        """Run the sections of these tasks in a new room, up to its end,
        and bring the answers home.
        """
        brought: list[tuple[str, str]] = []
        with room_folder(self.rooms.data) as folder:
            kernel = Kernel(self.rooms, folder, self.limits)
            try:
                await kernel.open(self.seed)
                for section in self.rebuilt.sections:
                    if section.task is None or (
                        section.task in tasks and section.task not in self.cast_out
                    ):
                        await self._run_section(kernel, section)
                        await self._ask(kernel, section.task, brought)
            except Died as died:
                self.died.append(died)
                if self._time_left() <= 0:
                    self.over = "timeout"
                    self.remarks.append(
                        f"the whole notebook ran out of its {self.limits.submission_seconds:.0f} s"
                    )
            finally:
                await kernel.close()  # before anything is read: nobody writes any more
            for task, name in brought:
                collect(folder / "answers", self.out / "artefacts", task, name)

    async def _run_section(self, kernel: Kernel, section: Section) -> None:
        begin = time.monotonic()
        error: CellError | None = None
        try:
            await kernel.request({"do": "enter", "task": section.task}, _SMALL_SECONDS)
            for index in section.cells:
                found = await self._run_cell(kernel, index, section.task)
                error = error or found
            # a cell with `exit()` ends the kernel only now
            await kernel.request({"do": "leave"}, _SMALL_SECONDS)
        except Died as died:
            error = CellError(died.name, died.text)
            self._note(section, died, time.monotonic() - begin, error)
            raise
        if section.task is not None and section.task not in self.finished:
            seconds = round(time.monotonic() - begin, 3)
            self.finished[section.task] = SectionRun(
                section.task, "error" if error else "done", seconds, error
            )

    def _note(self, section: Section, died: Died, seconds: float, error: CellError) -> None:
        """Write down that a section ended its room."""
        if section.task is None:
            self.over = died.status
            return
        self.cast_out.add(section.task)
        if section.task not in self.finished:
            self.finished[section.task] = SectionRun(
                section.task, died.status, round(seconds, 3), error
            )

    async def _run_cell(self, kernel: Kernel, index: int, task: str | None) -> CellError | None:
        cell = self.rebuilt.notebook.cells[index]
        if cell.cell_type != "code" or not cell.source.strip():
            return None
        budget = min(self.limits.output_bytes, self.output_left)
        outputs = Outputs(budget, _STOP_BUDGETS * self.limits.output_bytes)
        begin = time.monotonic()
        count: int | None = None
        reply: Mapping[str, Any] = {}
        try:
            reply = await kernel.execute(
                cell.source, self._seconds(self.limits.cell_seconds), outputs
            )
            count = (
                reply.get("execution_count")
                if isinstance(reply.get("execution_count"), int)
                else None
            )
        except Died as died:
            outputs.stop(died.name, died.text)
            self.remarks.append(f"cell {index + 1} ({task or 'start'}): {died.text}")
            raise
        finally:
            self.cell_seconds += time.monotonic() - begin
            if index not in self.outputs:
                self.output_left -= outputs.kept
                self.outputs[index] = (outputs.finished(), count)
        if reply.get("status") != "error" or _is_check(cell):
            return None
        told = (await kernel.request({"do": "error"}, _SMALL_SECONDS)).get("error")
        return _cell_error(told) or _cell_error(
            {"type": reply.get("ename"), "message": reply.get("evalue")}
        )

    async def _ask(self, kernel: Kernel, task: str | None, brought: list[tuple[str, str]]) -> None:
        for name, question in list(self.open.get(task or "", {}).items()):
            assert task is not None
            seconds = self._seconds(min(question.get("seconds", 60), self.limits.question_seconds))
            seed = zlib.crc32(f"{self.seed}/{task}/{name}".encode())
            about = {"task": task, "name": name, "question": question, "seed": seed}
            try:
                reply = await kernel.request({"do": "ask", "about": about}, seconds)
            except Died as died:
                del self.open[task][name]
                self._note_question(task, name, died)
                raise
            del self.open[task][name]
            if "failed" in reply:
                note(self.out / "artefacts", task, name, "crashed", str(reply["failed"])[:2000])
            else:
                self.answered += 1
                brought.append((task, name))

    def _note_question(self, task: str, name: str, died: Died) -> None:
        note(
            self.out / "artefacts",
            task,
            name,
            "timeout" if died.status == "timeout" else "crashed",
            died.text,
        )
        self.remarks.append(f"{task}, «{name}»: {died.text}")
        self.dead[task] = self.dead.get(task, 0) + 1
        if self.dead[task] >= _DEATHS:
            for other in self.open[task]:
                text = f"not tried, since {_DEATHS} others ended the room"
                note(self.out / "artefacts", task, other, "not_asked", text)
            self.open[task].clear()

    def _up_to(self, tasks: set[str]) -> set[str]:
        """The tasks of all sections up to the last of these."""
        order = _ordered(self.rebuilt.sections)
        last = max((order.index(task) for task in tasks if task in order), default=-1)
        return set(order[: last + 1]) | tasks

    def _closure(self, tasks: set[str]) -> set[str]:
        """The tasks and all that they need, in turn."""
        found: set[str] = set()
        waiting = list(tasks)
        while waiting:
            if (task := waiting.pop()) not in found:
                found.add(task)
                waiting += self.needs.get(task, ())
        return found

    def _seconds(self, limit: float) -> float:
        return max(0.05, min(limit, self._time_left()))

    def _time_left(self) -> float:
        return self.limits.submission_seconds - (time.monotonic() - self.begin)


def _ordered(sections: Iterable[Section]) -> list[str]:
    return [section.task for section in sections if section.task is not None]


def _data(questions: Mapping[str, Any]) -> dict[str, Any]:
    data = {
        name: question if isinstance(question, dict) else to_data(question)
        for name, question in questions.items()
    }
    plain: dict[str, Any] = plain_json(data)
    return plain


def _is_check(cell: Any) -> bool:
    nbgrader = cell.metadata.get("nbgrader", {})
    return bool(nbgrader.get("grade") and not nbgrader.get("solution"))


def _cell_error(told: Any) -> CellError | None:
    if not isinstance(told, dict):
        return None
    through = told.get("through")
    explanation = told.get("explanation")
    return CellError(
        type=str(told.get("type"))[:200],
        message=str(told.get("message"))[:2000],
        explanation=None if explanation is None else str(explanation)[:1000],
        through=(
            tuple(str(task)[:200] for task in through[:100]) if isinstance(through, list) else ()
        ),
    )


def _write(folder: Path, rebuilt: Rebuilt, session: _Session, run: Run) -> None:
    (folder / "artefacts").mkdir(exist_ok=True)
    nbformat.write(rebuilt.notebook, folder / "rebuilt.ipynb")
    executed = nbformat.from_dict(rebuilt.notebook)
    for index, (outputs, count) in session.outputs.items():
        executed.cells[index].outputs = outputs
        executed.cells[index].execution_count = count
    nbformat.write(executed, folder / "executed.ipynb")
    (folder / "run.json").write_text(to_json(run), encoding="utf-8")


def _publish(workplace: Path, out_dir: Path) -> None:
    workplace.chmod(0o755)
    if out_dir.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-old-", dir=out_dir.parent))
        out_dir.rename(old / "run")
        workplace.rename(out_dir)
        shutil.rmtree(old, ignore_errors=True)
    else:
        workplace.rename(out_dir)
