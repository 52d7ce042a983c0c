"""Grades classes: rooms side by side for the submissions,
and beside them one writer for gradebook and feedback.
"""

from __future__ import annotations

import hashlib
import os
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.bench import Bench, open_bench
from autograder.course import LEVELS, Course, valid_name
from autograder.errors import AutograderError, IsolationError, UsageError
from autograder.grading.gradebook import feedback_page
from autograder.grading.report import write_report
from autograder.grading.results import NEEDS_A_PERSON, percent, results, weakest, write_results
from autograder.grading.stages import (
    Due,
    Overloaded,
    asks_otherwise,
    changed_questions,
    due,
    ensure_verdict,
    judge_again,
    open_rooms,
    stored_verdict,
)
from autograder.grading.writer import Writer, gradebook_writer
from autograder.progress import Work, progress_bar
from autograder.records import TaskVerdict, Verdict
from autograder.rooms.seam import Rooms
from autograder.showing import shown
from autograder.tables import unknown

NO_NAME = "a student's name can't hold any of / \\ * ? [ ] { } +"
_ROWS = 60  # students on the screen
RETRIES = 2  # of what fails for a reason that is ours


@dataclass(frozen=True)
class Wish:
    """What the caller wants graded, and how."""

    students: tuple[str, ...] = ()  # all where empty
    jobs: int = 1
    shard: tuple[int, int] = (1, 1)  # the I-th of N
    regrade: bool = False  # judge the stored answers again, execute nothing
    trust: bool = False  # go on although the rooms are less closed than the course demands


