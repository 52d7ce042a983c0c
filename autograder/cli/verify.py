"""`autograder verify`: grades the graders."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from autograder.course import Course, find_course, own_course
from autograder.errors import NoCourse, UsageError
from autograder.files import temporary_folder, write
from autograder.grading.stages import open_rooms
from autograder.proofs.comparing import Deviation
from autograder.proofs.proof import read_proof
from autograder.proofs.verify import Verified, forget, verify
from autograder.sample import lay_out


@click.command("verify")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--bank",
    type=click.Path(exists=True, path_type=Path, file_okay=False),
    help="Folder of recipes [as in course.toml].",
)
@click.option("--jobs", type=click.IntRange(1), help="Submissions at a time [as in course.toml].")
@click.option("--fresh", is_flag=True, help="Forget what was verified before.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the found here.",
)
def verify_command(
    assignments: tuple[str, ...],
    bank: Path | None,
    jobs: int | None,
    fresh: bool,
    json_file: Path | None,
) -> None:
    """Grade the graders.

    Reference solutions must score full, untouched releases 0, and every recipe in the bank what it
    says. What has not changed since an earlier call is not run or judged again. Exit status 0 only
    if all do.
    """
    console = Console()
    with course_here() as course:
        names = dict.fromkeys(assignments or released(course))
        proofs = [read_proof(course, name, bank or course.bank) for name in names]
        if fresh:
            forget(proofs)
        verified = verify(proofs, partial(open_rooms, course), jobs or course.jobs, console)
    for one in verified:
        _show(one, console)
    if json_file:
        _write_json(json_file, verified)
    if any(result.deviations for one in verified for result in one.results):
        raise SystemExit(1)


def released(course: Course) -> tuple[str, ...]:
    """The names of all assignments of a course.

    Raises:
        UsageError: there are none.
    """
    names = tuple(course.assignments())
    if not names:
        raise UsageError(f"nothing is released in {course.root}: autograder release")
    return names


@contextlib.contextmanager
def course_here() -> Iterator[Course]:
    """The course here; outside of any, a copy of the one that comes with the package."""
    try:
        yield find_course(Path.cwd())
    except NoCourse:
        click.echo("no course here: verifying the one that comes with the package")
        with temporary_folder("course") as folder:
            yield lay_out(own_course(), folder)


def _write_json(path: Path, verified: list[Verified]) -> None:
    data = {one.assignment: [asdict(result) for result in one.results] for one in verified}
    write(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _show(verified: Verified, console: Console) -> None:
    """What came out otherwise, a block for each, and the sum."""
    for result in verified.results:
        for deviation in result.deviations:
            console.print(Text(f"{result.name}: {result.title}", style="bold"))
            console.print(Padding(_block(deviation), (0, 0, 1, 2)))
    kinds = [deviation.kind for one in verified.results for deviation in one.deviations]
    right = sum(not one.deviations for one in verified.results)
    left_open = sum(len(one.left_open) for one in verified.results)
    console.print(
        f"{verified.assignment}: {right} of {len(verified.results)} known submissions as expected"
        f" ({verified.remembered} remembered); "
        f"false passes {kinds.count('false pass')}, false fails {kinds.count('false fail')}"
        + (f"; trained tasks left open {left_open}" if left_open else ""),
        soft_wrap=True,
    )


def _block(deviation: Deviation) -> Table:
    table = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    for name, told in asdict(deviation).items():
        if told:
            table.add_row(name, Text(told))
    return table
