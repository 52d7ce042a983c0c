"""`autograder attack`: hands attacks and broken notebooks in, and looks at what they achieve."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.cli.verify import course_here
from autograder.errors import UsageError
from autograder.files import temporary_folder, write
from autograder.grading.results import weakest
from autograder.progress import progress_bar
from autograder.proofs.attacks import Suffered, choose, lay_siege, suffer
from autograder.proofs.bank import Category

_COUNTED = {  # column: kinds of deviations that it counts
    "bystanders": {"bystander", "file changed"},
    "survivors": {"survivor", "left over", "marker"},
    "leaks": {"leak", "file"},
    "markup": {"live markup", "screen"},
}


@click.command("attack")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="KIND",
    type=click.Choice([one for one in get_args(Category) if one]),
    help="Only attacks of this kind; may be repeated. Kinds: "
    + ", ".join(one for one in get_args(Category) if one)
    + ".",
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [2].")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make the attacked course here and keep it.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was found here.",
)
def attack_command(
    names: tuple[str, ...],
    categories: tuple[str, ...],
    jobs: int | None,
    into: Path | None,
    json_file: Path | None,
) -> None:
    """Prove the walls: attacks and broken notebooks, graded beside honest bystanders.

    Each is handed in to a copy of the course, which is graded as any class is. Afterwards nobody
    has points that the answers do not earn, and nobody else's points, files or rows in the
    gradebook have changed. Exit status 0 only if all is as it should be.

    Attacks are files in the folder `attacks` of the course. What lays one out («(hand in)») is run
    with your rights, as graders are.
    """
    console = Console()
    with course_here() as home, _place(into) as folder:
        attacks = choose(home, names, categories)
        siege = lay_siege(home, attacks, folder / "course")
        with progress_bar(console) as progress:
            bar = progress.add_task("attacks and bystanders", total=2 * len(attacks) + 1)

            def done(count: int) -> None:
                bar.completed = min(count, bar.total)

            found = suffer(siege, jobs or 2, done)
    _show(found, console)
    if json_file:
        data = [dataclasses.asdict(one) for one in found]
        write(json_file, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    if any(one.deviations for one in found):
        raise SystemExit(1)


@contextlib.contextmanager
def _place(into: Path | None) -> Iterator[Path]:
    if into is None:
        with temporary_folder("attacks") as folder:
            yield folder
        return
    if into.exists() and any(into.iterdir()):
        raise UsageError(f"{into} is not empty; name another place with --into")
    yield into.resolve()


def _show(found: Sequence[Suffered], console: Console) -> None:
    """What came out otherwise, a line each, and the sums by category."""
    for one in found:
        for deviation in one.deviations:
            told = f"{one.name}: {deviation.kind} {deviation.task}".rstrip()
            console.print(Text(told, style="bold red"))
            expected = f"  expected {deviation.expected}; found {deviation.found}"
            console.print(Text(expected), soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("category")
    for name in ("handed in", "as expected", "points gained", *_COUNTED):
        table.add_column(name, justify="right")
    for category in [*dict.fromkeys(one.category for one in found if one.category), ""]:
        table.add_row(*_row(category, found))
    console.print(table)
    console.print(f"isolation: {weakest(one.isolation for one in found)}", highlight=False)


def _row(category: str, found: Sequence[Suffered]) -> list[str]:
    """The sums of one category; without one, of all."""
    of_it = [one for one in found if not category or one.category == category]
    submissions = [one for one in of_it if one.category]
    kinds = Counter(deviation.kind for one in of_it for deviation in one.deviations)
    return [
        category or "all",
        str(len(submissions)),
        str(sum(not one.deviations for one in submissions)),
        f"{sum(one.gained for one in submissions):g}",
        *(str(sum(kinds[kind] for kind in kinds_)) for kinds_ in _COUNTED.values()),
    ]
