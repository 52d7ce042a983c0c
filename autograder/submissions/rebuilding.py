"""Submitted notebooks: read from hostile bytes, and rebuilt on the instructor's template."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.errors import UsageError
from autograder.submissions.magics import neutralised
from autograder.submissions.reading import read_submission

__all__ = ["ADDED", "Rebuilt", "Section", "read_submission", "rebuild", "sections"]

ADDED = "autograder_added"  # metadata key that marks a cell of the student's in a rebuilt notebook
MISSING = "{}: your cell was missing; the untouched cell stands in its place"
BESIDE = "*Found beside this cell, which was left as it was:*"
UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError, SystemError)
# blanks of one line only: else each of n empty lines reads all that follow it
_COMMAND = re.compile(r"^[^\S\n]*[%!?]", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A task's cells, by index, with those up to the next task;
    the first section is the common start.
    """

    task: str | None
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Rebuilt:
    """The notebook that is run: the template with the student's own sources,
    and what was put right in it.
    """

    notebook: NotebookNode
    sections: tuple[Section, ...]
    remarks: tuple[str, ...]
    incidents: tuple[str, ...] = ()  # for the instructor


def sections(notebook: NotebookNode) -> tuple[Section, ...]:
    """The sections of a template or rebuilt notebook: the common start, then one for each task.

    A section begins at a markdown cell of the template that begins with "## ". It belongs to the
    task whose solution cell stands in it; one without a task is joined to the section before it.

    Raises:
        UsageError: two tasks share a section, or a task has two; the instructor has to part them.
    """
    parts: list[tuple[str | None, list[int]]] = [(None, [])]
    for group in _under_headings(notebook.cells):
        tasks = [task for index in group if (task := _task(notebook.cells[index])) is not None]
        if len(tasks) > 1:
            raise UsageError(
                f"one section holds the tasks {' and '.join(tasks)}: "
                "begin each with a «## » heading"
            )
        if tasks and tasks[0] in [task for task, _ in parts]:
            raise UsageError(
                f"the task {tasks[0]} has two solution cells: expected one for each task"
            )
        if tasks:
            parts.append((tasks[0], group))
        else:
            parts[-1][1].extend(group)
    return tuple(Section(task, tuple(cells)) for task, cells in parts)


def _under_headings(cells: list[NotebookNode]) -> list[list[int]]:
    """The indices of the cells, parted before each heading of the template's."""
    groups: list[list[int]] = [[]]
    for index, cell in enumerate(cells):
        heading = cell.cell_type == "markdown" and cell.source.startswith("## ")
        if heading and not _is_students(cell) and groups[-1]:
            groups.append([])
        groups[-1].append(index)
    return groups


def rebuild(template: NotebookNode, submission: NotebookNode) -> Rebuilt:
    """The template with the student's own sources in it.

    Solution cells are found by their grade_id, wherever they stand and whatever their metadata
    claim. Cells that the student added keep their place after the cell that they stood behind.
    Given cells are the template's. Words beside the untouched cell of a written answer are shown in
    it. Nothing that a student can do to a notebook is fatal: what was put right is said in a
    remark.
    """
    notebook = nbformat.v4.new_notebook(
        metadata=_kernel(template), cells=[_copy(cell) for cell in template.cells]
    )
    matched = _match(notebook.cells, submission.cells)
    remarks: list[str] = []
    for index, cell in enumerate(notebook.cells):
        _fill(cell, matched, index, remarks)
    for section in sections(template):
        for index in section.cells:
            if _is_answer(template.cells[index]):
                _gather(
                    notebook.cells[index], template.cells[index], index, section, matched, remarks
                )
    cells: list[NotebookNode] = list(matched.behind(-1, remarks))
    for index, cell in enumerate(notebook.cells):
        cells += [cell, *matched.behind(index, remarks)]
    for number, cell in enumerate(cell for cell in cells if ADDED in cell.metadata):
        cell.id = f"added-{number + 1}"
    notebook.cells = cells
    return Rebuilt(notebook, sections(notebook), tuple(dict.fromkeys(remarks)))


# --- matching ------------------------------------------------------------------------------------


@dataclass
class _Matched:
    """Which cells of a submission stand for which of the template's, and which follow which."""

    # template index: the student's copies of it
    own: dict[int, list[NotebookNode]] = field(default_factory=dict)
    # template index or -1: cells that follow it
    added: dict[int, list[NotebookNode]] = field(default_factory=dict)
    # of those, the given ones in other words: of an older release, mostly
    reworded: list[NotebookNode] = field(default_factory=list)
    # what a submitted cell defines, by its place in memory: each is parsed once for all lost cells
    names: dict[int, set[str]] = field(default_factory=dict)

    def defined(self, cell: NotebookNode) -> set[str]:
        """What a cell of the submission defines."""
        if id(cell) not in self.names:
            self.names[id(cell)] = _defined(cell.source)
        return self.names[id(cell)]

    def take_words(self, index: int) -> list[str]:
        """The words behind a cell, which from now on stand elsewhere."""
        cells = self.added.get(index, [])
        is_taken = [
            _is_words(cell) and not any(cell is other for other in self.reworded) for cell in cells
        ]
        if any(is_taken):
            self.added[index] = [
                cell for cell, taken in zip(cells, is_taken, strict=True) if not taken
            ]
        return [_as_markdown(cell) for cell, taken in zip(cells, is_taken, strict=True) if taken]

    def behind(self, index: int, remarks: list[str]) -> Iterator[NotebookNode]:
        for cell in self.added.get(index, ()):
            if cell.source.strip():
                new = _new(cell.cell_type, cell.source, {ADDED: True})
                if cell.cell_type == "code":
                    _neutralise(new, "an added cell", remarks)
                yield new


