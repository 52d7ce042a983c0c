"""The table of a class on the screen, whose names stay whole however narrow that is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.box import Box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

NARROW = {  # statuses as the table writes them
    "needs_review": "review",
    "out_of_memory": "memory",
    "unreadable": "unread",
}
# With an edge on the left: no line begins with a name, which may be an order to a CI runner.
_OPEN = Box("╭── \n│   \n├── \n│   \n├── \n├── \n│   \n╰── \n")
_LEAST = 10  # columns that a name gets before it is wrapped


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
