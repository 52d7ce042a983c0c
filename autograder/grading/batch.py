"""Grades classes: rooms side by side for the submissions,
and beside them one writer for gradebook and feedback.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.text import Text

from autograder.bench import Bench, open_bench
from autograder.course import Course, Task, valid_name, why_no_name
from autograder.errors import AutograderError, UsageError
from autograder.faults import NO_SPACE, is_fault, of_everyone, scratch, told, written_down
from autograder.files import demand_writable, lock, sweep
from autograder.grading.booking import Books, read_books
from autograder.grading.grades import Grades, known_grades
from autograder.grading.hands import RETRIES, Hands, OwnRooms
from autograder.grading.publishing import publishing
from autograder.grading.results import NEEDS_A_PERSON
from autograder.grading.seen import Changes, History, changes, first_seen, read_seen
from autograder.grading.stages import (
    Due,
    Overloaded,
    asks_otherwise,
    changed_questions,
    due,
    stored_verdict,
)
from autograder.grading.writer import Writer, gradebook_writer
from autograder.progress import Work, progress_bar
from autograder.records import Verdict
from autograder.showing import shown
from autograder.tables import unknown

_NAMES = 8  # in a line
STOPPED = "not graded: stopped before its turn"
_BESIDE = "another call works beside this one and has {} in hand; waiting for what comes of it"


@dataclass(frozen=True)
class Wish:
    """What the caller wants graded, and how."""

    students: tuple[str, ...] = ()  # all where empty
    jobs: int = 1
    shard: tuple[int, int] = (1, 1)  # the I-th of N
    regrade: bool = False  # judge the stored answers again, execute nothing
    trust: bool = False  # go on although the rooms are less closed than the course demands
    cluster: str = ""  # whose rooms are used: address or file of a Dask scheduler
    only_stored: bool = False  # take what is stored and still holds; run and judge nothing


@dataclass(frozen=True)
class Graded:
    """What became of one assignment."""

    assignment: str
    verdicts: tuple[Verdict, ...]
    # student -> why there is no verdict, or no gradebook entry
    problems: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()  # what machine or gradebook refused, a line each
    tasks: tuple[Task, ...] = ()  # of the assignment, written ones too
    grades: Grades | str = ""  # or why there are none
    changes: Changes = field(default_factory=Changes)

    @property
    def gradebook(self) -> Grades | None:
        """The grades, where they are known."""
        return None if isinstance(self.grades, str) else self.grades

    @property
    def complete(self) -> bool:
        """Everyone is graded and nobody waits for a person because of the judging."""
        return (
            not self.problems
            and not self.faults
            and not any(verdict.status in NEEDS_A_PERSON for verdict in self.verdicts)
        )


def grade(course: Course, names: Sequence[str], wish: Wish, console: Console) -> list[Graded]:
    """Grade the assignments. Interrupted at any point,
    the next call goes on where this one stopped. So it does after a fault of the machine, which
    ends the batch, and after one of the gradebook, which doesn't.

    Raises:
        UsageError: an assignment or student does not exist.
        OSError: nothing can be written, or not read what grading takes.
        IsolationError: the rooms are less closed than the course demands, and `wish` does not trust
            the submissions.
    """
    benches = [open_bench(course, name) for name in names]
    classes = [_students(bench, wish) for bench in benches]
    demand_writable(course.runs)
    sweep(course.runs, course.runs / ".judge")
    graded = []
    with contextlib.closing(_hands(course, benches, wish, console)) as hands:
        for bench, students in zip(benches, classes, strict=True):
            sweep(course.runs / bench.name, course.runs / ".desks" / bench.name)
            batch = _Batch(bench, wish, hands, console)
            graded.append(_graded(batch, students))
            if batch.stop.is_set():
                break
    return graded


def _hands(course: Course, benches: Sequence[Bench], wish: Wish, console: Console) -> Hands:
    if not wish.cluster:
        return OwnRooms(course, wish.jobs, console, regrade=wish.regrade, trust=wish.trust)
    from autograder.grading.cluster import Cluster  # its library is an extra

    return Cluster(wish.cluster, benches, console, trust=wish.trust)


def _graded(batch: _Batch, students: Sequence[str]) -> Graded:
    """What becomes of one assignment: runs, verdicts, gradebook, feedback, report and results."""
    bench, wish = batch.bench, batch.wish
    seen = _seen(bench, students)
    with gradebook_writer(bench, part=wish.shard != (1, 1)) as writer:
        came = _all(batch, students, writer)
        problems = {one.student: one.problem for one in came if one.problem}
        problems |= writer.failed(batch.console)
    verdicts = tuple(one.verdict for one in came if one.verdict is not None)
    faults = (*(one.fault for one in came), writer.fault)
    part = wish.shard != (1, 1)
    graded = Graded(
        bench.name,
        verdicts,
        problems,
        tuple(dict.fromkeys(filter(None, faults))),
        bench.assignment.tasks,
        "the gradebook is written when all parts are done" if part else _grades(bench, verdicts),
        changes(seen, verdicts),
    )
    if not part and not wish.students:  # they speak of the whole class
        graded = dataclasses.replace(graded, faults=(*graded.faults, *_report(bench, graded)))
    return graded


def _seen(bench: Bench, students: Sequence[str]) -> History:
    """What the last report saw; without one, what is stored now."""
    if seen := read_seen(bench.course, bench.name):
        return seen
    stored = []
    for student in filter(valid_name, students):
        with contextlib.suppress(UsageError):
            stored.append(stored_verdict(bench.course, bench.name, student))
    return first_seen(stored)


def _grades(bench: Bench, verdicts: Sequence[Verdict]) -> Grades | str:
    return known_grades(bench.course, bench.name) if verdicts else "nobody is graded yet"


def explain(course: Course, names: Sequence[str], wish: Wish) -> Iterator[tuple[str, str, Due]]:
    """What `grade` would do, without doing it: assignment, student, and what is due and why.

    Raises:
        UsageError: as `grade`.
    """
    for bench in [open_bench(course, name) for name in names]:
        books: Books | None = None
        for student in _students(bench, wish):
            valid = valid_name(student)
            work = due(bench, student) if valid else Due("nothing", (why_no_name(student),))
            if work == Due("nothing") and _stored(bench, student).is_entered:
                books = books or read_books(course, bench.name)
                work = books.due(student)
            yield bench.name, shown(student), work


@dataclass(frozen=True)
class _Batch:
    """One assignment on its way."""

    bench: Bench
    wish: Wish
    hands: Hands
    console: Console
    stop: threading.Event = field(default_factory=threading.Event)  # begin no other
    full: list[str] = field(default_factory=list)  # for whom there was no space on a disk


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
    # Out of time or space beside others: counts only if it happens alone too.
    again: bool = False
    busy: bool = False  # another call has it in hand just now
    fault: str = ""  # of the machine, in a line

    @property
    def is_entered(self) -> bool:
        """Whether the gradebook takes it."""
        return self.verdict is not None and self.verdict.status != "missing"


def _all(batch: _Batch, students: Sequence[str], writer: Writer) -> list[_Came]:
    """Every student's verdict, from the stored files where they hold."""
    bench = batch.bench
    named = [student for student in students if valid_name(student)]
    todo = _todo(bench, named, batch.wish)
    came = {
        student: _Came(shown(student), problem=why_no_name(student))
        for student in students
        if student not in named
    }
    wanted = set(todo)
    for student in named:
        if student not in wanted:
            came[student] = _stored(bench, student)
            writer.take(came[student].verdict)
    if batch.wish.only_stored:
        came |= {student: _missed(bench, student) for student in todo}
        return [came[student] for student in students]
    if todo:
        with contextlib.suppress(OSError):  # of which the first submission will tell
            batch.hands.open()
    with progress_bar(batch.console) as progress:
        bar = progress.add_task(bench.name, total=len(named), completed=len(named) - len(todo))

        def done(one: _Came) -> None:
            writer.take(one.verdict)
            progress.advance(bar, _said(one))

        came |= _side_by_side(batch, todo, bar, done)
    return [came[student] for student in students]


