"""One submission through its stages, each from the files of the one before: rebuilt, run, judged.

What is stored is used again as long as nothing that it depends on has changed, a task at a time
where only its questions have; what is published is published whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import nbformat
from nbformat.v4.rwbase import rejoin_lines

from autograder.bench import Bench
from autograder.course import Course
from autograder.desk import beside
from autograder.errors import RoomError, Unreadable, UsageError
from autograder.files import digest, digest_of_file, replacing, write
from autograder.grading.keys import (
    Parts,
    changed,
    key,
    run_parts,
    verdict_parts,
)
from autograder.records import (
    Damaged,
    Run,
    Status,
    TaskVerdict,
    Verdict,
    read_json,
    read_run,
    read_verdict,
    to_json,
)
from autograder.rooms import libraries
from autograder.rooms.backend import GPU_FAILED, students_backend
from autograder.rooms.linux import demand_linux
from autograder.rooms.seam import Rooms
from autograder.showing import shown
from autograder.submissions.beside import Beside, look_beside
from autograder.submissions.finding import Found, find_submission
from autograder.submissions.reading import read_submission
from autograder.submissions.rebuilding import Rebuilt, rebuild

DEPENDS = "depends.json"  # beside run and verdict: a hash of each thing that they depend on
QUESTIONS = "questions.json"
_FAIR_SHARE = 0.8  # of a processor
SEED_BITS = 31  # of what a run's questions are drawn from
# parts of its own that a run depends on
OWN = SUBMISSION, REBUILT = "the submission", "the submission as rebuilt"

if TYPE_CHECKING:  # warm rooms take a while to import, and most who come here open none
    from autograder.rooms.warm import WarmRooms

Do = Literal["nothing", "judge", "ask", "run", "enter", "page"]
_WORDS: Mapping[Do, str] = {
    "nothing": "nothing to do",
    "judge": "judged again",
    "run": "run",
    "enter": "entered in the gradebook",
    "page": "feedback page made anew",
}


class Overloaded(RoomError):
    """A submission ran out of time on an overloaded machine, or out of a GPU that others used: that
    does not count, it is run again alone.
    """


@dataclass(frozen=True)
class Due:
    """What is to be done about a submission, and why."""

    do: Do
    reasons: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()  # to "ask": those whose questions are others now

    def __str__(self) -> str:
        word = _WORDS.get(self.do, f"asked again about {', '.join(self.tasks)}")
        return f"{word}: {', '.join(self.reasons)}" if self.reasons else word


@dataclass(frozen=True)
class Job:
    """A submission for which a room is needed, with all of it that the room is given."""

    student: str
    due: Due
    rebuilt: Rebuilt | None = None  # None where the stored answers are only judged
    parts: Parts = field(default_factory=dict)  # its own ones


@contextlib.contextmanager
def open_rooms(course: Course, *, warm: bool = True) -> Iterator[WarmRooms]:
    """Rooms that see nothing of the course, wherever it lies; warm ones, to run submissions in.

    Raises:
        UsageError: this system has no rooms, or not what the course wants them to compute with or
            its students to import, or the course's folder is Python's own, so that it can't be
            hidden.
    """
    demand_linux()
    from autograder.rooms.cards import allotment
    from autograder.rooms.warm import warm_rooms

    if course.root in {Path(sys.prefix), Path(sys.prefix).resolve()}:
        raise UsageError(
            f"{course.root} is a virtual environment too, which rooms have to see; make one in a"
            " folder of its own, such as .venv"
        )
    wanted = course.settings.rooms
    libraries.demand(wanted.libraries)
    backend, cards = students_backend(wanted.backend), allotment(wanted.gpu, course.jobs)
    with warm_rooms(warm=warm, hidden=[course.root], backend=backend, cards=cards) as rooms:
        rooms.start()
        yield rooms


def due(bench: Bench, student: str) -> Due:
    """What is to be done about a submission so that its verdict is what it would be from nothing.

    Raises:
        UsageError: a grader's questions can't be drawn.
    """
    folder = bench.run_dir(student)
    stored = own_parts(folder, bench.name, student)
    if why := _why_run(bench, student, stored):
        return Due("run", why)
    assert stored is not None
    reasons = _changes(stored.get("verdict", {}), verdict_parts(bench))
    if not reasons:
        return Due("nothing")
    if REBUILT not in stored["run"]:  # unreadable or missing: nothing to judge
        return Due("run", reasons)
    if asked := changed_questions(bench, folder):
        if not _can_be_taken_over(folder):
            return Due("run", ("part of what is stored is damaged",))
        names = [f"{task} asks «{name}» otherwise" for task in asked for name in asked[task]]
        return Due("ask", tuple(names), tuple(asked))
    return Due("judge", reasons if "verdict" in stored else ("not judged yet",))


def _why_run(bench: Bench, student: str, stored: dict[str, Parts] | None) -> tuple[str, ...]:
    if stored is None:
        return ("not run yet",)
    before = {name: part for name, part in stored["run"].items() if name not in OWN}
    if why := _changes(before, run_parts(bench)):
        return why
    return ("handed in anew",) if differs(bench, student, stored["run"]) else ()


def _changes(before: Parts, now: Parts) -> tuple[str, ...]:
    return tuple(f"{name} changed" for name in changed(before, now))


def changed_questions(bench: Bench, folder: Path) -> dict[str, list[str]]:
    """By task, the questions of a stored run that graders ask otherwise now, or no more, or anew.

    Raises:
        UsageError: a grader's questions can't be drawn.
    """
    try:
        before, seed = read_questions(folder), read_run(folder / "run.json").seed
    except (OSError, Damaged):  # nothing was asked, or nobody knows what
        return {}
    now = bench.hidden.questions(seed)
    found = {
        task: [name for name in {**old, **new} if _json(old.get(name)) != _json(new.get(name))]
        for task, old, new in ((t, before.get(t, {}), now.get(t, {})) for t in {**before, **now})
    }
    return {task: names for task, names in found.items() if names}


def _json(question: dict[str, Any] | None) -> str:
    return json.dumps(question, sort_keys=True)  # where 1, 1.0 and true are three things


def read_questions(folder: Path) -> dict[str, dict[str, Any]]:
    """What a stored run was asked, as data."""
    asked: dict[str, dict[str, Any]] = read_json(folder / QUESTIONS)
    if not _is_table_of(dict, asked) or not all(_is_table_of(dict, one) for one in asked.values()):
        raise Damaged(f"{folder / QUESTIONS} is not as it was written")
    return asked


def _is_table_of(kind: type, value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, kind) for one in value.values())


def _can_be_taken_over(folder: Path) -> bool:
    """Whether answers and outputs of a stored run can become part of another."""
    return executed_notebook(folder) is not None and (folder / "artefacts").is_dir()


def executed_notebook(folder: Path) -> Any:
    """The notebook of a stored run with its outputs; None where it is gone or damaged."""
    try:
        found = nbformat.from_dict(read_json(folder / "executed.ipynb"))
        nbformat.validate(found)
        found = rejoin_lines(found)  # on disk a text is a list of its lines
    except (OSError, Damaged, nbformat.ValidationError, AttributeError, LookupError, TypeError,
            RecursionError):  # fmt: skip
        return None
    return found


def stored_verdict(course: Course, assignment: str, student: str) -> Verdict:
    """The verdict as it lies there, whatever has changed since.

    Raises:
        UsageError: there is none.
    """
    folder = course.run_dir(assignment, student)
    try:
        found = read_whole(folder)
        _demand_own(found, assignment, student)
        return found
    except FileNotFoundError:
        raise UsageError(
            f"{folder} holds no verdict: grade it first (autograder grade {assignment})"
        ) from None
    except (OSError, Damaged) as error:
        raise UsageError(
            f"{folder} is damaged ({error}): grade it again (autograder grade {assignment})"
        ) from None


def ensure_verdict(bench: Bench, student: str, rooms: Rooms, *, alone: bool = True) -> Verdict:
    """The verdict on the student's submission, from the stored files as far as they still hold.

    Raises:
        RoomError: a room could not be opened or died for a reason that is ours; nothing is stored
            then.
        Overloaded: it ran out of time or of a GPU, but others were running (not `alone`) on more
            than the machine can do.
    """
    work = to_do(bench, student)
    return do(bench, work, rooms, alone=alone) if isinstance(work, Job) else work


def to_do(bench: Bench, student: str) -> Job | Verdict:
    """What a room is needed for; the verdict where none is, because it is stored and holds, or
    because there is nothing that can be run.
    """
    work = due(bench, student)
    if work.do == "nothing":
        return read_whole(bench.run_dir(student))
    if work.do == "judge":
        return Job(student, work)
    try:
        rebuilt = _rebuilt(bench, student)
    except Unreadable as error:
        return _settle_without_run(bench, student, str(error))
    return Job(student, work, rebuilt, _submission_parts(bench, student, rebuilt))


def do(bench: Bench, job: Job, rooms: Rooms, *, alone: bool = True) -> Verdict:
    """Run what has to be, judge it, and store what came of it; of the submission nothing is read
    but what the job holds.

    Raises:
        RoomError, Overloaded: as `ensure_verdict`.
    """
    from autograder.judge.room import judge

    folder = bench.run_dir(job.student)
    if job.rebuilt is not None:
        _run(bench, job, job.rebuilt, rooms, alone=alone)
    stored = own_parts(folder, bench.name, job.student)
    if stored is None:
        raise RoomError(f"{folder} was changed while it was judged")
    judge(folder, bench, rooms)
    note_parts(folder, stored["run"], verdict_parts(bench))
    return read_whole(folder)


def judge_again(bench: Bench, student: str, rooms: Rooms) -> Verdict:
    """A new verdict from the stored answers; nothing of the student's is executed.

    Raises:
        UsageError: there are no answers to judge, they belong to another version of the
            submission, or graders ask something else now.
    """
    folder = bench.run_dir(student)
    stored = own_parts(folder, bench.name, student)
    if stored is None:
        raise UsageError(f"{folder} holds no run to judge; grade {student} without --regrade")
    if differs(bench, student, stored["run"]):
        raise UsageError(
            f"the submission of {student} has changed since it was run; grade it without --regrade"
        )
    if not (folder / "run.json").exists():  # unreadable or missing: there was nothing to run
        return read_whole(folder)
    if asked := changed_questions(bench, folder):
        raise UsageError(asks_otherwise(asked))
    return do(bench, Job(student, Due("judge")), rooms)


def asks_otherwise(asked: Mapping[str, list[str]]) -> str:
    """Why stored answers can't be judged: they answer other questions."""
    names = "; ".join(f"{task}: {', '.join(asked[task])}" for task in asked)
    return (
        f"the questions have changed since they were answered ({names}); `autograder grade`"
        " without --regrade asks just these tasks again"
    )