def _match(given: list[NotebookNode], submitted: list[NotebookNode]) -> _Matched:
    matched = _Matched()
    keys: dict[tuple[str, str], list[int]] = {}
    for index, cell in enumerate(given):
        for key in _keys(cell):
            keys.setdefault(key, []).append(index)
    anchor = -1
    for cell in submitted:
        place = _place(cell, keys, matched)
        if place is None:
            matched.added.setdefault(anchor, []).append(cell)
        else:
            matched.own.setdefault(place, []).append(cell)
            anchor = place
    for section in sections(NotebookNode(cells=given)):
        for index in section.cells:
            if _solution(given[index]) and index not in matched.own:
                _recover(index, given[index], section.cells, matched)
    return matched


def _keys(cell: NotebookNode) -> list[tuple[str, str]]:
    """What a cell may be recognised by, the surest first."""
    keys = [
        ("grade_id", _grade_id(cell) or ""),
        ("id", cell.get("id", "")),
        ("source", cell.source.strip()),
    ]
    return [key for key in keys if key[1]]


def _place(
    cell: NotebookNode, keys: dict[tuple[str, str], list[int]], matched: _Matched
) -> int | None:
    for key in _keys(cell):
        places = keys.get(key, [])
        if key[0] == "grade_id" and places:
            return places[0]  # copies of one cell carry its id: all of them are found here
        if (
            index := next((place for place in places if place not in matched.own), None)
        ) is not None:
            return index
    return None


def _recover(index: int, stub: NotebookNode, cells: tuple[int, ...], matched: _Matched) -> None:
    """A solution cell that lost its id is the added cell, in its section first,
    that defines what the stub defines.
    """
    wanted = _defined(stub.source)
    for anchor in [*cells, *(anchor for anchor in matched.added if anchor not in cells)]:
        for cell in matched.added.get(anchor, ()):
            if (
                cell.cell_type == stub.cell_type == "code"
                and any(name in cell.source for name in wanted)  # parsing all for each is slow
                and wanted & matched.defined(cell)
            ):
                matched.added[anchor] = [
                    other for other in matched.added[anchor] if other is not cell
                ]
                matched.own[index] = [cell]
                return


