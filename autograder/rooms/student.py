"""Runs one submission in student rooms and keeps what the graders' questions were answered with.

The sections run in their order; after each one its task's questions are asked. Given cells that
nothing counted leans on are left out. What ends a room (a crash, a deadline, too much memory or
output) costs the task at fault only: a room is opened anew without that section, for the questions
that are still open. Who is at fault shows only where nobody else was: a task whose room ends, or
whose answers can't be written, after others' sections ran is tried once more without these; so is
one whose errors came through their cells, or may have come from what they left behind.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from autograder.answers.artefacts import read_answer
from autograder.answers.questions import names_asked
from autograder.errors import ArtefactError
from autograder.files import write
from autograder.records import CellError, Run, SectionRun, Status, read_run, to_json
from autograder.rooms.backend import GPU_FAILED, NAMES, ON_CPU, PACKAGES, Backend
from autograder.rooms.folder import NOT_RUN, check_name, collect, note, room_folder
from autograder.rooms.kernel import FOLDER_FULL, NOT_BEGUN, Died, run_alone
from autograder.rooms.libraries import in_words, lacking, not_there
from autograder.rooms.limits import Limits
from autograder.rooms.outputs import Outputs, plain, said
from autograder.rooms.processes import folder_use
from autograder.rooms.seam import Kernel, Rooms
from autograder.submissions.leaning import leaned, named, names_bound, needed, patching, running
from autograder.submissions.rebuilding import ADDED, Rebuilt, Section, is_given, name_of

_NOTEBOOK_BUDGETS = 8  # output of a whole notebook, in budgets of a cell
_STOP_BUDGETS = 8  # output of one cell at which it is stopped
_DEATHS = 2  # rooms that the questions of one task may cost
_CUTS = 3  # rooms that added cells may cost before none of them runs any more
_LEAVES = re.compile(r"\b(?:exit|quit)\b")
_MOST_INCIDENTS = 30
_SMALL_SECONDS = 15.0  # for requests that only our own code works on
_OF_CUDA = re.compile(
    r"\b(?:CUDA|CUDNN|CUBLAS|CUFFT|CUSOLVER)|RESOURCE_?EXHAUSTED|\bOOM when|out of memory",
    re.IGNORECASE,
)
_TENSORFLOW = re.compile(r"^[ \t]*(?:import|from)[ \t]+tensorflow\b", re.MULTILINE)
_UNKNOWN = re.compile(r"name '(\w+)' is not defined|^«(\w+)» is not defined")


@dataclass(frozen=True)
class Order:
    """What is to be run of one submission, and what is to be asked."""

    rebuilt: Rebuilt
    assignment: str
    student: str
    questions: Mapping[str, Mapping[str, dict[str, Any]]]  # as data, by task and name
    needs: Mapping[str, Iterable[str]]  # the tasks that each task says it needs
    seed: int
    key: str = ""
    tasks: frozenset[str] | None = None  # only these are asked about; None: all
    everything: bool = False  # run the given cells too that nothing counted leans on
    libraries: tuple[str, ...] = ()  # what the course says that can be imported

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections with those of their cells that are run."""
        cells, sections = self.rebuilt.notebook.cells, self.rebuilt.sections
        wanted = None if self.everything else running(cells, sections, self._asked)
        return tuple(
            dataclasses.replace(
                section,
                cells=tuple(
                    index
                    for index in section.cells
                    if cells[index].cell_type == "code" and (wanted is None or index in wanted)
                ),
            )
            for section in sections
        )

    @cached_property
    def leaned(self) -> dict[str, set[str]]:
        """For each task the earlier ones on which it leans directly."""
        cells = self.rebuilt.notebook.cells
        return leaned(self.sections, cells, self.needs, self._asked)

    @cached_property
    def named(self) -> dict[str, set[str]]:
        """For each task the earlier ones without which a name would be missing."""
        cells = self.rebuilt.notebook.cells
        return named(self.sections, cells, self.needs, self._asked)

    @cached_property
    def patching(self) -> set[str]:
        """The tasks whose sections change a library for all that run after them."""
        return patching(self.sections, self.rebuilt.notebook.cells)

    @cached_property
    def _asked(self) -> dict[str, set[str] | None]:
        """The notebook's names that each task's questions read."""
        return {
            task: _union(names_asked(question) for question in questions.values())
            for task, questions in self.questions.items()
        }


