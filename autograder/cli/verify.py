"""`autograder verify`: grades the graders."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.course import Course, find_course, own_course
from autograder.errors import NoCourse, UsageError
from autograder.files import write
from autograder.grading.stages import open_rooms
from autograder.proofs.verify import Result, read_proof, verify
from autograder.sample import lay_out


@click.command("verify")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--bank",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of recipes [as in course.toml].",
)
@click.option("--jobs", type=click.IntRange(1), help="Submissions at a time [as in course.toml].")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the found here.",
)
def verify_command(
    assignments: tuple[str, ...], bank: Path | None, jobs: int | None, json_file: Path | None
) -> None:
    """Grade the graders.

    Reference solutions must score full, untouched releases 0, and every recipe in the bank what it
    says. Exit status 0 only if all do.
    """
    console = Console()
    results: dict[str, list[Result]] = {}
    with _course() as course, open_rooms(course) as rooms:
        names = assignments or _released(course)
        proofs = [read_proof(course, name, bank or course.bank) for name in names]
        console.print(f"isolation: {rooms.isolation}")
        for name, proof in zip(names, proofs, strict=True):
            results[name] = verify(proof, rooms, jobs or course.jobs, console)
            _show(name, results[name], console)
    if json_file:
        _write_json(json_file, results)
    if any(one.deviations for found in results.values() for one in found):
        raise SystemExit(1)


def _released(course: Course) -> tuple[str, ...]:
    names = tuple(course.assignments())
    if not names:
        raise UsageError(f"nothing is released in {course.root}: nbgrader generate_assignment")
    return names


@contextlib.contextmanager
def _course() -> Iterator[Course]:
    """The course here; outside of any, a copy of the one that comes with the package."""
    try:
        yield find_course(Path.cwd())
    except NoCourse:
        click.echo("no course here: verifying the one that comes with the package")
        with tempfile.TemporaryDirectory(prefix="course-") as folder:
            yield lay_out(own_course(), Path(folder))


def _write_json(path: Path, results: dict[str, list[Result]]) -> None:
    data = {name: [asdict(one) for one in found] for name, found in results.items()}
    write(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _show(name: str, found: list[Result], console: Console) -> None:
    table = Table(title=f"{name}: what came out otherwise", show_lines=True)
    for heading in ("known submission", "kind", "task", "expected", "found"):
        table.add_column(heading, overflow="fold")
    for one in found:
        for deviation in one.deviations:
            table.add_row(
                one.name, deviation.kind, deviation.task, deviation.expected, deviation.found
            )
    if table.row_count:
        console.print(table)
    kinds = [deviation.kind for one in found for deviation in one.deviations]
    right = sum(not one.deviations for one in found)
    console.print(
        f"{name}: {right} of {len(found)} known submissions as expected; "
        f"false passes {kinds.count('false pass')}, false fails {kinds.count('false fail')}"
    )