@dataclass(frozen=True)
class Graded:
    """What became of one assignment."""

    assignment: str
    verdicts: tuple[Verdict, ...]
    # student -> why there is no verdict, or no gradebook entry
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Everyone is graded and nobody waits for a person because of the judging."""
        return not self.problems and not any(
            verdict.status in NEEDS_A_PERSON for verdict in self.verdicts
        )


def grade(course: Course, names: Sequence[str], wish: Wish, console: Console) -> list[Graded]:
    """Grade the assignments. Interrupted at any point,
    the next call goes on where this one stopped.

    Raises:
        UsageError: an assignment or student does not exist.
        IsolationError: the rooms are less closed than the course demands, and `wish` does not trust
            the submissions.
    """
    benches = [open_bench(course, name) for name in names]
    classes = [_students(bench, wish) for bench in benches]
    graded = []
    with ExitStack() as stack:
        rooms = _Rooms(course, wish, stack, console)
        for bench, students in zip(benches, classes, strict=True):
            with gradebook_writer(bench, part=wish.shard != (1, 1)) as writer:
                came = _all(bench, students, wish, rooms, writer, console)
                problems = {one.student: one.problem for one in came if one.problem}
                problems |= writer.failed(console)
            verdicts = tuple(one.verdict for one in came if one.verdict is not None)
            graded.append(Graded(bench.name, verdicts, problems))
            if wish.shard == (1, 1) and not wish.students:
                _report(bench, graded[-1])  # they speak of the whole class
    return graded


def explain(course: Course, names: Sequence[str], wish: Wish) -> Iterator[tuple[str, str, Due]]:
    """What `grade` would do, without doing it: assignment, student, and what is due and why.

    Raises:
        UsageError: as `grade`.
    """
    for bench in [open_bench(course, name) for name in names]:
        for student in _students(bench, wish):
            yield bench.name, student, due(bench, student)


def demand_isolation(course: Course, isolation: str) -> None:
    """Stop unless the rooms are as closed as the course demands.

    Raises:
        IsolationError: they are not; the message says what is missing.
    """
    reached = isolation.partition(":")[0]
    if reached not in LEVELS or LEVELS.index(reached) < LEVELS.index(course.isolation):
        raise IsolationError(
            f"the course demands rooms of isolation «{course.isolation}», "
            f"this machine gives «{isolation}». `autograder doctor` says why. "
            "Grade elsewhere, lower `isolation` in course.toml, or, "
            "if you know who wrote the submissions, use --trust-submissions."
        )


def places(course: Course, graded: Sequence[Graded]) -> list[tuple[str, Path]]:
    """What was written where, for the end of the screen."""
    found = [("gradebook", course.gradebook)]
    for one in graded:
        found.append((f"report of {one.assignment}", course.runs / f"{one.assignment}.html"))
        found.append((f"results of {one.assignment}", course.runs / f"{one.assignment}.json"))
        pages = [feedback_page(course, one.assignment, verdict.student) for verdict in one.verdicts]
        if there := [page for page in pages if page.exists()]:
            found.append(
                (
                    f"feedback of {one.assignment}",
                    there[0] if len(there) == 1 else there[0].parents[2],
                )
            )
    return [(name, path) for name, path in found if path.exists()]


def show(graded: Graded, console: Console) -> None:
    """The class on the screen: a row for each student, as far as a screen goes, a column for each
    task.
    """
    tasks = graded.verdicts[0].tasks if graded.verdicts else ()
    table = Table(title=f"{graded.assignment}: points", title_justify="left")
    table.add_column("student", overflow="fold")
    table.add_column("status", no_wrap=True)
    for number in range(1, len(tasks) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    for verdict in graded.verdicts[:_ROWS]:
        total = Text(f"{verdict.score:.4g}", style="bold")
        status = Text(verdict.status, style="" if verdict.status == "graded" else "yellow")
        table.add_row(
            Text(verdict.student), status, *[_cell(task) for task in verdict.tasks], total
        )
    console.print(table)
    if (more := len(graded.verdicts) - _ROWS) > 0:
        console.print(f"… and {more} more students, in the report", highlight=False)
    columns = [f"{number} {task.task} ({task.max_score:g})" for number, task in enumerate(tasks, 1)]
    console.print(Text(f"{' · '.join(columns)}; ? waits for a person", style="dim"))
    for student, why in graded.problems.items():
        console.print(Text(f"{student}: {why}", style="red"))


@dataclass
class _Rooms:
    """Warm rooms, opened when the first submission needs them,
    checked once, closed by the stack.
    """

    course: Course
    wish: Wish
    stack: ExitStack
    console: Console
    opened: Rooms | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> Rooms:
        with self.lock:
            if self.opened is None:
                rooms = self.stack.enter_context(open_rooms(self.course))
                if not self.wish.trust and not self.wish.regrade:
                    demand_isolation(self.course, rooms.isolation)
                self.console.print(Text(f"isolation of the rooms: {rooms.isolation}"))
                self.opened = rooms
            return self.opened


def _students(bench: Bench, wish: Wish) -> list[str]:
    everyone = bench.course.students(bench.name)
    for student in wish.students:
        if student not in everyone:
            raise UsageError(unknown(f"submission of {bench.name} by", student, everyone))
    part, parts = wish.shard
    return [
        s
        for s in wish.students or everyone
        if int(hashlib.sha256(os.fsencode(s)).hexdigest(), 16) % parts == part - 1
    ]


@dataclass(frozen=True)
class _Came:
    """What came of one submission: its verdict, or why there is none."""

    student: str
    verdict: Verdict | None = None
    problem: str = ""
    again: bool = False  # out of time on an overloaded machine: counts only if it happens alone too


def _all(
    bench: Bench,
    students: Sequence[str],
    wish: Wish,
    rooms: _Rooms,
    writer: Writer,
    console: Console,
) -> list[_Came]:
    """Every student's verdict, from the stored files where they hold."""
    named = [student for student in students if valid_name(student)]
    todo = _todo(bench, named, wish)
    came = {
        student: _Came(student if student in named else shown(student), problem=NO_NAME)
        for student in students
    }
    wanted = set(todo)
    for student in named:
        if student not in wanted:
            came[student] = _stored(bench, student)
            writer.take(came[student].verdict)
    if todo:
        rooms.open()
    with progress_bar(console) as progress:
        bar = progress.add_task(bench.name, total=len(named), completed=len(named) - len(todo))

        def done(one: _Came) -> None:
            writer.take(one.verdict)
            progress.advance(bar)

        came |= _side_by_side(bench, todo, wish, rooms, bar, done)
    return [came[student] for student in students]


def _todo(bench: Bench, students: Sequence[str], wish: Wish) -> list[str]:
    """The students whose submissions must be run, or judged again."""
    if wish.regrade:
        _demand_same_questions(bench, students)
        return list(students)
    return [student for student in students if due(bench, student).do != "nothing"]