def run_submission(order: Order, desk: Path, out: Path, rooms: Rooms, limits: Limits) -> Run:
    """Run the notebook, ask the questions, and write run.json, questions.json, executed.ipynb,
    rebuilt.ipynb and artefacts/ into `out`; the room stands around a copy of the `desk`.

    With `order.tasks` only the sections run that these lean on. Where something is not found that a
    given cell may have made which was left out, all is run once more, with every cell.

    The status is "graded" if any question got an answer, even an error, or nothing went wrong;
    "timeout" if the whole submission ran out of time; else that of the first section that ended its
    room. What became of each section stands in its own status: "error" if a cell other than a check
    raised.

    Raises:
        RoomError: a room did not open, for a reason of ours.
        UsageError: a question's name can't be the name of a file.
    """
    for task, asked in order.questions.items():
        for name in (task, *asked):
            check_name(name)
    with rooms.seat() as seated:
        session = _Session(order, desk, out, seated, limits)
        run_alone(session.work())
        if any(died.from_outside for died in session.died):
            # By whom it was killed can't be told; what the student's code does it does again.
            session = _Session(order, desk, out, seated, limits)
            run_alone(session.work())
        if session.misses_a_cell():
            order = dataclasses.replace(order, everything=True)
            session = _Session(order, desk, out, seated, limits)
            run_alone(session.work())
        run = session.account()
    write(out / "questions.json", json.dumps(order.questions, indent=1, ensure_ascii=False) + "\n")
    _write_notebooks(out, order.rebuilt, session)
    write(out / "run.json", to_json(run))
    return run


def ask_again(
    order: Order, before: Path, desk: Path, out: Path, rooms: Rooms, limits: Limits
) -> Run:
    """Run what `order.tasks` lean on and ask about them; all else comes from the run `before`.

    Where a section fails that had not before, it leans on more than the syntax tree shows: then the
    whole notebook runs, and everything is asked; so it does where the earlier run did not end well.
    """
    run, previous = run_submission(order, desk, out, rooms, limits), read_run(before / "run.json")
    earlier = {section.task: section.status for section in previous.sections}
    fresh = {one.task: one.status for one in run.sections if one.status != "skipped"}
    failed = any(fresh[task] != "done" == earlier[task] for task in fresh)
    if failed or not run.status == previous.status == "graded":
        return run_submission(dataclasses.replace(order, tasks=None), desk, out, rooms, limits)
    _take_outputs(out, before)
    return take_over(out, run, before, order.tasks or frozenset())


def take_over(folder: Path, run: Run, before: Path, tasks: frozenset[str]) -> Run:
    """Bring the answers about all but these tasks, and what became of their sections, from a run
    `before` into a new one.
    """
    for answers in (before / "artefacts").iterdir():
        if answers.name not in tasks:
            shutil.copytree(answers, folder / "artefacts" / answers.name, dirs_exist_ok=True)
    own = {section.task: section for section in run.sections if section.task in tasks}
    sections = tuple(
        own.get(section.task, section) for section in read_run(before / "run.json").sections
    )
    whole = dataclasses.replace(run, sections=sections)
    write(folder / "run.json", to_json(whole))
    return whole


def not_found(order: Order, run: Run, folder: Path) -> dict[str, set[str]]:
    """By task the names that were not found in this run though an earlier section binds them, which
    did not run: the task leans on more than the syntax tree shows.
    """
    cells, bound = order.rebuilt.notebook.cells, set[str]()
    ran = {section.task: section for section in run.sections}
    found: dict[str, set[str]] = {}
    for section in order.rebuilt.sections:
        if section.task is None:
            continue
        if ran[section.task].status == "skipped":
            bound |= names_bound(cells, section.cells)
            continue
        answered = _answered_errors({section.task: order.questions.get(section.task, ())}, folder)
        errors = filter(None, (ran[section.task].error, *answered))
        found[section.task] = bound & set[str]().union(*map(_unknown_names, errors))
    return {task: names for task, names in found.items() if names}


