"""A feedback page of limited size: first pictures become smaller, then what is printed or written
at length is shortened. What the course gave and what was checked stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autograder.nbgrader_bridge.pictures import Picture, fitted

LIMIT = 400_000  # bytes
FOR_PICTURES = 100_000  # of which pictures get so many before all text may be long
# characters of what a cell prints, or of a cell of the student's, in the order in which they are
# tried; a tenth as many cells that they added
LENGTHS = (20_000, 5_000, 1_000, 200)


def fitting_page(notebook: Any, written: Callable[[], str]) -> str:
    """The page as `written` writes it of this notebook, which is changed until the page fits."""
    drawn = list(_drawn(notebook))
    pictures = [Picture(output.data["image/png"].replace("\n", ""), ours) for output, ours in drawn]
    wanted = sum(len(picture.png) for picture in pictures)

    def page_with(room: int) -> str:
        addresses = fitted(pictures, room)
        for (output, _), address in zip(drawn, addresses, strict=True):
            output["address"] = address or ""
        return written()

    if wanted < LIMIT and _size(page := page_with(LIMIT)) <= LIMIT:
        return page
    room = LIMIT - _size(page_with(0))
    for length in LENGTHS:
        if room >= min(wanted, FOR_PICTURES):
            break
        _shorten(notebook, length)
        room = LIMIT - _size(page_with(0))
    return page_with(max(0, room))


def _size(page: str) -> int:
    return len(page.encode(errors="replace"))


def is_given(cell: Any) -> bool:
    """Whether it is as the course gave it, and neither an answer nor a check."""
    role = cell.metadata.get("nbgrader", {})
    ours = cell.metadata.get("autograder", {}).get("text") == "course"
    return ours and not any(role.get(name) for name in ("solution", "grade", "task"))


def _drawn(notebook: Any) -> Iterator[tuple[Any, bool]]:
    """The outputs that are pictures, and whether a given cell drew them."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                yield output, is_given(cell)


def _shorten(notebook: Any, length: int) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = _cut(output.text, length)
            if "traceback" in output:
                output.traceback = [_cut("\n".join(output.traceback), length)]
            if "text/plain" in output.get("data", {}):
                output.data["text/plain"] = _cut(output.data["text/plain"], length)
        if cell.metadata.get("autograder", {}).get("text") != "course":
            _shorten_cell(cell, length)
    added = [cell for cell in notebook.cells if not _belongs(cell)]
    gone = {id(cell) for cell in added[length // 10 :]}
    notebook.cells = [cell for cell in notebook.cells if id(cell) not in gone]
    notebook.metadata["left_out"] = notebook.metadata.get("left_out", 0) + len(gone)


def _shorten_cell(cell: Any, length: int) -> None:
    if cell.cell_type == "code":
        cell.source = _cut(cell.source, length, "# ")
    elif len(cell.source) > 2 * length:  # which is HTML by now
        cell.source = f"<p>({len(cell.source)} characters: too long for this page)</p>"


def _belongs(cell: Any) -> bool:
    return "nbgrader" in cell.metadata or is_given(cell)


def _cut(text: str, length: int, comment: str = "") -> str:
    left = len(text) - length
    return f"{text[:length]}\n{comment}… {left} more characters" if left > 100 else text
