"""What `autograder mutate` and `autograder respell` share: options, the run, what is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.cli.verify import course_here, released
from autograder.errors import UsageError
from autograder.files import write
from autograder.grading.stages import open_rooms
from autograder.proofs.machine import Ending, Made, Tried, try_all
from autograder.proofs.proof import Proof, read_proof
from autograder.tables import unknown

SHOWN = ("task", "ending", "share", "sort", "change", "found")  # of one that should not be


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line."""

    assignments: tuple[str, ...]
    tasks: tuple[str, ...]
    most: int
    seed: int
    bank: Path | None
    jobs: int | None
    json_file: Path | None


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the arguments that make a `Wish`."""
    file = click.Path(path_type=Path, dir_okay=False)
    folder = click.Path(path_type=Path, file_okay=False)
    shared = "How many of an assignment, shared among its tasks; of one that trains, six."
    for option in (
        click.option("--json", "json_file", type=file, help="Write the found here."),
        click.option(
            "--jobs", type=click.IntRange(1), help="Submissions at a time [as in course.toml]."
        ),
        click.option("--bank", type=folder, help="Folder of recipes [as in course.toml]."),
        click.option("--seed", default=1, show_default=True, help="Which of all possible ones."),
        click.option("--most", type=click.IntRange(1), default=240, show_default=True, help=shared),
        click.option("--task", "tasks", multiple=True, help="Only of this task (repeatable)."),
        click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]"),
    ):
        command = option(command)
    return command


def prove(
    kind: str,
    wish: Wish,
    make: Callable[[Proof, Path], Iterable[Made]],
    explain: Callable[[Proof, Path], Callable[[Tried], Tried]],
    endings: Sequence[Ending],
    wrong: Sequence[Ending],
) -> None:
    """Make cells, run and judge them, and show what came of them.

    Raises:
        SystemExit: status 1, some ended as they must not.
        UsageError: a task of that name is in none of the assignments.
    """
    console = Console()
    found: dict[str, list[Tried]] = {}
    with course_here() as course:
        bank = wish.bank or course.bank
        proofs = [read_proof(course, name, bank) for name in wish.assignments or released(course)]
        _demand_tasks(wish.tasks, proofs)
        made = [
            (proof, one)
            for proof in proofs
            for one in make(proof, bank)
            if not wish.tasks or one.task in wish.tasks
        ]
        explained = {proof.name: explain(proof, bank) for proof in proofs}
        tried = try_all(kind, made, partial(open_rooms, course), wish.jobs or course.jobs, console)
        for (proof, _), one in zip(made, tried, strict=True):
            found.setdefault(proof.name, []).append(explained[proof.name](one))
    if wish.json_file:
        data = {name: [asdict(one) for one in several] for name, several in found.items()}
        write(wish.json_file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    for name, several in found.items():
        _show(kind, name, several, endings, wrong, console)
    if any(one.ending in wrong for several in found.values() for one in several):
        raise SystemExit(1)


def _demand_tasks(tasks: Iterable[str], proofs: Iterable[Proof]) -> None:
    known = [task for proof in proofs for task in proof.bench.hidden.graders]
    for task in tasks:
        if task not in known:
            raise UsageError(unknown("task", task, known))


def _show(
    kind: str,
    assignment: str,
    tried: Sequence[Tried],
    endings: Sequence[Ending],
    wrong: Sequence[Ending],
    console: Console,
) -> None:
    """Those that ended as they must not, and how many ended how, task by task."""
    for one in tried:
        if one.ending in wrong:
            block = Table.grid(padding=(0, 2, 0, 0))
            for name in SHOWN:
                block.add_row(name, Text(f"{getattr(one, name)}"))
            console.print(Padding(block, (0, 0, 1, 2)))
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(assignment, no_wrap=True)
    for title in (f"{kind}s", *(ending.replace(" ", "\n") for ending in endings)):
        table.add_column(title, justify="right", vertical="bottom")
    by_task: dict[str, Counter[str]] = {}
    for one in tried:
        by_task.setdefault(one.task, Counter())[one.ending] += 1
    by_task["all"] = sum(by_task.values(), Counter())
    for task, counts in by_task.items():
        table.add_row(task, str(counts.total()), *(str(counts[ending]) for ending in endings))
    console.print(table)