# --- running ---------------------------------------------------------------------------------


def _run(bench: Bench, job: Job, rebuilt: Rebuilt, rooms: Rooms, *, alone: bool) -> None:
    """Run the submission, or as much of it as the tasks need whose questions are others now."""
    from autograder.rooms.student import Order, ask_again, run_submission

    student, work = job.student, job.due
    folder = bench.run_dir(student)
    partly = work.do == "ask"
    seed = read_run(folder / "run.json").seed if partly else secrets.randbits(SEED_BITS)
    questions = bench.hidden.questions(seed)
    parts = {**run_parts(bench), **job.parts}
    order = Order(
        rebuilt,
        bench.name,
        student,
        questions,
        bench.hidden.needs,
        seed,
        key({**parts, "questions": questions}),
        frozenset(work.tasks) & questions.keys() if partly else None,
        bench.course.settings.given_cells == "all",
        bench.course.settings.rooms.libraries,
    )
    with replacing(folder) as made:
        place = (bench.desk, made, rooms, bench.course.limits)
        run = ask_again(order, folder, *place) if partly else run_submission(order, *place)
        note_parts(made, parts)
        if not alone and ran_short(run):
            raise Overloaded(f"{student} ran short while the machine had more to do than it can")


def ran_short(run: Run) -> bool:
    """Whether a run ran out of time on a machine with more to do than it can, and without having
    had a processor for most of it: an endless loop has. Or whether its GPU failed.
    """
    if any(incident.startswith(GPU_FAILED) for incident in run.incidents):
        return True
    late = "timeout" in (run.status, *(section.status for section in run.sections))
    busy = os.getloadavg()[0] > 1.25 * (os.cpu_count() or 1)
    return late and busy and run.cpu_seconds < _FAIR_SHARE * run.seconds


