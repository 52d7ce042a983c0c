"""`autograder collect`: a download of what a class handed in, into submitted/."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console

from autograder.course import Course, find_course
from autograder.errors import Unreadable
from autograder.files import lock
from autograder.lms.archive import Contents, Refused, open_contents
from autograder.lms.around import Known
from autograder.lms.downloads import SYSTEMS, TITLES, Download, System, read_download
from autograder.lms.roster import Roster, course_roster
from autograder.progress import progress_bar
from autograder.showing import quoted, shown
from autograder.submissions.beside import STAMP, read_stamp
from autograder.submissions.collecting import (
    Plan,
    Rules,
    Step,
    assignment_of,
    carry_out,
    is_barred,
    plan,
)

STATUSES = """\b
Exit status:
  0    everything is collected, or was before
  1    something could not be matched or taken, or was left as it was put by
       hand
  2    call, download or roster can't be read, or the machine refuses: full,
       read-only
  130  interrupted; the same call goes on where it stopped
"""
_DONE = {
    "new": "collected",
    "newer": "replaced by what is newer",
    "unchanged": "there already",
    "older": "left alone, as what is there is newer",
    "kept": "not overwritten",
}
_NAMED = 12  # students in a line


def _zone(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.tzinfo | None:  # noqa: ARG001
    try:
        return zoneinfo.ZoneInfo(value) if value else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(
            f"expected a time zone such as Europe/Berlin or UTC, found {quoted(value)}"
        ) from None


@click.command("collect", epilog=STATUSES)
@click.argument("download", metavar="ZIP-OR-FOLDER", type=click.Path(path_type=Path))
@click.argument("assignment", required=False)
@click.option(
    "--roster",
    "roster_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Who is who: a CSV file that the system exports, or your own [roster.csv of the course].",
)
@click.option(
    "--from",
    "system",
    type=click.Choice(SYSTEMS),
    help="Whose names they are [told from the names].",
)
@click.option(
    "--timezone",
    "zone",
    callback=_zone,
    metavar="ZONE",
    help="Of times that name none: Blackboard's, and those in lists [this machine's].",
)
@click.option("--force", is_flag=True, help="Replace also what was put by hand or is newer.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def collect_command(
    download: Path,
    assignment: str | None,
    roster_file: Path | None,
    system: System | None,
    zone: dt.tzinfo | None,
    force: bool,
    dry_run: bool,
) -> None:
    """Collect a download of submissions into submitted/.

    Reads what Canvas, Moodle, Blackboard and Gradescope give for an assignment, and a zip file or
    folder with a folder for each student. Without ASSIGNMENT it is the one whose cells the
    notebooks carry. What can't be matched is listed with its reason; nothing is guessed. A second
    call changes nothing.
    """
    course, console = find_course(Path.cwd()), Console()
    roster = course_roster(course, roster_file)
    with open_contents(download) as contents:
        name = assignment_of(course, contents, assignment)
        found = read_download(contents, name, _known(course, roster), system)
        rules = Rules(name, download.resolve().name, roster, zone, _due(course, name), force)
        if dry_run:
            made, failed = _planned(course, contents, found, rules, console), list[Refused]()
        else:
            with lock(course.runs / ".collecting"):
                made = _planned(course, contents, found, rules, console)
                failed = _carried_out(made, console)
    _say(found, rules, made, failed, dry_run=dry_run)
    kept = any(step.action == "kept" for step in made.steps)
    raise SystemExit(1 if made.refused or failed or kept else 0)


def _known(course: Course, roster: Roster | None) -> Known:
    assignments = course.assignments()
    return Known(
        assignments, roster, {one for name in assignments for one in course.students(name)}
    )


def _due(course: Course, assignment: str) -> dt.datetime | None:
    if not (course.root / "nbgrader_config.py").is_file():
        return None
    from autograder.grading.gradebook import due_date  # late: it takes a second

    return due_date(course, assignment)


def _planned(
    course: Course, contents: Contents, found: Download, rules: Rules, console: Console
) -> Plan:
    with progress_bar(console) as bar:
        work = bar.add_task("reading", len(found.deliveries))
        return plan(course, contents, found, rules, lambda: bar.advance(work))


def _carried_out(made: Plan, console: Console) -> list[Refused]:
    """Do what was planned; what could not be done."""
    todo = [step for step in made.steps if step.action in {"new", "newer"}]
    failed = []
    with progress_bar(console) as bar:
        work = bar.add_task("collecting", len(todo))
        for step in todo:
            try:
                with work.on(step.student):
                    carry_out(step)
            except Unreadable as error:
                failed.append(Refused(step.student, str(error)))
            bar.advance(work)
    return failed


def _say(
    found: Download, rules: Rules, made: Plan, failed: Sequence[Refused], *, dry_run: bool
) -> None:
    who = (
        f"students by {rules.roster.path}" if rules.roster else "students as they are called there"
    )
    would = "; this is what would be done" if dry_run else ""
    click.echo(
        f"{rules.assignment} from {shown(rules.source)} ({TITLES[found.system]}), {who}{would}"
    )
    not_done = {one.name for one in failed}
    counts = Counter[str](step.action for step in made.steps if step.student not in not_done)
    for action, words in _DONE.items():
        if counts[action]:
            click.echo(f"  {counts[action]:4} {words}")
    if made.outdated:
        click.echo(f"  {made.outdated:4} earlier attempts left out")
    late = [step for step in made.steps if step.late]
    _say_who("late", (step.student for step in late))
    untimed = [step for step in late if not step.record.time and not _stamped(step)]
    _say_who(
        "late, but when is not said, so no late penalty applies: give the roster a column"
        f" «submitted», or write the time into {STAMP} in the student's folder",
        (step.student for step in untimed),
    )
    _say_who("no notebook in it", (step.student for step in made.steps if not _has_notebook(step)))
    _say_who("in the roster, and nothing of theirs collected", made.absent)
    for student, said in made.unread.items():
        click.echo(f"  {shown(student)}: the roster's time {quoted(said)} can't be read")
    _say_zone(made, rules)
    for step in made.steps:
        if step.action == "kept":
            advice = "" if is_barred(step.folder) else "; --force replaces it"
            click.echo(f"  left as it was: {shown(step.student)}: {step.reason}{advice}")
    for one in (*made.refused, *failed):
        click.echo(f"  not collected: {shown(one.name)}: {shown(one.reason, 400)}")


def _stamped(step: Step) -> bool:
    return step.action != "newer" and read_stamp(step.folder) is not None


def _has_notebook(step: Step) -> bool:
    return any(name.lower().endswith(".ipynb") for name in step.files)


def _say_who(what: str, students: Iterable[str]) -> None:
    names = list(students)
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        click.echo(f"  {len(names):4} {what}: {shown(', '.join(names[:_NAMED]), 1_000)}{more}")


def _say_zone(made: Plan, rules: Rules) -> None:
    if made.zoneless:
        zone = rules.zone or dt.datetime.now().astimezone().tzname()
        click.echo(f"  times without a zone are read as those of {zone}; --timezone says another")
