"""Grades the graders: the reference scores full, the untouched release 0,
every recipe of the bank what it says.
"""

from __future__ import annotations

import copy
import itertools
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from autograder.bench import Bench, open_bench
from autograder.calibration.current import refusals
from autograder.course import Course
from autograder.desk import check_public
from autograder.errors import AutograderError, UsageError
from autograder.grading.gradebook import nbgrader_config
from autograder.judge.hidden_side import dependents
from autograder.judge.room import judge
from autograder.progress import progress_bar
from autograder.proofs.bank import Recipe, read_bank, submission
from autograder.records import TaskVerdict, Verdict, read_run
from autograder.rooms.seam import Rooms
from autograder.rooms.student import Order, run_submission, take_over
from autograder.submissions.rebuilding import rebuild
from autograder.tables import unknown

REFERENCE, UNTOUCHED, THRESHOLDS = "(reference)", "(untouched release)", "(thresholds)"


@dataclass(frozen=True)
class Deviation:
    """One thing that came out otherwise than a recipe says."""

    # "false pass", "false fail", "status", "misconception",
    # "hint", "marker", "threshold" or "error"
    kind: str
    task: str
    expected: str
    found: str


@dataclass(frozen=True)
class Result:
    """What became of one known submission."""

    name: str
    title: str
    deviations: tuple[Deviation, ...]
    shares: dict[str, float]  # task -> share of its points
    seconds: float
    # task -> ids that failed checks name
    misconceptions: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Proof:
    """An assignment and its known submissions."""

    bench: Bench
    recipes: tuple[Recipe, ...]
    reference: Any  # the notebook

    @property
    def folder(self) -> Path:
        """Run directories are made in here."""
        return self.bench.course.runs / "verify" / self.bench.name


def read_proof(course: Course, name: str, bank: Path) -> Proof:
    """Everything that verifying an assignment takes, read and checked before anything runs.

    Raises:
        UsageError: the assignment, its hidden folder, its public checks or its bank are not as they
            should be.
    """
    bench = open_bench(course, name)
    recipes = tuple(read_bank(bank, name))
    for recipe in recipes:
        _demand_known(recipe, bench)
    check_public(course, name)
    source = bench.assignment.source_path
    if not source.is_file():
        raise UsageError(f"{source} is missing: the reference solution")
    reference = nbformat.read(source, as_version=4)
    if (cell := not_released(reference, bench.template, course)) is not None:
        raise UsageError(
            f"{bench.assignment.template_path} is not what {source} gives, beginning with the cell"
            f" «{cell}»; run: nbgrader generate_assignment {name} --force"
        )
    return Proof(bench, recipes, reference)