def _said(one: _Came) -> str:
    if one.verdict is None:
        return f"{one.student}: not graded"
    verdict = one.verdict
    return f"{one.student}: {verdict.status} {verdict.score:.4g} of {verdict.max_score:.4g}"


def _todo(bench: Bench, students: Sequence[str], wish: Wish) -> list[str]:
    """The students whose submissions must be run, or judged again."""
    if wish.regrade:
        _demand_same_questions(bench, students)
        return list(students)
    return [student for student in students if _is_due(bench, student)]


def _is_due(bench: Bench, student: str) -> bool:
    try:
        return due(bench, student).do != "nothing"
    except OSError:  # what can't be read is said when it is its turn
        return True


def _stored(bench: Bench, student: str) -> _Came:
    return _Came(student, stored_verdict(bench.course, bench.name, student))


def _missed(bench: Bench, student: str) -> _Came:
    """What is not stored, or holds no more."""
    try:
        why = ", ".join(due(bench, student).reasons)
    except OSError as error:
        why = told(error)
    return _Came(student, problem=f"not graded: {why}")


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
    batch: _Batch, students: Sequence[str], work: Work, done: Callable[[_Came], None]
) -> dict[str, _Came]:
    """What comes of submissions; those that another call has in hand come later, and those that ran
    out of time or space beside others are run again alone.
    """
    came: dict[str, _Came] = {}
    jobs = min(batch.hands.most, max(1, len(students)))
    with ThreadPoolExecutor(jobs, "room") as pool:
        one = partial(_one, batch, work=work)
        begun = [pool.submit(one, student, alone=jobs == 1) for student in students]
        with _dying_with_rooms(batch, pool):
            came |= _finished(begun, done)
            if busy := [found.student for found in came.values() if found.busy]:
                said = Text(_BESIDE.format(", ".join(busy[:_NAMES])))
                batch.console.print(said, soft_wrap=True)
                later = [pool.submit(one, name, alone=jobs == 1, wait=True) for name in busy]
                came |= _finished(later, done)
            for student in [found.student for found in came.values() if found.again]:
                came |= _finished([pool.submit(one, student, alone=True, wait=True)], done)
    return came