@dataclass
class _Session:
    """One submission on its way through as many rooms as it takes."""

    order: Order
    desk: Path
    out: Path
    rooms: Rooms
    limits: Limits
    # questions without an answer yet, by task
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    begin: float = field(default_factory=time.monotonic)
    cell_seconds: float = 0.0
    cpu_seconds: float = 0.0
    output_left: int = 0
    # cell: outputs, execution count
    outputs: dict[int, tuple[list[Any], int | None]] = field(default_factory=dict)
    finished: dict[str, SectionRun] = field(default_factory=dict)
    # rooms that ended in a task's section or questions
    dead: dict[str, int] = field(default_factory=dict)
    cast_out: set[str] = field(default_factory=set)  # tasks whose section runs no more
    errors: list[CellError] = field(default_factory=list)  # that cells raised
    start: CellError | None = None  # the first of those before all sections
    died: list[Died] = field(default_factory=list)
    answered: int = 0
    remarks: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    running: int | None = None  # the cell that runs
    cut: set[int] = field(default_factory=set)  # added cells that ended a room, and run no more
    ran: set[str] = field(default_factory=set)  # tasks whose sections have run in this room
    lasting: set[str] = field(default_factory=set)  # those of them that left threads running
    hindered: set[str] = field(default_factory=set)  # those that others' cells broke off
    apart: set[str] = field(default_factory=set)  # tasks that are tried without others' sections
    tried: set[str] = field(default_factory=set)  # those that were apart when this room was opened
    over: Status | None = None  # nothing more can be run, and this is why

    async def work(self) -> None:
        """Open rooms until each question has an answer or can't have one."""
        shutil.rmtree(self.out / "artefacts", ignore_errors=True)
        (self.out / "artefacts").mkdir(parents=True)
        self.output_left = _NOTEBOOK_BUDGETS * self.limits.output_bytes
        order, there = self.order, _ordered(self.order.rebuilt.sections)
        tasks = {task for task in there if order.tasks is None or task in order.tasks}
        self.open = {task: dict(order.questions.get(task, {})) for task in tasks}
        while self.over is None:
            deaths, alone = len(self.died), tasks <= self.apart
            await self._one_room(self._sections_for(tasks))
            tasks = self._waiting()
            if alone and len(self.died) == deaths:
                self.apart |= tasks  # so it was the others, who would end the next room too
            if apart := [task for task in there if task in tasks & self.apart]:
                tasks = {apart[0]}
            if not tasks:
                break

    def account(self) -> Run:
        """The record of it all."""
        nothing = self.died and not self.answered
        status: Status = self.over or (self.died[0].status if nothing else "graded")
        order, ran = self.order, _ordered(self.order.rebuilt.sections)
        libraries = (*map(in_words, order.libraries), *PACKAGES[self.rooms.backend][:1])
        return Run(
            assignment=order.assignment,
            student=order.student,
            key=order.key,
            seed=order.seed,
            status=status,
            isolation=str(self.rooms.isolation),
            device=str(self.rooms.device),
            start=self.start,
            libraries=libraries,
            seconds=round(time.monotonic() - self.begin, 3),
            cell_seconds=round(self.cell_seconds, 3),
            sections=tuple(
                self.finished.get(task) or SectionRun(task, "skipped", 0.0) for task in ran
            ),
            remarks=(
                *self.order.rebuilt.remarks,
                *_on_tensorflow(order, self.rooms.backend),
                *self._not_there(libraries),
                *dict.fromkeys(self.remarks),
            ),
            not_run=tuple(name_of(order.rebuilt.notebook.cells[index]) for index in self.left_out),
            cpu_seconds=round(self.cpu_seconds, 3),
            incidents=tuple(
                dict.fromkeys(
                    (
                        *order.rebuilt.incidents,
                        *self._gpu_failed(),
                        *self.incidents[:_MOST_INCIDENTS],
                    )
                )
            ),
        )

    @property
    def left_out(self) -> list[int]:
        """The given cells that run in no room."""
        here = {index for section in self.order.sections for index in section.cells}
        cells = self.order.rebuilt.notebook.cells
        return [n for n, cell in enumerate(cells) if cell.cell_type == "code" and n not in here]

    def _gpu_failed(self) -> Iterator[str]:
        """The first error that CUDA is behind: whoever shares a card may not be at fault."""
        if self.rooms.device.endswith(ON_CPU):
            return
        for error in (*self.errors, *_answered_errors(self.order.questions, self.out)):
            if _OF_CUDA.search(f"{error.type} {error.message}"):
                yield f"{GPU_FAILED}: {error.type}: {error.message[:300]}"
                return

    def _not_there(self, libraries: Iterable[str]) -> Iterator[str]:
        """What cells or answers could not import."""
        errors = (*self.errors, *_answered_errors(self.order.questions, self.out))
        for name in dict.fromkeys(filter(None, map(lacking, errors))):
            yield not_there(name, libraries)

    def misses_a_cell(self) -> bool:
        """Whether a cell that was left out may have made what something did not find."""
        if not self.left_out:
            return False
        bound = names_bound(self.order.rebuilt.notebook.cells, self.left_out)
        for error in (*self.errors, *_answered_errors(self.order.questions, self.out)):
            if error.type == "FileNotFoundError" or bound & _unknown_names(error):
                return True
        return False

    async def _one_room(self, tasks: set[str]) -> None:
        """Run the sections of these tasks in a new room, up to its end,
        and bring the answers home.
        """
        brought: list[tuple[str, str, dict[str, str]]] = []
        self.ran, self.lasting, self.hindered = set(), set(), set()
        self.tried = set(self.apart)
        with room_folder(self.desk) as folder:
            kernel = self.rooms.kernel(folder, self.limits)
            try:
                await kernel.open(self.order.seed)
                for section in self.order.sections:
                    if section.task is None or (
                        section.task in tasks and section.task not in self.cast_out
                    ):
                        await self._run_section(kernel, section, folder)
                        await self._ask(kernel, section.task, brought)
                        self._demand_place(folder, section.task)
            except Died as died:
                self.died.append(died)
                if self._time_left() <= 0:
                    self.over = "timeout"
                    self.remarks.append(
                        f"the whole notebook ran out of its {self.limits.submission_seconds:.0f} s"
                    )
            finally:
                await kernel.close()  # before anything is read: nobody writes any more
                self.cpu_seconds += kernel.cpu_seconds
            for task, name, digests in brought:
                refused = collect(folder / "answers", self.out / "artefacts", task, name, digests)
                if refused:
                    self.incidents.append(f"{task}, «{name}»: not taken as an answer: {refused}")
                    if self._others_may_be_at_fault(task):
                        self.open[task][name] = self.order.questions[task][name]

    async def _run_section(self, kernel: Kernel, section: Section, folder: Path) -> None:
        begin = time.monotonic()
        error: CellError | None = None
        try:
            seed = zlib.crc32(f"{self.order.seed}/{section.task}".encode())
            enter = {"do": "enter", "task": section.task, "seed": seed}
            await kernel.request(enter, _SMALL_SECONDS)
            for self.running in section.cells:
                if self.running not in self.cut:
                    found = await self._run_cell(kernel, self.running, section.task)
                    error = error or found
            self.running = None
            # a cell with `exit()` ends the kernel only now
            left = await kernel.request({"do": "leave"}, _SMALL_SECONDS)
            self._notice(left, section.task)
            self._demand_place(folder, section.task)
        except Died as died:
            error = CellError(died.name, died.text)
            self._note(section, died, time.monotonic() - begin, error)
            raise
        if section.task is None:
            self.start = self.start or error
            return
        self.ran.add(section.task)
        if left.get("threads") is True:
            self.lasting.add(section.task)
        if error and self._foreign(section.task, error.through):
            self.hindered.add(section.task)
        if self._new(section.task):
            seconds = round(time.monotonic() - begin, 3)
            self.finished[section.task] = SectionRun(
                section.task, "error" if error else "done", seconds, error
            )

    def _new(self, task: str | None) -> bool:
        """Whether what becomes of a section is its record: the first time; and apart, where others
        may have broken it off then.
        """
        before = self.finished.get(task or "")
        return before is None or (task in self.tried and before.status == "error")

    def _note(self, section: Section, died: Died, seconds: float, error: CellError) -> None:
        """Write down that a section ended its room. Where cells did that are not the answer, they
        are left out the next time, and the section is run again.
        """
        task = section.task
        if task and died.name == NOT_BEGUN and self._others_may_be_at_fault(task, died):
            return
        if culprits := self._culprits(section):
            self.cut |= culprits
            which = ", ".join(str(index + 1) for index in sorted(culprits))
            cells = self.order.rebuilt.notebook.cells
            given = all(is_given(cells[index]) for index in culprits)
            what = f"the given cell {which}" if given else f"what you added in cell {which}"
            self.remarks.append(f"the notebook was run again without {what}: {died.text}")
            return
        if task is None:
            self.over = died.status
            return
        if self._others_may_be_at_fault(task, died):
            return
        self.cast_out.add(task)
        if task not in self.finished:
            self.finished[task] = SectionRun(task, died.status, round(seconds, 3), error)

    def _culprits(self, section: Section) -> set[int]:
        """The added cells to which it is put down that a section ended its room: the one that ran;
        of those that ran before, the ones that say so, and in the common start, on which everything
        leans, all of them. Or a task's given cell, which may take long, or try what is wrong: that
        is for the questions to find.
        """
        cells = self.order.rebuilt.notebook.cells
        if section.task and self.running is not None and is_given(cells[self.running]):
            return {self.running}
        added = {n for n in section.cells if ADDED in cells[n].metadata} - self.cut
        if len(self.cut) >= _CUTS:
            return added
        if self.running in added:
            return {self.running}
        leaving = {n for n in added if _LEAVES.search(cells[n].source)}
        return leaving or (added if section.task is None else set())

    def _demand_place(self, folder: Path, task: str | None) -> None:
        """The room's folder is looked at from time to time; who filled it is known only if it is
        looked at before anybody else runs.
        """
        limits = self.limits
        size, count = folder_use(str(folder), limits.folder_files)
        if size > limits.folder_bytes or count > limits.folder_files:
            self.remarks.append(f"{task or 'start'}: {FOLDER_FULL}")
            self.incidents.append(self.remarks[-1])
            raise Died("crashed", "TooManyFiles", FOLDER_FULL)

    def _notice(self, reply: Mapping[str, Any], task: str | None) -> None:
        """Keep what the room says it has seen; a text from there can say anything."""
        told = reply.get("noticed")
        for text in told[:_MOST_INCIDENTS] if isinstance(told, list) else ():
            self.incidents.append(f"{task or 'start'}: {plain(str(text))[:200]}")

    async def _run_cell(self, kernel: Kernel, index: int, task: str | None) -> CellError | None:
        cell = self.order.rebuilt.notebook.cells[index]
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
            count = _count(reply.get("execution_count"))
        except Died as died:
            outputs.stop(died.name, died.text)
            self.remarks.append(f"cell {index + 1} ({task or 'start'}): {died.text}")
            self.incidents.append(self.remarks[-1])
            raise
        finally:
            self.cell_seconds += time.monotonic() - begin
            if index not in self.outputs or self._new(task):
                self.output_left -= outputs.kept
                self.outputs[index] = (outputs.finished(), count)
        if reply.get("status") != "error" or _is_check(cell):
            return None
        told = (await kernel.request({"do": "error"}, _SMALL_SECONDS)).get("error")
        error = _cell_error(told) or _cell_error(
            {"type": reply.get("ename"), "message": reply.get("evalue")}
        )
        self.errors += filter(None, [error])
        return error

    async def _ask(
        self, kernel: Kernel, task: str | None, brought: list[tuple[str, str, dict[str, str]]]
    ) -> None:
        for name, question in list(self.open.get(task or "", {}).items()):
            assert task is not None
            seconds = self._seconds(min(question.get("seconds", 60), self.limits.question_seconds))
            seed = zlib.crc32(f"{self.order.seed}/{task}/{name}".encode())
            about = {"task": task, "name": name, "question": question, "seed": seed}
            try:
                reply = await kernel.request({"do": "ask", "about": about}, seconds)
            except Died as died:
                if not self._others_may_be_at_fault(task, died):
                    del self.open[task][name]
                    self._note_question(task, name, died)
                raise
            self._notice(reply, task)
            if self._spoilt(task, reply) and self._others_may_be_at_fault(task):
                return
            del self.open[task][name]
            if "failed" in reply:
                why = _written(reply["failed"], 2000)
                note(self.out / "artefacts", task, name, "crashed", why)
            else:
                self.answered += 1
                told = reply.get("digests")
                brought.append((task, name, told if isinstance(told, dict) else {}))

    def _spoilt(self, task: str, reply: Mapping[str, Any]) -> bool:
        """Whether an answer may be as it is through sections without which its task can do: where
        an error came through their cells; or where there is any, and they have changed a library,
        or left threads running, which can throw one into whatever runs.
        """
        told = reply.get("raised")
        raised = told if isinstance(told, list) else []
        if "failed" in reply or any(self._foreign(task, through) for through in raised):
            return True
        disturbing = (self.order.patching | self.lasting) & self._others(task)
        no_value = reply.get("outcome") in ("error", "missing")
        return bool((raised or no_value) and (disturbing or task in self.hindered))

    def _others(self, task: str) -> set[str]:
        """The tasks without which this one can do that have run before it in its room."""
        return self.ran - needed({task}, self.order.named)

    def _foreign(self, task: str, through: Any) -> bool:
        """Whether an error came through cells of theirs; a list from a room can hold anything."""
        return isinstance(through, list | tuple) and any(
            other in through for other in self._others(task)
        )

    def _others_may_be_at_fault(self, task: str, died: Died | None = None) -> bool:
        """Whether sections without which this task can do have run in its room, and may have left
        behind what ended it, or what spoils its answers; then it is put `apart`, once. At a
        deadline, which is dear to wait for twice, only where they hold the kernel, or have left
        threads running.
        """
        others = self._others(task)
        late = died is not None and died.status == "timeout" and died.name != NOT_BEGUN
        if task in self.tried or not others or (late and not self.lasting & others):
            return False
        self.apart.add(task)
        self.remarks.append(f"{task}: tried once more without the tasks that it does not need")
        return True

    def _note_question(self, task: str, name: str, died: Died) -> None:
        note(
            self.out / "artefacts",
            task,
            name,
            "timeout" if died.status == "timeout" else "crashed",
            died.text,
        )
        self.remarks.append(f"{task}, «{name}»: {died.text}")
        self.incidents.append(self.remarks[-1])
        self.dead[task] = self.dead.get(task, 0) + 1
        if self.dead[task] >= _DEATHS:
            for other in self.open[task]:
                text = f"not tried, since {_DEATHS} others ended the room"
                note(self.out / "artefacts", task, other, "not_asked", text)
            self.open[task].clear()

    def _waiting(self) -> set[str]:
        """The tasks with questions that may still be answered."""
        return {
            task for task, waiting in self.open.items() if waiting and task not in self.cast_out
        }

    def _sections_for(self, tasks: set[str]) -> set[str]:
        """The tasks whose sections are run for these."""
        if tasks <= set(self.apart):
            return needed(tasks, self.order.named)
        # A student's cells may lean on any earlier one, whatever the syntax tree shows,
        # so a whole notebook is run again up to what is left of it.
        return self._up_to(tasks) if self.order.tasks is None else needed(tasks, self.order.leaned)

    def _up_to(self, tasks: set[str]) -> set[str]:
        """The tasks of all sections up to the last of these."""
        order = _ordered(self.order.rebuilt.sections)
        last = max((order.index(task) for task in tasks if task in order), default=-1)
        return set(order[: last + 1]) | tasks

    def _seconds(self, limit: float) -> float:
        return max(0.05, min(limit, self._time_left()))

    def _time_left(self) -> float:
        return self.limits.submission_seconds - (time.monotonic() - self.begin)


