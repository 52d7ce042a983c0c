"""Grades the graders: the reference scores full, the untouched release 0,
every recipe of the bank what it says.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import nbformat
from rich.console import Console
from rich.table import Table

from autograder.bank import Recipe, read_bank, submission
from autograder.calibration.current import refusals
from autograder.course import Assignment, Course, find_course, read_assignment
from autograder.errors import AutograderError, UsageError
from autograder.graders import Grader, dependents, graders
from autograder.notebook import rebuild
from autograder.progress import progress_bar
from autograder.records import Run, TaskVerdict, Verdict, read_run, to_json

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
class Outcome:
    """What became of one known submission."""

    name: str
    title: str
    deviations: tuple[Deviation, ...]
    shares: dict[str, float]  # task -> share of its points
    seconds: float
    # task -> ids that failed checks name
    misconceptions: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """Everything that the known submissions of one assignment have in common."""

    assignment: Assignment
    graders: dict[str, Grader]
    rooms: Any
    course: Course
    folder: Path  # run directories are made in here
    reference: Any
    release: Any


def verify(
    course: Course, name: str, bank: Path, rooms: Any, jobs: int, console: Console
) -> list[Outcome]:
    """Run and judge all known submissions of an assignment, the two bases first.

    Thresholds without a current calibration record are a deviation of their own.
    """
    assignment = read_assignment(course, name)
    recipes = read_bank(bank / name)
    folder = course.runs / "verify" / name
    shutil.rmtree(folder, ignore_errors=True)
    bench = Bench(
        assignment,
        graders(name),
        rooms,
        course,
        folder,
        nbformat.read(assignment.source_path, as_version=4),
        nbformat.read(assignment.template_path, as_version=4),
    )
    bases = [
        _base(name, UNTOUCHED, "release", 0.0, bench),
        _base(name, REFERENCE, "reference", 1.0, bench),
    ]
    with progress_bar(console) as progress, ThreadPoolExecutor(jobs) as pool:
        bar = progress.add_task(f"verify {name}", total=len(recipes) + len(bases))
        outcomes = _refused(bench)
        try:
            for batch in (bases, recipes):
                for done in as_completed(
                    [pool.submit(_outcome, recipe, bench) for recipe in batch]
                ):
                    outcomes.append(done.result())
                    progress.advance(bar)
        except BaseException:  # Ctrl-C too: what waits is not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(outcomes, key=lambda outcome: outcome.name)


def _refused(bench: Bench) -> list[Outcome]:
    found = refusals(bench.course, bench.assignment.name, bench.graders)
    deviations = tuple(
        Deviation("threshold", "", "a current calibration record", why) for why in found
    )
    return [Outcome(THRESHOLDS, "calibrated thresholds", deviations, {}, 0.0)] if deviations else []


def _base(assignment: str, name: str, base: str, share: float, bench: Bench) -> Recipe:
    scores = dict.fromkeys(bench.graders, (share, share))
    return Recipe(Path(f"{name}.py"), name.strip("()"), assignment, {}, base, scores)


def _outcome(recipe: Recipe, bench: Bench) -> Outcome:
    start = time.monotonic()
    before = _mark(recipe, bench.course)
    try:
        verdict = _judged(recipe, bench)
    except AutograderError as error:
        deviation = Deviation("error", "", "a verdict", f"{type(error).__name__}: {error}")
        return Outcome(recipe.name, recipe.title, (deviation,), {}, time.monotonic() - start)
    deviations = [*compare(recipe, verdict)]
    if _mark(recipe, bench.course) != before:
        deviations.append(
            Deviation("marker", "", f"{recipe.marker} as before", "it was made or changed")
        )
    shares = {task.task: _share(task) for task in verdict.tasks}
    named = {task.task: ids for task in verdict.tasks if (ids := _named(task))}
    return Outcome(
        recipe.name, recipe.title, tuple(deviations), shares, time.monotonic() - start, named
    )


def _judged(recipe: Recipe, bench: Bench) -> Verdict:
    """Run what the recipe replaces and what needs it;
    the other answers come from the base's run.
    """
    from autograder.judge.room import judge
    from autograder.rooms.student import run_submission

    whole = not recipe.cells
    tasks = set(bench.graders) if whole else dependents(set(recipe.cells), bench.graders)
    base = bench.reference if recipe.base == "reference" else bench.release
    run_dir, seed = bench.folder / recipe.name, _seed(recipe, bench)
    run = run_submission(
        rebuild(bench.release, submission(recipe, base)),
        bench.assignment.name,
        recipe.name,
        {task: grader.questions(seed) for task, grader in bench.graders.items()},
        {task: grader.needs for task, grader in bench.graders.items()},
        run_dir,
        bench.rooms,
        bench.course.limits,
        seed=seed,
        tasks=None if whole else tasks,
    )
    if not whole:
        _complete(
            run_dir,
            run,
            bench.folder / (REFERENCE if recipe.base == "reference" else UNTOUCHED),
            tasks,
        )
    return judge(run_dir, bench.assignment, bench.rooms, bench.course)


def _seed(recipe: Recipe, bench: Bench) -> int:
    """A fresh seed for a base; a recipe shares its base's, since it shares answers with it."""
    if not recipe.cells:
        return secrets.randbits(31)
    return read_run(
        bench.folder / (REFERENCE if recipe.base == "reference" else UNTOUCHED) / "run.json"
    ).seed