def _defined(source: str) -> set[str]:
    try:
        body = ast.parse(source).body
    except UNPARSED:
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))
    named = {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return named | {target.id for target in targets if isinstance(target, ast.Name)}


# --- filling -------------------------------------------------------------------------------------


def _fill(cell: NotebookNode, matched: _Matched, index: int, remarks: list[str]) -> None:
    """Put the student's source into a cell of theirs;
    say where their copy of a given cell was undone.
    """
    copies = matched.own.get(index, [])
    name = _grade_id(cell) or "a given cell"
    if copies:
        fill = _fill_solution if _solution(cell) else _fill_given
        fill(cell, name, copies, index, matched, remarks)
    elif _solution(cell) and not _is_answer(cell):
        remarks.append(MISSING.format(name))
    elif _locked(cell):
        remarks.append(f"{name}: the given cell was missing and has been put back")


def _fill_given(
    cell: NotebookNode,
    name: str,
    copies: list[NotebookNode],
    index: int,
    matched: _Matched,
    remarks: list[str],
) -> None:
    if all(copy.source.strip() == cell.source.strip() for copy in copies):
        return
    if cell.cell_type != "code":  # words written into a cell of ours: ours stands, theirs behind it
        matched.added[index] = [*copies, *matched.added.get(index, [])]
        matched.reworded += [copy for copy in copies if _is_reworded(copy, cell)]
    elif _locked(cell):
        remarks.append(f"{name}: this cell is given; your change to it was undone")
    else:  # given, but the student's to play with
        cell.source = copies[0].source
        _neutralise(cell, name, remarks)


def _is_reworded(copy: NotebookNode, cell: NotebookNode) -> bool:
    """Whether a copy of a given cell has some of its lines and others changed: what a student
    writes there stands below all of them, or in their place.
    """
    lines = {line.strip() for line in cell.source.splitlines() if line.strip()}
    kept = lines & {line.strip() for line in copy.source.splitlines()}
    return bool(kept) and kept != lines


def _fill_solution(
    cell: NotebookNode,
    name: str,
    copies: list[NotebookNode],
    index: int,
    matched: _Matched,
    remarks: list[str],
) -> None:
    stub = cell.source.strip()
    chosen = next((copy for copy in copies if copy.source.strip() not in ("", stub)), copies[0])
    if _grade_id(chosen) != _grade_id(cell):
        remarks.append(f"{name}: your cell had lost its id and was recognised without it")
    if chosen.cell_type != cell.cell_type:
        remarks.append(
            f"{name}: your cell had become a {chosen.cell_type} cell "
            f"and was read as {cell.cell_type}"
        )
    cell.source = chosen.source
    worthless = ("", stub, chosen.source.strip())
    if others := [copy for copy in copies if copy.source.strip() not in worthless]:
        parts = _parts(chosen, others)
        matched.added[index] = [*parts, *matched.added.get(index, [])]
        all_run = len(parts) == len(others)
        fate = "all run, in their order" if all_run else "the first that was worked on counts"
        remarks.append(f"{name}: {len(copies)} cells carried this id; {fate}")
    if cell.cell_type == "code":
        _neutralise(cell, name, remarks)


def _parts(chosen: NotebookNode, others: list[NotebookNode]) -> list[NotebookNode]:
    """The others that are parts of one cell with the chosen one: halves of a cell that was split
    keep the id of the whole; a second attempt defines the same once more.
    """
    whole = _defined(chosen.source)  # parsed once: it may be large, and its copies many
    return [other for other in others if not _defined(other.source) & whole]


def _gather(
    cell: NotebookNode,
    stub: NotebookNode,
    index: int,
    section: Section,
    matched: _Matched,
    remarks: list[str],
) -> None:
    """Put the student's words into the cell of a written answer that was left as it was, or away:
    nbgrader gives nothing for it unseen, and no person would look.
    """
    if cell.source.strip() not in ("", stub.source.strip()):
        return
    name, is_there = str(_grade_id(cell)), index in matched.own
    before = [place for place in reversed(section.cells) if place < index]
    after = [place for place in section.cells if place > index]
    if is_there:
        beside = [*before[:1], index]
        found = [words for place in beside for words in matched.take_words(place)]
    else:
        taken = (matched.take_words(place) for place in (*before, *after))
        found = next((words for words in taken if words), [])
    text = "\n\n".join(found)
    if not text:
        remarks += [] if is_there else [MISSING.format(name)]
    elif is_there:
        cell.source = f"{cell.source}\n\n---\n\n{BESIDE}\n\n{text}".lstrip()
        remarks.append(f"{name}: your words beside this cell, which is as it was, are shown in it")
    else:
        cell.source = text
        remarks.append(f"{name}: your cell was missing; the words in its place are your answer")


def _is_words(cell: NotebookNode) -> bool:
    """Whether a cell holds words: no code, or what was meant for none, a cell of code that is not
    Python or only comments.
    """
    if cell.cell_type != "code" or not cell.source.strip():
        return bool(cell.source.strip())
    if _COMMAND.search(cell.source):
        return False
    try:
        return not ast.parse(cell.source).body
    except UNPARSED:
        return True


def _as_markdown(cell: NotebookNode) -> str:
    """The words of a cell; what stood in one of code is shown as it was typed."""
    source = str(cell.source).strip("\n")
    return source if cell.cell_type != "code" else textwrap.indent(source, "    ")


def _neutralise(cell: NotebookNode, name: str, remarks: list[str]) -> None:
    """Turn a cell's commands into comments, and say so."""
    cell.source, said = neutralised(cell.source)
    remarks += [f"{name}: {remark}" for remark in said]


# --- cells ---------------------------------------------------------------------------------------


def _new(kind: str, source: str, metadata: dict[str, Any] | None = None) -> NotebookNode:
    return getattr(nbformat.v4, f"new_{kind}_cell")(source, metadata=NotebookNode(metadata or {}))


def _copy(cell: NotebookNode) -> NotebookNode:
    copy = _new(cell.cell_type, cell.source, dict(cell.metadata))
    if "id" in cell:
        copy.id = cell.id
    return copy


def _kernel(template: NotebookNode) -> NotebookNode:
    known = ("kernelspec", "language_info")
    return NotebookNode(
        {key: value for key, value in template.get("metadata", {}).items() if key in known}
    )


def _grade_id(cell: NotebookNode) -> str | None:
    grade_id: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id


def _solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_answer(cell: NotebookNode) -> bool:
    """Whether a cell of the template is for a written answer."""
    return _solution(cell) and cell.cell_type == "markdown"


def _is_students(cell: NotebookNode) -> bool:
    return ADDED in cell.metadata or _solution(cell)


def name_of(cell: NotebookNode) -> str:
    """What a cell of the template is called: by nbgrader, else by its id."""
    return _grade_id(cell) or str(cell.get("id", "?"))


def is_given(cell: NotebookNode) -> bool:
    """Whether a cell is the instructor's, and comes from the template whatever a student did to
    it.
    """
    return _locked(cell) and not _solution(cell) and ADDED not in cell.metadata


def _locked(cell: NotebookNode) -> bool:
    nbgrader = cell.metadata.get("nbgrader", {})
    return bool(nbgrader.get("locked") or (nbgrader.get("grade") and not nbgrader.get("solution")))


def _task(cell: NotebookNode) -> str | None:
    return _grade_id(cell) if _solution(cell) else None