def _answered_errors(questions: Mapping[str, Iterable[str]], folder: Path) -> Iterator[CellError]:
    """What questions, by task, were answered with instead of a value."""
    for task, asked in questions.items():
        for name in asked:
            try:
                answer = read_answer(folder, task, name)
            except ArtefactError:
                continue
            if answer.outcome == "missing":
                yield CellError("NameError", answer.detail)
            values = (value.get("error") for value in answer.values)
            yield from filter(None, (answer.error, *values))


def _ordered(sections: Iterable[Section]) -> list[str]:
    return [section.task for section in sections if section.task is not None]


def _union(parts: Iterable[set[str] | None]) -> set[str] | None:
    """All of them together; None if one is unknown."""
    found = list(parts)
    return None if None in found else set().union(*(part for part in found if part))


def _unknown_names(error: CellError) -> set[str]:
    """The name that an error speaks of, which was not defined."""
    told = _UNKNOWN.search(error.message) if error.type == "NameError" else None
    return set(filter(None, told.groups())) if told else set()


def _on_tensorflow(order: Order, backend: Backend) -> Iterator[str]:
    """What is said of a notebook that imports TensorFlow where Keras computes without it."""
    cells = order.rebuilt.notebook.cells
    ran = (cells[index] for section in order.sections for index in section.cells)
    if backend != "tensorflow" and any(
        _TENSORFLOW.search(cell.source) for cell in ran if not is_given(cell)
    ):
        yield (
            f"it imports TensorFlow, and Keras computes with {NAMES[backend]} here: tf.data can"
            " feed a model, but nothing else of TensorFlow can be part of one"
        )