def verdict_without_run(bench: Bench, student: str) -> Verdict | None:
    """The verdict on what can't be run; None where it can."""
    try:
        _rebuilt(bench, student)
    except Unreadable as error:
        return _without_run(bench, student, _unrun_parts(bench, student), str(error))
    return None


def _settle_without_run(bench: Bench, student: str, why: str) -> Verdict:
    parts = _unrun_parts(bench, student)
    verdict = _without_run(bench, student, parts, why)
    with replacing(bench.run_dir(student)) as made:
        write(made / "verdict.json", to_json(verdict))
        note_parts(made, parts, verdict_parts(bench))
    return verdict


def _unrun_parts(bench: Bench, student: str) -> Parts:
    return {**run_parts(bench), **_submission_parts(bench, student)}


def _without_run(bench: Bench, student: str, parts: Parts, why: str) -> Verdict:
    tasks = tuple(TaskVerdict(task.id, 0.0, task.points, ()) for task in bench.assignment.graded)
    path = bench.course.submission(bench.name, student)
    status: Status = "unreadable" if os.path.lexists(path) else "missing"
    linked = path.parent.is_symlink() or path.parent.parent.is_symlink()
    special = os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode)
    strange = (why,) if linked or special else ()
    return Verdict(
        assignment=bench.name,
        student=student,
        key=key(parts),
        status=status,
        isolation="not needed: nothing was executed",
        score=0.0,
        max_score=sum(task.max_score for task in tasks),
        seconds=0.0,
        tasks=tasks,
        remarks=(why,),
        incidents=(*strange, *_looked_beside(bench, path).incidents),
    )