def _stored(bench: Bench, student: str) -> _Came:
    return _Came(student, stored_verdict(bench.course, bench.name, student))


def _demand_same_questions(bench: Bench, students: Sequence[str]) -> None:
    """Stop before anything is judged again if stored answers are to other questions.

    Raises:
        UsageError: they are; says which.
    """
    asked: dict[str, list[str]] = {}
    for student in students:
        for task, names in changed_questions(bench, bench.run_dir(student)).items():
            asked[task] = list(dict.fromkeys([*asked.get(task, []), *names]))
    if asked:
        raise UsageError(f"{bench.name}: {asks_otherwise(asked)}")


def _side_by_side(
    bench: Bench,
    students: Sequence[str],
    wish: Wish,
    rooms: _Rooms,
    work: Work,
    done: Callable[[_Came], None],
) -> dict[str, _Came]:
    """What comes of submissions; those that ran out of time beside others are run again alone."""
    came: dict[str, _Came] = {}
    stop = threading.Event()
    jobs = 1 if len(students) < 2 else wish.jobs
    with ThreadPoolExecutor(jobs, "room") as pool:
        one = partial(_one, bench, wish=wish, rooms=rooms, stop=stop, work=work)
        begun = [pool.submit(one, student, alone=jobs == 1) for student in students]
        with _dying_with_rooms(pool, stop, rooms):
            for future in as_completed(begun):
                found = future.result()
                came[found.student] = found
                if not found.again:
                    done(found)
            for student in [found.student for found in came.values() if found.again]:
                came[student] = pool.submit(one, student, alone=True).result()
                done(came[student])
    return came


@contextmanager
def _dying_with_rooms(
    pool: ThreadPoolExecutor, stop: threading.Event, rooms: _Rooms
) -> Iterator[None]:
    """Ctrl-C: what has begun dies with its rooms, what is finished is stored."""
    try:
        yield
    except BaseException:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        rooms.stack.close()
        raise


def _one(
    bench: Bench,
    student: str,
    wish: Wish,
    rooms: _Rooms,
    stop: threading.Event,
    work: Work,
    *,
    alone: bool,
) -> _Came:
    """What comes of one submission, shown while it is run."""
    with work.on(student):
        return _came(bench, student, wish, rooms, stop, alone=alone)


def _came(
    bench: Bench, student: str, wish: Wish, rooms: _Rooms, stop: threading.Event, *, alone: bool
) -> _Came:
    """Its verdict or the error; whatever that is, it stops nobody else."""
    for attempt in range(RETRIES + 1):
        if stop.is_set():
            return _Came(student, problem="interrupted")
        try:
            if wish.regrade:
                return _Came(student, judge_again(bench, student, rooms.open()))
            return _Came(student, ensure_verdict(bench, student, rooms.open(), alone=alone))
        except Overloaded:
            return _Came(student, again=True)
        except AutograderError as error:
            if attempt == RETRIES or isinstance(error, UsageError):
                return _Came(student, problem=f"not graded: {error}")
        except Exception as error:
            log = bench.course.runs / f"{bench.name}.errors.log"
            with log.open("a", encoding="utf-8") as stream:
                stream.write(f"{student}\n{''.join(traceback.format_exception(error))}\n")
            why = f"not graded: {type(error).__name__}: {error} (more in {log})"
            return _Came(student, problem=why)
    raise AssertionError


def _report(bench: Bench, graded: Graded) -> None:
    """Results and report of the class."""
    runs, name = bench.course.runs, graded.assignment
    write_results(runs / f"{name}.json", results(name, graded.verdicts))
    write_report(runs / f"{name}.html", bench.assignment, graded.verdicts, graded.problems)


def _cell(task: TaskVerdict) -> Text:
    style = "green" if task.score >= task.max_score else "red" if task.score == 0 else "yellow"
    held = any(check.ending == "broken" for check in task.checks)
    return Text(f"{task.score:.3g}{'?' if held else ''}", style="magenta" if held else style)


__all__ = ["Graded", "Wish", "demand_isolation", "grade", "percent", "places", "show", "weakest"]
