"""The command `autograder`. TensorFlow is never imported here: only the rooms have it."""

from __future__ import annotations

import difflib
import importlib
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from autograder import __version__
from autograder.errors import AutograderError, IsolationError, UsageError

ELSEWHERE = {  # commands that live beside what they do: module, attribute, and the line in --help
    "inspect": (
        "autograder.architecture.inspect:inspect_command",
        "Describe the architecture in a model file.",
    ),
    "calibrate": (
        "autograder.calibration.command:calibrate_command",
        "Measure the accuracy thresholds: references, weak solutions, 200 draws.",
    ),
    "data": (
        "autograder.data.command:data_command",
        "Make real images and weights ready, as course.toml says.",
    ),
    "verify": ("autograder.verify:verify_command", "Grade the graders with known submissions."),
    "demo": ("autograder.demo:demo_command", "Grade the sample class that comes with the course."),
    "doctor": (
        "autograder.doctor:doctor_command",
        "Say what this machine can do, and what is missing.",
    ),
}
STATUSES = """\b
Exit status:
  0    everything is graded, whatever the scores
  1    something was not graded, or needs a person
  2    the call or the course is set up wrongly
  3    the rooms are less closed than the course demands
  4    --fail-under is not met
  130  interrupted; the same call goes on where it stopped
"""


class Commands(click.Group):
    """The commands; those from elsewhere are imported when they are called,
    wrong names get the nearest right one.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All commands, alphabetically."""
        return sorted([*self.commands, *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name in ELSEWHERE:
            module, _, attribute = ELSEWHERE[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        names = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in names:
            near = difflib.get_close_matches(args[0], names, n=1)
            rest = f"did you mean «{near[0]}»?" if near else f"there are: {', '.join(names)}"
            ctx.fail(f"there is no command «{args[0]}»; {rest}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing what it names."""
        lines = [(name, self._line(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(lines)

    def _line(self, name: str) -> str:
        return (
            ELSEWHERE[name][1]
            if name in ELSEWHERE
            else self.commands[name].get_short_help_str(limit=90)
        )


def _shard(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int]:  # noqa: ARG001
    if value is None:
        return (1, 1)
    part, slash, parts = value.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise click.BadParameter(f"expected I/N with 1 ≤ I ≤ N, such as 3/16, found {value!r}")
    return (int(part), int(parts))


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def cli() -> None:
    """Grade deep-learning notebooks: students' code and hidden tests never share a process."""


@cli.command(epilog=STATUSES)
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT ...]")
@click.option(
    "--student", "students", multiple=True, metavar="ID", help="Only this student; may be repeated."
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [as in course.toml]."
)
@click.option(
    "--shard",
    callback=_shard,
    metavar="I/N",
    help="Only the I-th of N parts; the gradebook is left alone.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="Not in this version: share the work by --shard."
)
@click.option(
    "--regrade",
    is_flag=True,
    help="Judge the stored answers again; nothing of the students' is executed.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the results here too.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 4 if the mean is lower.",
)
@click.option(
    "--trust-submissions",
    is_flag=True,
    help="Run them although the rooms are less closed than demanded.",
)
def grade(
    assignments: tuple[str, ...],
    students: tuple[str, ...],
    jobs: int | None,
    shard: tuple[int, int],
    cluster: str | None,
    regrade: bool,
    json_file: Path | None,
    fail_under: float | None,
    trust_submissions: bool,
) -> None:
    """Grade submissions, up to gradebook, feedback and report.

    Without ASSIGNMENT, all that are released and were handed in. What is graded already and has not
    changed since is not run again. The parts of a shared job (--shard) only run and judge; the same
    command without --shard, once they are done, brings all into the gradebook.
    """
    from rich.console import Console

    from autograder.course import find_course
    from autograder.grade import Wish, percent, places, show
    from autograder.grade import grade as grade_classes
    from autograder.results import results, write_results

    if cluster is not None:
        raise UsageError(
            "--cluster needs the cluster extra, which is not in this version; "
            "share the work by --shard I/N"
        )
    course, console = find_course(Path.cwd()), Console()
    names = assignments or tuple(name for name in course.assignments() if course.students(name))
    if not names:
        raise UsageError(
            f"nothing is handed in: no folder submitted/<student>/<assignment>/ in {course.root}"
        )
    wish = Wish(students, jobs or course.jobs, shard, regrade, trust_submissions)
    graded = grade_classes(course, names, wish, console)
    for one in graded:
        show(one, console)
    if json_file is not None:
        data = [results(one.assignment, one.verdicts) for one in graded]
        write_results(json_file, data[0] if len(data) == 1 else data)
    if shard == (1, 1):
        for name, place in places(course, graded):
            console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    else:
        console.print(
            f"part {shard[0]} of {shard[1]} is in {course.runs}; "
            "when all are done: autograder grade",
            highlight=False,
        )
    if not all(one.complete for one in graded):
        raise SystemExit(1)
    if (
        fail_under is not None
        and percent([verdict for one in graded for verdict in one.verdicts]) < fail_under
    ):
        raise SystemExit(4)


@cli.command()
@click.argument("run_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def judge(run_dir: Path, as_json: bool) -> None:
    """Judge one run again and print its checks.

    RUN_DIR is runs/<assignment>/<student>; nothing of the student's is executed. The gradebook is
    left alone: `autograder grade` brings the new verdict in.
    """
    from autograder.course import find_course
    from autograder.nbgrader_bridge.feedback import checks_text
    from autograder.records import read_run, to_json
    from autograder.stages import judge_again, open_bench, open_rooms

    course = find_course(run_dir)
    if not (run_dir / "run.json").is_file():
        raise UsageError(
            f"{run_dir} holds no run.json; "
            "expected runs/<assignment>/<student> of a graded submission"
        )
    run = read_run(run_dir / "run.json")
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
    for task in verdict.tasks:
        click.echo(checks_text(task))


@cli.command()
@click.argument("assignment")
def report(assignment: str) -> None:
    """Write class report and results of ASSIGNMENT from what is stored."""
    from autograder.course import find_course, read_assignment
    from autograder.report import write_report
    from autograder.results import results, write_results
    from autograder.stages import stored_verdict

    course = find_course(Path.cwd())
    found = read_assignment(course, assignment)
    students = course.students(assignment)
    there = [
        student
        for student in students
        if (course.run_dir(assignment, student) / "verdict.json").is_file()
    ]
    if not there:
        raise UsageError(
            f"nobody is graded yet in {assignment}; grade first: autograder grade {assignment}"
        )
    verdicts = [stored_verdict(course, assignment, student) for student in there]
    problems = {student: "not graded yet" for student in students if student not in there}
    write_results(course.runs / f"{assignment}.json", results(assignment, verdicts))
    write_report(course.runs / f"{assignment}.html", found, verdicts, problems)
    click.echo(f"{course.runs / f'{assignment}.html'}\n{course.runs / f'{assignment}.json'}")


def main(argv: list[str] | None = None) -> None:
    """Run the command line; what we raise on purpose becomes one line and an exit status."""
    # batch systems stop a job with it: the same as Ctrl-C
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status: Any = cli.main(argv, prog_name="autograder", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; the same command goes on where this one stopped", err=True)
        sys.exit(130)
    except IsolationError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(3)
    except UsageError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(2)
    except AutograderError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
