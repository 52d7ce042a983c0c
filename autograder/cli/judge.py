"""`autograder judge`: one stored run."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.bench import open_bench
from autograder.course import find_course
from autograder.errors import UsageError
from autograder.grading.stages import judge_again, open_rooms
from autograder.records import Damaged, read_run, to_json


@click.command("judge")
@click.argument("run_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def judge_command(run_dir: Path, as_json: bool) -> None:
    """Judge one run again and print its checks.

    RUN_DIR is runs/<assignment>/<student>; nothing of the student's is executed. The gradebook is
    left alone: `autograder grade` brings the new verdict in.
    """
    course = find_course(run_dir)
    if not (run_dir / "run.json").is_file():
        raise UsageError(
            f"{run_dir} holds no run.json; "
            "expected runs/<assignment>/<student> of a graded submission"
        )
    try:
        run = read_run(run_dir / "run.json")
    except (OSError, Damaged) as error:
        raise UsageError(f"{error}: grade it again (autograder grade)") from None
    if course.run_dir(run.assignment, run.student) != run_dir.resolve():
        raise UsageError(
            f"{run_dir} is not where this course keeps that run "
            f"({course.run_dir(run.assignment, run.student)})"
        )
    with open_rooms(course) as rooms:
        verdict = judge_again(open_bench(course, run.assignment), run.student, rooms)
    if as_json:
        click.echo(to_json(verdict), nl=False)
        return
    click.echo(
        f"{verdict.student}: {verdict.status}, {verdict.score:g} of {verdict.max_score:g} points"
    )
    from autograder.nbgrader_bridge.checks import checks_text

    for number, task in enumerate(verdict.tasks):
        click.echo(checks_text(task, verdict.tasks[:number]))