# --- what is stored --------------------------------------------------------------------------


def stored_parts(folder: Path) -> dict[str, Parts] | None:
    """What the stored run and verdict depend on; None unless all of a run is there."""
    with contextlib.suppress(OSError, Damaged):
        depends: dict[str, Parts] = read_json(folder / DEPENDS)
        if not _is_table_of(dict, depends) or not {"run"} <= depends.keys() <= {"run", "verdict"}:
            return None
        if not all(_is_table_of(str, parts) for parts in depends.values()):
            return None
        if REBUILT in depends["run"]:
            read_run(folder / "run.json")
            read_questions(folder)
        if "verdict" in depends:
            read_whole(folder)
        return depends
    return None


def own_parts(folder: Path, assignment: str, student: str) -> dict[str, Parts] | None:
    """The same of a student's folder; None too where another submission's record lies in it."""
    with contextlib.suppress(OSError, Damaged):
        for name, read in (("run.json", read_run), ("verdict.json", read_verdict)):
            if (folder / name).exists():
                _demand_own(read(folder / name), assignment, student)
        return stored_parts(folder)
    return None


def _demand_own(record: Run | Verdict, assignment: str, student: str) -> None:
    """Refuse the record of another student or assignment.

    Raises:
        Damaged: it is another's.
    """
    if (record.assignment, record.student) != (assignment, student):
        raise Damaged("it holds the record of another submission")


def note_parts(folder: Path, run: Parts, verdict: Parts | None = None) -> None:
    """Write down what the run, and the verdict where there is one, depend on."""
    depends = {"run": run} if verdict is None else {"run": run, "verdict": verdict}
    write(folder / DEPENDS, json.dumps(depends, indent=1, ensure_ascii=False) + "\n")


def read_whole(folder: Path) -> Verdict:
    """The stored verdict, its seconds those of running and judging together."""
    verdict = read_verdict(folder / "verdict.json")
    if not (folder / "run.json").exists():
        return verdict
    run = read_run(folder / "run.json")
    return dataclasses.replace(verdict, seconds=round(run.seconds + verdict.seconds, 3))


def differs(bench: Bench, student: str, stored: Parts) -> bool:
    """Whether the submission is another, or reads otherwise, than the one that was run."""
    if stored.get(SUBMISSION) == _submission_parts(bench, student)[SUBMISSION]:
        return False
    try:
        rebuilt = _rebuilt(bench, student)
    except Unreadable:
        return True
    return stored.get(REBUILT) != _submission_parts(bench, student, rebuilt)[REBUILT]


def _submission_parts(bench: Bench, student: str, rebuilt: Rebuilt | None = None) -> Parts:
    found = _found(bench, student)
    path = found.path
    try:
        regular = stat.S_ISREG(path.lstat().st_mode)
        told = digest_of_file(path) if regular else repr(_beside(path))
    except OSError:
        told = repr(_beside(path))
    parts = {SUBMISSION: digest(told, repr(_looked_beside(bench, path)), *found.remarks)}
    if rebuilt is not None:
        parts[REBUILT] = digest(nbformat.writes(rebuilt.notebook), repr(rebuilt.remarks))
    return parts


def _rebuilt(bench: Bench, student: str) -> Rebuilt:
    """The notebook that is run, and what is said of all that was handed in.

    Raises:
        Unreadable: it can't be read as a notebook.
    """
    found = _present(bench, student)
    rebuilt = rebuild(bench.template, read_submission(found.path))
    others = _looked_beside(bench, found.path)
    remarks = (*found.remarks, *rebuilt.remarks, *others.remarks)
    return dataclasses.replace(rebuilt, remarks=remarks, incidents=others.incidents)


def _looked_beside(bench: Bench, path: Path) -> Beside:
    return look_beside(path, [other.name for other in beside(bench.course, bench.name)])


def _present(bench: Bench, student: str) -> Found:
    found = _found(bench, student)
    path = found.path
    if not path.exists() and not path.is_symlink():
        names = _beside(path)
        instead = (
            f"the folder holds {', '.join(f'«{shown(name, 60)}»' for name in names)}"
            if names
            else "the folder is empty"
        )
        raise Unreadable(
            f"expected a notebook «{path.name}», but {instead}. Hand it in again under the name it"
            " came with."
        )
    return found


def _found(bench: Bench, student: str) -> Found:
    return find_submission(bench.course.submission(bench.name, student), bench.template)


def _beside(path: Path) -> list[str]:
    return (
        sorted(other.name for other in path.parent.iterdir())[:10] if path.parent.is_dir() else []
    )
