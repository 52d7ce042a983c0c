"""One known submission through its stages: what is stored is used again as long as nothing that it
depends on has changed.

runs/verify/<assignment>/<known submission>/ is a run directory as a student's. The bases, whose
cells all run, have a seed of their own. A recipe is asked, with its base's seed, about what it
replaces and what leans on that (asked.py), and takes the other answers from its base: so its run
depends on the base's seed, its verdict on the whole of the base's run. Where a grader asks
otherwise now, a base is asked again about just that task; of the recipes those run again that run
the task.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
import shutil
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.errors import AutograderError, LeanError, RoomError
from autograder.files import digest, replacing, write
from autograder.grading.keys import Parts, changed, key, run_parts, verdict_parts
from autograder.grading.stages import (
    QUESTIONS,
    REBUILT,
    Due,
    Overloaded,
    changed_questions,
    note_parts,
    ran_short,
    read_whole,
    stored_parts,
)
from autograder.judge.hidden_side import dependents
from autograder.proofs.asked import asked_about, order_of
from autograder.proofs.bank import Recipe
from autograder.proofs.comparing import Deviation, compare, misprints, named, share
from autograder.proofs.proof import Proof
from autograder.records import Run, TaskVerdict, Verdict, read_run, read_verdict
from autograder.rooms.seam import Rooms
from autograder.rooms.student import Order, ask_again, not_found, run_submission, take_over

REFERENCE, UNTOUCHED, ALL_CELLS = "(reference)", "(untouched release)", "(all cells)"
MARKED = "marker"  # in a run directory: the marker was made or changed meanwhile


@dataclass(frozen=True)
class Result:
    """What became of one known submission."""

    name: str
    title: str
    deviations: tuple[Deviation, ...]
    shares: dict[str, float]  # task -> share of its points
    seconds: float  # of running and judging, whenever that was
    # task -> ids that failed checks name
    misconceptions: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    left_open: tuple[str, ...] = ()  # tasks that were not run, and of which nothing is said


@dataclass(frozen=True, eq=False)
class Known:
    """A known submission of an assignment."""

    proof: Proof
    recipe: Recipe
    only: frozenset[str] | None = None  # it is asked and judged about just these tasks; None: all

    @property
    def folder(self) -> Path:
        """Its run directory."""
        return self.proof.folder / self.recipe.name

    @property
    def base(self) -> Path | None:
        """The run directory that it takes answers from; None where all its cells run."""
        name = REFERENCE if self.recipe.base == "reference" else UNTOUCHED
        return self.proof.folder / name if self.recipe.cells else None

    @property
    def only_looked_at(self) -> bool:
        """Whether just what its cells print counts: nothing is asked or judged."""
        return self.recipe.name == ALL_CELLS

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks that it is asked about."""
        return self._asked[0]

    @property
    def left_open(self) -> frozenset[str]:
        """The tasks that it is not asked about and that need not come out as on its base."""
        return self._asked[1]

    @cached_property
    def _asked(self) -> tuple[frozenset[str], frozenset[str]]:
        if self.only is not None:
            return self.only, frozenset()
        if self.base is None:
            return frozenset(self.proof.bench.hidden.graders), frozenset()
        return asked_about(self.recipe, self.proof)


def known_submissions(proof: Proof) -> list[Known]:
    """All of an assignment, the bases first."""
    bases = (
        _whole(ALL_CELLS, "reference", 1.0, proof),
        _whole(REFERENCE, "reference", 1.0, proof),
        _whole(UNTOUCHED, "release", 0.0, proof),
    )
    return [Known(proof, recipe) for recipe in (*bases, *proof.recipes)]


def _whole(name: str, base: str, points: float, proof: Proof) -> Recipe:
    scores = dict.fromkeys(proof.bench.hidden.graders, (points, points))
    return Recipe(Path(f"{name}.py"), name.strip("()"), proof.name, {}, base, scores)


# --- what is to be done ----------------------------------------------------------------------


def due(known: Known) -> Due:
    """What is to be done about it, provided that its base is as it should be.

    Raises:
        UsageError: a grader's questions can't be drawn.
    """
    bench, stored = known.proof.bench, stored_parts(known.folder)
    if stored is None or not _is_whole(known):
        return Due("run", ("not run yet",))
    if why := changed(stored["run"], _run_parts(known)):
        return Due("run", tuple(why))
    if known.only_looked_at:
        return Due("nothing")
    if not (why := changed(stored.get("verdict", {}), _verdict_parts(known))):
        return Due("nothing")
    asked = [task for task in changed_questions(bench, known.folder) if task in known.tasks]
    if asked:
        return Due("run" if known.base else "ask", tuple(why), tuple(asked))
    return Due("judge", tuple(why))


