"""Submitted notebooks, read from hostile bytes:
what is kept of one are the kinds, sources and ids of its cells.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.errors import Unreadable
from autograder.submissions.slimming import slim

MAX_BYTES = 32 * 1024 * 1024  # without outputs
MAX_FILE = 1024 * 1024 * 1024  # with them
MAX_CELLS = 2_000
MAX_SOURCE = 1024 * 1024  # characters of one cell

_AGAIN = "Open it in Jupyter, save it and hand it in again."
_KINDS = {
    "code": "code",
    "markdown": "markdown",
    "raw": "raw",
    "heading": "markdown",
    "html": "markdown",
}
_SURROGATES = re.compile("[\ud800-\udfff]")


def read_submission(path: Path) -> NotebookNode:
    """The cells of a submitted notebook: kind, source, id and grade_id of each,
    nothing else of what stands in it.

    Raises:
        Unreadable: it is no notebook; the message says where it stops being one and what to do.
    """
    data = _parsed(_text(path), path.name)
    if not isinstance(data, dict):
        raise Unreadable(
            f"{path.name} is not a notebook: expected a JSON object, found {_kind(data)}. {_AGAIN}"
        )
    version = data.get("nbformat", 4)
    if str(version) not in ("1", "2", "3", "4"):  # as text too: some tools write it so
        raise Unreadable(
            f"{path.name} claims to be nbformat {version!r:.20}; "
            f"this course reads 3 and 4. {_AGAIN}"
        )
    cells = [
        _cell(cell, number, path.name)
        for number, cell in enumerate(_raw_cells(data, path.name), start=1)
    ]
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:  # a copy of a cell may carry its id; nbformat would warn
            cell.id = secrets.token_hex(16)
        seen.add(cell.id)
    return nbformat.v4.new_notebook(cells=cells)


def _text(path: Path) -> str:
    for folder in (path.parent, path.parent.parent):  # the assignment's and the student's
        if folder.is_symlink():
            raise Unreadable(f"the folder {folder.name} is a link. Hand in the notebook itself.")
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable(
                f"{path.name} is a link, a folder or a device, "
                "not a file. Hand in the notebook itself."
            )
        if found.st_size > MAX_FILE:
            raise _too_large(path, found.st_size, MAX_FILE)
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            large = found.st_size > MAX_BYTES
            raw = slim(stream, MAX_BYTES) if large else stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise _too_large(path, found.st_size, MAX_BYTES)
    except OSError as error:
        raise Unreadable(
            f"{path.name} can't be read: {error.strerror}. Hand it in again."
        ) from None
    if not raw.strip():
        raise Unreadable(f"{path.name} is empty. {_AGAIN}")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{path.name} is written in UTF-16; notebooks are UTF-8. {_AGAIN}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise Unreadable(
            f"{path.name} is not UTF-8: line {line}, column {column} "
            f"holds the byte 0x{raw[error.start]:02x}. {_AGAIN}"
        ) from None


def _too_large(path: Path, size: int, most: int) -> Unreadable:
    what = " besides its outputs" if most < MAX_FILE else ""
    return Unreadable(
        f"{path.name} has {size / 1024 / 1024:.0f} MiB; at most {most // 1024 // 1024}{what} are"
        " read. Clear the outputs of all cells, save and hand it in again."
    )


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"{name} is not JSON: {place}: {error.msg}. {_AGAIN}") from None
    except RecursionError:
        raise Unreadable(f"{name} is nested too deeply to be a notebook. {_AGAIN}") from None
    except ValueError:
        raise Unreadable(f"{name} holds a number of more than 4,300 digits. {_AGAIN}") from None


def _raw_cells(data: dict[str, Any], name: str) -> list[Any]:
    cells = data.get("cells")
    if cells is None and isinstance(data.get("worksheets"), list):  # nbformat 2 and 3
        sheets = [sheet.get("cells") for sheet in data["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise Unreadable(
            f"{name} is not a notebook: expected a list of «cells», found {_kind(cells)}. {_AGAIN}"
        )
    if len(cells) > MAX_CELLS:
        raise Unreadable(
            f"{name} has {len(cells):,} cells; at most {MAX_CELLS:,} are read. "
            "Delete what is not needed."
        )
    return cells


def _cell(data: Any, number: int, name: str) -> NotebookNode:
    if not isinstance(data, dict):
        raise Unreadable(f"{name}: cell {number} is {_kind(data)}, not an object. {_AGAIN}")
    source = _source(data, number, name)
    given = data.get("cell_type")
    known = _KINDS.get(given) if isinstance(given, str) else None
    kind = known or ("code" if "outputs" in data else "markdown")
    if given == "heading":
        source = f"{_hashes(data.get('level'))} {source}"
    source = _SURROGATES.sub("\ufffd", source).replace("\r\n", "\n").replace("\r", "\n")
    cell = getattr(nbformat.v4, f"new_{kind}_cell")(source)
    grade_id = _grade_id(data.get("metadata"))
    if isinstance(grade_id, str):
        cell.metadata["nbgrader"] = NotebookNode(grade_id=grade_id)
    if isinstance(data.get("id"), str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", data["id"]):
        cell.id = data["id"]
    return cell


def _source(data: dict[str, Any], number: int, name: str) -> str:
    source = next(
        (data[key] for key in ("source", "input", "code") if data.get(key) is not None), ""
    )
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(
            f"{name}: the source of cell {number} is {_kind(source)}, not text. {_AGAIN}"
        )
    if len(source) > MAX_SOURCE:
        raise Unreadable(
            f"{name}: cell {number} has {len(source):,} characters; "
            f"at most {MAX_SOURCE:,} are read."
        )
    return source


def _hashes(level: Any) -> str:
    """What markdown begins a heading with; nbformat 3 had cells for them."""
    return "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)


def _grade_id(metadata: Any) -> Any:
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "text",
        type(None): "nothing",
        bool: "true or false",
    }
    return names.get(type(value), "a number")