def _complete(run_dir: Path, run: Run, base_dir: Path, tasks: set[str]) -> None:
    """Answers and sections of the tasks that were not run, taken from the base's run."""
    for answers in (base_dir / "artefacts").iterdir():
        if answers.name not in tasks:
            shutil.copytree(answers, run_dir / "artefacts" / answers.name, dirs_exist_ok=True)
    own = {section.task: section for section in run.sections if section.task in tasks}
    sections = tuple(
        own.get(section.task, section) for section in read_run(base_dir / "run.json").sections
    )
    (run_dir / "run.json").write_text(to_json(replace(run, sections=sections)), encoding="utf-8")


def compare(recipe: Recipe, verdict: Verdict) -> list[Deviation]:
    """Where the verdict differs from what the recipe says."""
    found: list[Deviation] = []
    if verdict.status not in recipe.allowed_status:
        found.append(Deviation("status", "", " or ".join(recipe.allowed_status), verdict.status))
    for task in verdict.tasks:
        low, high = recipe.score.get(task.task, (1.0, 1.0))
        share = _share(task)
        wanted = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        if share > high + 1e-9:
            found.append(Deviation("false pass", task.task, wanted, f"{share:.2f}"))
        if share < low - 1e-9:
            why = "; ".join(
                f"{check.check}: {check.found}" for check in task.checks if check.ending != "passed"
            )
            found.append(Deviation("false fail", task.task, wanted, f"{share:.2f}: {why}"))
        named = _named(task)
        if (wanted_id := recipe.misconception.get(task.task)) and wanted_id not in named:
            found.append(
                Deviation("misconception", task.task, wanted_id, ", ".join(named) or "none named")
            )
        if named and high == low == 1.0:
            found.append(Deviation("misconception", task.task, "none", ", ".join(named)))
    if unknown := {*recipe.score, *recipe.misconception} - {task.task for task in verdict.tasks}:
        raise UsageError(
            f"{recipe.path}: there is no task {', '.join(sorted(unknown))} with graders"
        )
    if (pattern := recipe.hint_should_mention) and not _mentions(pattern, verdict):
        found.append(Deviation("hint", "", pattern, "in no failed check"))
    return found


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
    if recipe.marker is None:
        return False, 0.0
    path = course.root / recipe.marker
    return path.exists(), path.stat().st_mtime if path.exists() else 0.0


def _show(name: str, outcomes: list[Outcome], console: Console) -> None:
    table = Table(title=f"{name}: what came out otherwise", show_lines=True)
    for heading in ("known submission", "kind", "task", "expected", "found"):
        table.add_column(heading, overflow="fold")
    for outcome in outcomes:
        for deviation in outcome.deviations:
            table.add_row(
                outcome.name, deviation.kind, deviation.task, deviation.expected, deviation.found
            )
    if table.row_count:
        console.print(table)
    kinds = [deviation.kind for outcome in outcomes for deviation in outcome.deviations]
    right = sum(not outcome.deviations for outcome in outcomes)
    console.print(
        f"{name}: {right} of {len(outcomes)} known submissions as expected; "
        f"false passes {kinds.count('false pass')}, false fails {kinds.count('false fail')}"
    )


@click.command("verify")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--bank",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of recipes [tests/bank].",
)
@click.option("--jobs", type=click.IntRange(1), help="Submissions at a time [as in course.toml].")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the outcomes here.",
)
def verify_command(
    assignments: tuple[str, ...], bank: Path | None, jobs: int | None, json_file: Path | None
) -> None:
    """Grade the graders.

    Reference solutions must score full, untouched releases 0, and every recipe in the bank what it
    says. Exit status 0 only if all do.
    """
    from autograder.data.prepared import prepared, public_files, use
    from autograder.rooms.warm import warm_rooms

    course, console = find_course(Path.cwd()), Console()
    use(real := prepared(course))
    bank = bank or course.root / "tests" / "bank"
    names = assignments or tuple(name for name in course.assignments() if (bank / name).is_dir())
    results: dict[str, list[Outcome]] = {}
    with warm_rooms(data=public_files(real)) as rooms:
        console.print(f"isolation: {rooms.isolation}")
        for name in names:
            results[name] = verify(course, name, bank, rooms, jobs or course.jobs, console)
            _show(name, results[name], console)
    if json_file:
        data = {
            name: [asdict(outcome) for outcome in outcomes] for name, outcomes in results.items()
        }
        json_file.write_text(
            json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    if any(outcome.deviations for outcomes in results.values() for outcome in outcomes):
        raise SystemExit(1)