def _is_check(cell: Any) -> bool:
    nbgrader = cell.metadata.get("nbgrader", {})
    return bool(nbgrader.get("grade") and not nbgrader.get("solution"))


def _cell_error(told: Any) -> CellError | None:
    if not isinstance(told, dict):
        return None
    through = told.get("through")
    explanation = told.get("explanation")
    return CellError(
        type=_written(told.get("type"), 200),
        message=_written(told.get("message"), 2000),
        explanation=None if explanation is None else _written(explanation, 1000),
        through=(
            tuple(_written(task, 200) for task in through[:100])
            if isinstance(through, list)
            else ()
        ),
    )


def _written(text: Any, length: int) -> str:
    """Text of a student's, as a file can hold it."""
    return said(text)[:length].encode("utf-8", "replace").decode()


def _count(number: Any) -> int | None:
    """The number of an execution, as a notebook can hold it."""
    return number if type(number) is int and 0 <= number < 1 << 31 else None


def _write_notebooks(folder: Path, rebuilt: Rebuilt, session: _Session) -> None:
    write(folder / "rebuilt.ipynb", nbformat.writes(rebuilt.notebook))
    executed = nbformat.from_dict(rebuilt.notebook)
    for index, (outputs, count) in session.outputs.items():
        executed.cells[index].outputs = outputs
        executed.cells[index].execution_count = count
    for index in session.left_out:
        executed.cells[index].metadata[NOT_RUN] = True
    write(folder / "executed.ipynb", nbformat.writes(executed))


def _take_outputs(folder: Path, before: Path) -> None:
    """Of cells that did not run now, the outputs of an earlier run."""
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    outputs = nbformat.read(before / "executed.ipynb", as_version=4).cells
    for cell, other in zip(executed.cells, outputs, strict=True):
        if cell.cell_type == "code" and cell.execution_count is None:
            cell.outputs, cell.execution_count = other.outputs, other.execution_count
    write(folder / "executed.ipynb", nbformat.writes(executed))