def seconds_expected(known: Known) -> float:
    """What it will take: what it took, or else what its base took for the same tasks."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = _read_run(known) if known.only_looked_at else read_whole(known.folder)
        return found.seconds
    if known.base is None:
        return float("inf") if known.recipe.base == "reference" else 0.0
    sections = read_run(known.base / "run.json").sections
    return sum(section.seconds for section in sections if section.task in known.tasks)


def _is_whole(known: Known) -> bool:
    """Whether what later stages read is there."""
    if not known.only_looked_at:
        return (known.folder / "artefacts").is_dir()
    try:
        _looked_at(known)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def _run_parts(known: Known) -> Parts:
    """What its run depends on, its questions excepted, which are compared as data."""
    proof, recipe = known.proof, known.recipe
    cells = json.dumps(recipe.cells, sort_keys=True)
    base = proof.reference_digest if recipe.base == "reference" else ""
    parts = {**run_parts(proof.bench), REBUILT: digest(recipe.base, base, cells)}
    parts["marker"] = digest(recipe.marker)
    if known.base:
        parts["seed of its base"] = str(read_run(known.base / "run.json").seed)
        parts["what tasks need"] = digest(repr(sorted(proof.bench.hidden.needs.items())))
        parts["what it is asked about"] = digest(*sorted(known.tasks))
    return parts


def _verdict_parts(known: Known) -> Parts:
    """What its verdict depends on, its run excepted."""
    parts = verdict_parts(known.proof.bench)
    if known.base is None:
        return parts
    return {**parts, "run of its base": digest((known.base / "run.json").read_bytes())}


# --- making it -------------------------------------------------------------------------------


def ensure(known: Known, rooms: Rooms, stop: threading.Event, *, alone: bool = True) -> None:
    """Run and judge it as far as what is stored does not hold; its base is as it should be.

    Raises:
        RoomError: a room could not be opened or died for a reason that is ours, or everything was
            told to `stop`; nothing is stored then.
        Overloaded: it ran out of time, but others were running (not `alone`) on more than the
            machine can do.
    """
    work = due(known)
    if work.do in {"run", "ask"}:
        _run(known, rooms, work, stop, alone=alone)
    if work.do != "nothing" and not known.only_looked_at:
        _judge(known, rooms, stop)


def _run(known: Known, rooms: Rooms, work: Due, stop: threading.Event, *, alone: bool) -> None:
    bench, parts, unmarked = known.proof.bench, _run_parts(known), _marker(known)
    order = _order(known, parts, again=work.tasks if work.do == "ask" else ())
    with replacing(known.folder) as made:
        place = (bench.desk, made, rooms, bench.course.limits)
        if work.do == "ask":
            run = ask_again(order, known.folder, *place)
        else:
            run = run_submission(order, *place)
        note_parts(made, parts)
        if _marker(known) != unmarked:
            write(made / MARKED, known.recipe.marker)
        _demand_undisturbed(known, run, stop, alone=alone)
        _demand_whole(order, run, made)


def _order(known: Known, parts: Parts, again: tuple[str, ...]) -> Order:
    """What is run of it, and asked: its tasks, or of a base that was run before just some."""
    proof, recipe = known.proof, known.recipe
    if known.base or again:
        seed = read_run((known.base or known.folder) / "run.json").seed
    else:
        seed = secrets.randbits(31)
    order, whole = order_of(recipe, proof, seed), known.base is None and not again
    questions = {} if known.only_looked_at else order.questions
    return dataclasses.replace(
        order,
        questions=questions,
        key=key({**parts, "questions": questions}),
        tasks=None if whole else known.tasks.intersection(again or known.tasks),
        everything=known.only_looked_at or order.everything,
    )


def _judge(known: Known, rooms: Rooms, stop: threading.Event) -> None:
    from autograder.judge.room import judge

    stored = stored_parts(known.folder)
    assert stored is not None
    parts, unmarked = _verdict_parts(known), _marker(known)
    note_parts(known.folder, stored["run"])  # until there is a new one, no verdict holds
    if known.base is not None:
        _take_from_base(known, known.base)
    judge(known.folder, known.proof.bench, rooms, _judged_with_base(known))
    if known.only is not None:  # machine-made ones are many
        _drop_taken(known)
    if _marker(known) != unmarked:
        write(known.folder / MARKED, known.recipe.marker)
    _demand_undisturbed(known, None, stop)
    note_parts(known.folder, stored["run"], parts)


def _judged_with_base(known: Known) -> dict[str, TaskVerdict]:
    """The tasks on which its verdict is its base's: their answers are, and those of all tasks that
    were looked at.
    """
    if known.base is None:
        return {}
    tasks = read_verdict(known.base / "verdict.json").tasks
    if known.only is not None:
        return {task.task: task for task in tasks if task.task not in known.only}
    own: set[str] = set()
    while more := {
        task.task
        for task in tasks
        if task.task not in own | known.left_open
        and (task.task in known.tasks or task.leans is None or own.intersection(task.leans))
    }:
        own |= more
    return {task.task: task for task in tasks if task.task not in own}


def _take_from_base(known: Known, base: Path) -> None:
    """The answers that it shares with its base, in place of those taken earlier."""
    _drop_taken(known)
    take_over(known.folder, _read_run(known), base, known.tasks)
    # the judge reads the questions beside the answers; its own tasks' are the same
    write(known.folder / QUESTIONS, (base / QUESTIONS).read_bytes())


def _drop_taken(known: Known) -> None:
    for answers in (known.folder / "artefacts").iterdir():
        if answers.name not in known.tasks:
            shutil.rmtree(answers)


def _demand_undisturbed(
    known: Known, run: Run | None, stop: threading.Event, *, alone: bool = True
) -> None:
    """What happened in rooms that were closed from outside, or too slowly, is nobody's result."""
    if stop.is_set():
        raise RoomError("interrupted")
    if run is not None and not alone and ran_short(run):
        raise Overloaded(f"{known.recipe.name} ran out of time on an overloaded machine")