def _finished(begun: Sequence[Future[_Came]], done: Callable[[_Came], None]) -> dict[str, _Came]:
    came = {}
    for future in as_completed(begun):
        found = future.result()
        came[found.student] = found
        if not found.again and not found.busy:
            done(found)
    return came


@contextmanager
def _dying_with_rooms(batch: _Batch, pool: ThreadPoolExecutor) -> Iterator[None]:
    """Ctrl-C: what has begun dies with its rooms, what is finished is stored."""
    try:
        yield
    except BaseException:
        batch.stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        batch.hands.close()
        raise


def _one(batch: _Batch, student: str, work: Work, *, alone: bool, wait: bool = False) -> _Came:
    """What comes of one submission, shown while it is run; nothing if another call runs it and this
    one does not `wait`.
    """
    if batch.stop.is_set():
        return _Came(student, problem=STOPPED)
    stopped = batch.stop.is_set if wait else _at_once
    place = batch.bench.lock_place(student)
    try:
        with batch.hands.turn(), work.on(student), lock(place, stopped) as held:
            return _came(batch, student, alone=alone) if held else _Came(student, busy=True)
    except OSError as error:
        return _refused(batch, student, error, alone=alone)


def _at_once() -> bool:
    return True


def _came(batch: _Batch, student: str, *, alone: bool) -> _Came:
    """Its verdict or the error; whatever that is, it stops nobody else."""
    bench = batch.bench
    for attempt in range(RETRIES + 1):
        if batch.stop.is_set():
            return _Came(student, problem=STOPPED)
        try:
            sweep(bench.run_dir(student))
            return _Came(student, batch.hands.verdict(bench, student, alone=alone))
        except Overloaded:
            return _Came(student, again=True)
        except (AutograderError, ConnectionError) as error:
            if attempt == RETRIES or isinstance(error, UsageError):
                return _Came(student, problem=f"not graded: {error}")
        except Exception as error:
            if is_fault(error):
                raise
            log = written_down(error, bench.course.runs)
            why = f"not graded: {type(error).__name__}: {error} (more in {log})"
            return _Came(student, problem=why)
    raise AssertionError


def _refused(batch: _Batch, student: str, error: OSError, *, alone: bool) -> _Came:
    """A file could not be read or written: one that was handed in is that student's matter, any
    other would be everybody's.
    """
    if error.errno in NO_SPACE and not alone and len(batch.full) < batch.wish.jobs + 1:
        batch.full.append(student)  # somebody beside it may have taken it all
        return _Came(student, again=True)
    if of_everyone(error, batch.bench.course.root / "submitted"):
        batch.stop.set()
    somewhere = f"{batch.bench.course.runs} or {scratch()}"
    return _Came(student, problem="not graded", fault=told(error, somewhere))


def _report(bench: Bench, graded: Graded) -> Iterator[str]:
    """Write results and report of the class; why one can't be written."""
    for write in publishing(
        bench.course,
        bench.assignment,
        graded.verdicts,
        graded.problems,
        graded.grades,
        graded.changes,
    ):
        try:
            write()
        except OSError as error:
            yield told(error)
