"""A graded class on the screen, with names that stay whole however narrow that is."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course import Course, Task
from autograder.errors import UsageError
from autograder.grading.address import FILE, address, shown_address
from autograder.grading.batch import Graded
from autograder.grading.booking import feedback_page
from autograder.grading.seen import Change
from autograder.grading.standing import Cell, Standing, standings
from autograder.records import Verdict
from autograder.rooms.libraries import wanted
from autograder.showing import shown

NARROW = {  # statuses as the table writes them
    "needs_review": "review",
    "out_of_memory": "memory",
    "unreadable": "unread",
}
# With an edge on the left: no line begins with a name, which may be an order to a CI runner.
_OPEN = Box("╭── \n│   \n├── \n│   \n├── \n├── \n│   \n╰── \n")
_ROWS, _NAMES = 60, 8  # students in the table, and with one problem
_LEAST = 10  # columns that a name gets before it is wrapped


def show(graded: Graded, console: Console) -> None:
    """The class on the screen: a row for each student, as far as a screen goes, a column for each
    task.
    """
    everyone = in_class(graded)
    cells = everyone[0].cells if everyone else ()
    rows = []
    for one in everyone[:_ROWS]:
        total = Text(f"{one.score:.4g}" if one.ran else "–", style="bold")
        style = "" if one.status == "graded" else "yellow"
        status = Text(NARROW.get(one.status, one.status), style=style)
        rows.append([Text(one.student), status, *map(_cell, one.cells), total])
    numbers = [str(number) for number in range(1, len(cells) + 1)]
    table = class_table(f"{graded.assignment}: points", numbers, rows, console.width)
    console.print(table)
    if (more := len(everyone) - _ROWS) > 0:
        console.print(f"… and {more} more students, in the report", highlight=False)
    columns = [f"{place} {cell.task} ({cell.max_score:g})" for place, cell in enumerate(cells, 1)]
    if columns:
        console.print(Text(f"{' · '.join(columns)}; {_key(graded, everyone)}", style="dim"))
    for line in _changes(graded.changes.fresh):
        console.print(Text(shown(line, 2_000)), soft_wrap=True)
    for library, count in wanted_libraries(graded.verdicts).items():
        line = f"{count} imported `{library}`, which rooms do not have: [rooms] libraries"
        console.print(Text(line, style="yellow"), soft_wrap=True)
    for why, students in by_reason(graded.problems).items():
        others = f" and {len(students) - _NAMES} more" if len(students) > _NAMES else ""
        line = f"✘ {', '.join(students[:_NAMES])}{others}: {' '.join(why.split())}"
        console.print(Text(shown(line, 2_000), style="red"), soft_wrap=True)


def in_class(graded: Graded) -> list[Standing]:
    """Where those with a verdict stand."""
    judged = graded.verdicts[0].tasks if graded.verdicts else ()
    tasks = graded.tasks or [Task(one.task, one.max_score, manual=False) for one in judged]
    found = standings(tasks, graded.verdicts, {}, graded.gradebook)
    names = {verdict.student for verdict in graded.verdicts}
    return [one for one in found if one.student in names]


def _cell(cell: Cell) -> Text:
    style = {"full": "green", "none": "red", "some": "yellow", "held": "magenta"}.get(cell.kind, "")
    if cell.score is None:
        return Text("?" if cell.waits else "–", style=style)
    signs = f"{'*' if cell.by_hand else ''}{'?' if cell.waits else ''}"
    return Text(f"{cell.score:.3g}{signs}", style=style)


def _key(graded: Graded, rows: Sequence[Standing]) -> str:
    """What the signs in the table say."""
    signs = ["? waits for a person"]
    if any(cell.by_hand for row in rows for cell in row.cells):
        signs.append("* set by hand")
    if graded.gradebook is None:
        signs.append("points of the graders only")
    return "; ".join(signs)


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    """What was graded otherwise before, a line for each student as far as a screen goes."""
    for change in changes[:_ROWS]:
        yield f"changed: {change.student} {change.points:+g}: {' · '.join(change.lines)}"
    if more := len(changes[_ROWS:]):
        yield f"… and {more} more changed, in the report"


def wanted_libraries(verdicts: Iterable[Verdict]) -> Counter[str]:
    """How many students imported each library that rooms do not have."""
    return Counter(
        name
        for verdict in verdicts
        for name in {wanted(remark) for remark in verdict.remarks}
        if name is not None
    )


def by_reason(problems: Mapping[str, str]) -> dict[str, list[str]]:
    """The students with each problem."""
    found: dict[str, list[str]] = {}
    for student, why in problems.items():
        found.setdefault(why, []).append(student)
    return found


def places(course: Course, graded: Sequence[Graded]) -> list[tuple[str, Path | str]]:
    """What was written where, for the end of the screen."""
    found = []
    for one in graded:
        found.append((f"report of {one.assignment}", course.runs / f"{one.assignment}.html"))
        found.append((f"results of {one.assignment}", course.runs / f"{one.assignment}.json"))
        pages = [feedback_page(course, one.assignment, verdict.student) for verdict in one.verdicts]
        if there := [page for page in pages if page.exists()]:
            found.append(
                (
                    f"feedback of {one.assignment}",
                    there[0] if len(there) == 1 else there[0].parents[2],
                )
            )
    written = [(name, path) for name, path in found if path.exists()]
    return [*_gradebook(course), *written]


def _gradebook(course: Course) -> Iterator[tuple[str, Path | str]]:
    with contextlib.suppress(UsageError):
        url = address(course)
        if not url.startswith(FILE) or Path(shown_address(url)).exists():
            yield "gradebook", shown_address(url)


def class_table(
    title: str, tasks: Sequence[str], rows: Sequence[Sequence[Text]], width: int
) -> Table:
    """A row for each student: name, status, a cell for each task, total. Without the tasks where
    the names would have no room beside them.
    """
    heads = ["student", "status", *tasks, "total"]
    room = _room(heads, rows, width)
    if tasks and room < min(_LEAST, max((cell_len(row[0].plain) for row in rows), default=0)):
        heads, rows = [*heads[:2], heads[-1]], [[*row[:2], row[-1]] for row in rows]
        room = _room(heads, rows, width)
    table = Table(title=title, title_justify="left", box=_OPEN, padding=0)
    table.add_column("student", overflow="fold")
    table.add_column("status", no_wrap=True)
    for head in heads[2:]:
        table.add_column(head, justify="right", no_wrap=True)
    for name, *others in rows:
        table.add_row(Text(wrapped(name.plain, room)), *others)
    return table


def wrapped(name: str, width: int) -> str:
    """A name in lines of at most this width, broken after . _ - and @ only; a part that is longer
    stays whole.
    """
    lines = [""]
    for part in re.findall(r"[^._@-]*[._@-]+|[^._@-]+", name):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _room(heads: Sequence[str], rows: Sequence[Sequence[Text]], width: int) -> int:
    """The columns that the others leave for a name."""
    columns = zip(*rows, strict=True) if rows else [()] * len(heads)
    widths = [
        max([cell_len(head), *(cell_len(cell.plain) for cell in column)])
        for head, column in zip(heads, columns, strict=True)
    ]
    return width - sum(widths[1:]) - (len(heads) + 1)  # edges and gaps