def not_released(source: Any, release: Any, course: Course) -> str | None:
    """The first cell of a source notebook that has changed since its release; None if none has."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    asked, config = copy.deepcopy(source), nbgrader_config(course)
    for step in (ClearSolutions(config=config), ClearHiddenTests(config=config)):
        asked, _ = step.preprocess(asked, {})
    for now, then in itertools.zip_longest(asked.cells, release.cells):
        if now is None or then is None or _essence(now) != _essence(then):
            cell = now or then
            return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id"))
    return None


def _essence(cell: Any) -> tuple[Any, ...]:
    role = cell.metadata.get("nbgrader", {})
    kept = [role.get(key) for key in ("grade_id", "grade", "solution", "task", "points")]
    return cell.cell_type, cell.source.strip(), kept


def verify(proof: Proof, rooms: Rooms, jobs: int, console: Console) -> list[Result]:
    """Run and judge all known submissions of an assignment, the two bases first.

    Thresholds without a current calibration record are a deviation of their own.
    """
    shutil.rmtree(proof.folder, ignore_errors=True)
    bases = (_base(UNTOUCHED, "release", 0.0, proof), _base(REFERENCE, "reference", 1.0, proof))
    results = _refused(proof.bench)
    with progress_bar(console) as progress, ThreadPoolExecutor(jobs) as pool:
        total = len(proof.recipes) + len(bases)
        bar = progress.add_task(f"verify {proof.bench.name}", total=total)
        try:
            for batch in (bases, proof.recipes):
                work = [pool.submit(_result, one, proof, rooms) for one in batch]
                for done in as_completed(work):
                    results.append(done.result())
                    progress.advance(bar)
        except BaseException:  # Ctrl-C too: what waits is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(results, key=lambda result: result.name)


def _demand_known(recipe: Recipe, bench: Bench) -> None:
    """A misspelt task or misconception would never be compared."""
    for kind, names, known in (
        ("task", [*recipe.cells, *recipe.score, *recipe.misconception], bench.hidden.graders),
        ("hint for the misconception", recipe.misconception.values(), bench.hidden.hints),
    ):
        for name in names:
            if name not in known:
                raise UsageError(f"{recipe.path}: {unknown(kind, name, known)}")


def _refused(bench: Bench) -> list[Result]:
    found = refusals(bench.course, bench.name, bench.hidden)
    deviations = tuple(
        Deviation("threshold", "", "a current calibration record", why) for why in found
    )
    return [Result(THRESHOLDS, "calibrated thresholds", deviations, {}, 0.0)] if deviations else []


def _base(name: str, base: str, share: float, proof: Proof) -> Recipe:
    scores = dict.fromkeys(proof.bench.hidden.graders, (share, share))
    return Recipe(Path(f"{name}.py"), name.strip("()"), proof.bench.name, {}, base, scores)


def _result(recipe: Recipe, proof: Proof, rooms: Rooms) -> Result:
    start = time.monotonic()
    before = _mark(recipe, proof.bench.course)
    try:
        verdict = _judged(recipe, proof, rooms)
    except AutograderError as error:
        deviation = Deviation("error", "", "a verdict", f"{type(error).__name__}: {error}")
        return Result(recipe.name, recipe.title, (deviation,), {}, time.monotonic() - start)
    deviations = [*compare(recipe, verdict)]
    if _mark(recipe, proof.bench.course) != before:
        deviations.append(
            Deviation("marker", "", f"{recipe.marker} as before", "it was made or changed")
        )
    if recipe.name == REFERENCE:
        deviations += _public_checks(proof.folder / REFERENCE)
    shares = {task.task: _share(task) for task in verdict.tasks}
    named = {task.task: ids for task in verdict.tasks if (ids := _named(task))}
    return Result(
        recipe.name, recipe.title, tuple(deviations), shares, time.monotonic() - start, named
    )


def _judged(recipe: Recipe, proof: Proof, rooms: Rooms) -> Verdict:
    """Run what the recipe replaces and what needs it; the other answers come from the base's
    run.
    """
    bench, folder = proof.bench, proof.folder / recipe.name
    whole = not recipe.cells
    tasks = frozenset(dependents(set(recipe.cells), bench.hidden.needs))
    base = proof.folder / (REFERENCE if recipe.base == "reference" else UNTOUCHED)
    # A fresh seed for a base; a recipe shares its base's, since it shares answers with it.
    seed = secrets.randbits(31) if whole else read_run(base / "run.json").seed
    cells = proof.reference if recipe.base == "reference" else bench.template
    order = Order(
        rebuild(bench.template, submission(recipe, cells)),
        bench.name,
        recipe.name,
        bench.hidden.questions(seed),
        bench.hidden.needs,
        seed,
        tasks=None if whole else tasks,
    )
    run = run_submission(order, bench.desk, folder, rooms, bench.course.limits)
    if not whole:
        take_over(folder, run, base, tasks)
    return judge(folder, bench, rooms)


def _public_checks(folder: Path) -> Iterator[Deviation]:
    """What the public checks say against the reference."""
    for cell in nbformat.read(folder / "executed.ipynb", as_version=4).cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade") and not role.get("solution"):
            told = "".join(o.get("text", "") for o in cell.outputs if o.get("name") == "stderr")
            for line in told.splitlines():
                if line.startswith("✗"):
                    task = role["grade_id"].removesuffix("_check")
                    yield Deviation("public check", task, "one that the reference passes", line)


def compare(recipe: Recipe, verdict: Verdict) -> list[Deviation]:
    """Where the verdict differs from what the recipe says."""
    found: list[Deviation] = []
    if verdict.status not in recipe.allowed_status:
        reasons = "; ".join([verdict.status, *_broken(verdict)][:4])
        found.append(Deviation("status", "", " or ".join(recipe.allowed_status), reasons))
    for task in verdict.tasks:
        low, high = recipe.score.get(task.task, (1.0, 1.0))
        found += [*_score_outside(low, high, task)]
        named = _named(task)
        if (wanted := recipe.misconception.get(task.task)) and wanted not in named:
            told = ", ".join(named) or "none named"
            found.append(Deviation("misconception", task.task, wanted, told))
        if named and high == low == 1.0:
            found.append(Deviation("misconception", task.task, "none", ", ".join(named)))
    if (pattern := recipe.hint_should_mention) and not _mentions(pattern, verdict):
        found.append(Deviation("hint", "", pattern, "in no failed check"))
    return found


def _broken(verdict: Verdict) -> Iterator[str]:
    """What graders themselves stopped with."""
    for task in verdict.tasks:
        for check in task.checks:
            if check.ending == "broken":
                yield f"{task.task}, {check.check}: {check.found}"


def _score_outside(low: float, high: float, task: TaskVerdict) -> Iterator[Deviation]:
    share = _share(task)
    wanted = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    if share > high + 1e-9:
        yield Deviation("false pass", task.task, wanted, f"{share:.2f}")
    if share < low - 1e-9:
        why = "; ".join(
            f"{check.check}: {check.found}" for check in task.checks if check.ending != "passed"
        )
        yield Deviation("false fail", task.task, wanted, f"{share:.2f}: {why}")


def _mentions(pattern: str, verdict: Verdict) -> bool:
    return any(
        re.search(pattern, f"{check.expected} {check.found} {check.hint}", re.IGNORECASE)
        for task in verdict.tasks
        for check in task.checks
        if check.ending != "passed"
    )


def _named(task: TaskVerdict) -> tuple[str, ...]:
    """The misconceptions that the failed checks of a task name."""
    return tuple(
        sorted(
            {
                check.misconception
                for check in task.checks
                if check.ending == "failed" and check.misconception
            }
        )
    )


def _share(task: TaskVerdict) -> float:
    return task.score / task.max_score if task.max_score else 0.0


def _mark(recipe: Recipe, course: Course) -> tuple[bool, float]:
    """Whether the recipe's marker exists, and since when it is as it is."""
    if not recipe.marker:
        return False, 0.0
    path = course.root / recipe.marker
    return path.exists(), path.stat().st_mtime if path.exists() else 0.0