def _demand_whole(order: Order, run: Run, folder: Path) -> None:
    """What was not found because its section did not run is no mistake of the submission's."""
    for task, names in not_found(order, run, folder).items():
        raise LeanError(
            f"{task} did not find {', '.join(sorted(names))}, which an earlier section binds that"
            " was not run: what leans on it is not to be seen in the syntax tree"
        )


def _marker(known: Known) -> tuple[bool, float]:
    """Whether the marker exists, and since when it is as it is."""
    path = known.proof.bench.course.root / known.recipe.marker
    if not known.recipe.marker or not path.exists():
        return False, 0.0
    return True, path.stat().st_mtime


# --- what came of it -------------------------------------------------------------------------


def result(known: Known) -> Result:
    """What is stored, compared with what the recipe says now."""
    recipe = known.recipe
    if known.only_looked_at:
        run = _read_run(known)
        return Result(recipe.name, recipe.title, tuple(_looked_at(known)), {}, run.seconds)
    verdict = _settled(known, read_whole(known.folder))
    deviations = compare(recipe, verdict)
    if (known.folder / MARKED).exists():
        told = "it was made or changed"
        deviations.append(Deviation("marker", "", f"{recipe.marker} as before", told))
    return Result(
        recipe.name,
        recipe.title,
        tuple(deviations),
        {task.task: share(task) for task in verdict.tasks},
        verdict.seconds,
        {task.task: ids for task in verdict.tasks if (ids := named(task))},
        tuple(sorted(known.left_open)),
    )


def _settled(known: Known, verdict: Verdict) -> Verdict:
    """The verdict without the tasks that are left open, and those that were judged by their
    answers.
    """
    leans = {task.task: task.leans or () for task in verdict.tasks}
    open_ = dependents(set(known.left_open), leans)
    tasks = tuple(task for task in verdict.tasks if task.task not in open_)
    return dataclasses.replace(verdict, tasks=tasks)


def failure(known: Known, error: AutograderError) -> Result:
    """What is said of one that could not be made; it is tried again next time."""
    told = Deviation("error", "", "a verdict", f"{type(error).__name__}: {error}")
    return Result(known.recipe.name, known.recipe.title, (told,), {}, 0.0)


def _looked_at(known: Known) -> list[Deviation]:
    """What the executed notebook shows that it should not."""
    executed = json.loads((known.folder / "executed.ipynb").read_text(encoding="utf-8"))
    found = list(misprints(executed))
    if (status := _read_run(known).status) != "graded":
        found.append(Deviation("status", "", "graded", status))
    return found


def _read_run(known: Known) -> Run:
    return read_run(known.folder / "run.json")
