"""Submitted notebooks: read from hostile bytes, and rebuilt on the instructor's template."""

from __future__ import annotations

import ast
import itertools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.errors import UsageError
from autograder.submissions.magics import neutralised
from autograder.submissions.names import Names, read_cell
from autograder.submissions.reading import read_submission

__all__ = ["ADDED", "Rebuilt", "Section", "read_submission", "rebuild", "sections"]

ADDED = "autograder_added"  # metadata key that marks a cell of the student's in a rebuilt notebook
MISSING = "{}: your cell was missing; the untouched cell stands in its place"
ELSEWHERE = "{}: your cell was missing; what it is to define stands in another cell of yours"
BESIDE = "*Found beside this cell, which was left as it was:*"
UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError, SystemError)
# blanks of one line only: else each of n empty lines reads all that follow it
_COMMAND = re.compile(r"^[^\S\n]*[%!?]", re.MULTILINE)
_CALL = re.compile(
    r"^([ \t]*(?:\w+ = )?)get_ipython\(\)\.(system|getoutput|run_line_magic)\((.*)\)[ \t]*$",
    re.MULTILINE,
)
_MARK = re.compile(r"^# In ?\[[ \d]*\]:[ \t]*$", re.MULTILINE)
_PASTED, _PARTS = 10, 200  # cells of a notebook made of a script, and parts of each
_IMPORTS = 40  # that are kept of one given cell; each runs in a cell of its own
_MOST_IMPORTS = 1_000  # that are looked at


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
    Given cells are the template's; imports added to one run behind it, and an answer written into
    one is taken from there where its own cell holds none. Words beside the untouched cell of a
    written answer are shown in it. Nothing that a student can do to a notebook is fatal: what was
    put right is said in a remark.
    """
    notebook = nbformat.v4.new_notebook(
        metadata=_kernel(template), cells=[_copy(cell) for cell in template.cells]
    )
    remarks: list[str] = []
    matched = _match(template.cells, list(_parted(submission.cells)), remarks)
    for index in range(len(notebook.cells)):
        _fill(notebook.cells, template.cells, index, matched, remarks)
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
    names: dict[str, set[str]] = field(default_factory=dict)  # by source, what it defines

    def defines(self, source: str, wanted: set[str]) -> set[str]:
        """Which of these names a source defines."""
        if not any(name in source for name in wanted):  # parsing all for each task is slow
            return set()
        if source not in self.names:
            self.names[source] = _defined(source)
        return wanted & self.names[source]

    def drop(self, added: NotebookNode) -> None:
        """Forget an added cell, which from now on stands elsewhere."""
        for anchor, cells in self.added.items():
            self.added[anchor] = [cell for cell in cells if cell is not added]

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


def _parted(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """The cells; one that was pasted from «save as Python» is parted at the marks which that has
    put before each. What was words stands there in comments, which end a part.
    """
    for cell in cells:
        parts = _MARK.split(cell.source) if cell.cell_type == "code" else []
        if not 2 < len(parts) < _PARTS or len(cells) > _PASTED:
            yield cell
            continue
        for part in parts:
            lines = part.strip("\n").split("\n")
            while lines and (lines[-1].startswith("#") or not lines[-1].strip()):
                lines.pop()
            if lines:
                yield _new("code", "\n".join(lines))


def _match(
    given: list[NotebookNode], submitted: list[NotebookNode], remarks: list[str]
) -> _Matched:
    matched = _Matched()
    places = _places(given, submitted)
    untouched = {
        place
        for cell, place in zip(submitted, places, strict=True)
        if place is not None and _is_same(cell, given[place]) and not _solution(given[place])
    }
    anchor = -1
    for cell, place in zip(submitted, places, strict=True):
        # beside an untouched cell of code that is given, a copy with something else in it is theirs
        is_beside = place in untouched and given[place].cell_type == "code"
        if place is None or (is_beside and not _is_same(cell, given[place])):
            matched.added.setdefault(anchor, []).append(cell)
        else:
            matched.own.setdefault(place, []).append(cell)
            anchor = place
    for section in sections(NotebookNode(cells=given)):
        for index in section.cells:
            if _solution(given[index]) and given[index].cell_type == "code":
                _recover(index, given, section.cells, matched, remarks)
    return matched


def _places(given: list[NotebookNode], submitted: list[NotebookNode]) -> list[int | None]:
    """For each cell of a submission the template's that it stands for, if any."""
    keys: dict[tuple[str, str], list[int]] = {}
    for index, cell in enumerate(given):
        for key in _keys(cell):
            keys.setdefault(key, []).append(index)
    taken: set[int | None] = set()
    places = []
    for cell in submitted:
        places.append(_place(cell, keys, taken))
        taken.add(places[-1])
    return places


def _keys(cell: NotebookNode) -> list[tuple[str, str]]:
    """What a cell may be recognised by, the surest first."""
    keys = [
        ("grade_id", _grade_id(cell) or ""),
        ("id", cell.get("id", "")),
        ("source", cell.source.strip()),
    ]
    return [key for key in keys if key[1]]


def _place(
    cell: NotebookNode, keys: dict[tuple[str, str], list[int]], taken: set[int | None]
) -> int | None:
    for key in _keys(cell):
        places = keys.get(key, [])
        if key[0] == "grade_id" and places:
            return places[0]  # copies of one cell carry its id: all of them are found here
        if (index := next((place for place in places if place not in taken), None)) is not None:
            return index
    return None


def _recover(
    index: int,
    given: list[NotebookNode],
    cells: tuple[int, ...],
    matched: _Matched,
    remarks: list[str],
) -> None:
    """The answer to a solution cell that holds none is the last cell, in its section first, that
    defines what the stub defines: a given one into which it was written, or, if the stub is away or
    was switched off, an added one.
    """
    copies, stub = matched.own.get(index, []), given[index]
    if any(_is_worked_on(copy, stub) for copy in copies):
        return
    others = () if copies else tuple(n for n in range(-1, len(given)) if n not in cells)
    wanted, is_away = _defined(stub.source), _is_away(copies, stub)
    for places in (cells, others):
        for place, cell, is_added in reversed(list(_candidates(places, given, matched))):
            own = set() if is_added else matched.defines(given[place].source, wanted)
            if (is_added and not is_away) or not matched.defines(cell.source, wanted) - own:
                continue
            if places is cells:
                _keep_order(index, place, cell, cells, matched)
            if is_added:
                matched.drop(cell)
                matched.own[index] = [cell]
            else:
                _take_from_given(index, place, cell, given, matched, remarks)
            return


def _candidates(
    places: tuple[int, ...], given: list[NotebookNode], matched: _Matched
) -> Iterator[tuple[int, NotebookNode, bool]]:
    """The changed copies of given cells of code, and the added ones, in their order, each with the
    place where it stands and whether it was added.
    """
    for place in places:
        if place >= 0 and is_given(given[place]) and given[place].cell_type == "code":
            for copy in matched.own.get(place, ()):
                if copy.cell_type == "code" and not _is_same(copy, given[place]):
                    yield place, copy, False
        for cell in matched.added.get(place, ()):
            if cell.cell_type == "code":
                yield place, cell, True


def _keep_order(
    index: int, place: int, chosen: NotebookNode, cells: tuple[int, ...], matched: _Matched
) -> None:
    """What the student added above a cell that is about to move still runs before it, and what
    stands below it afterwards.
    """
    above: list[NotebookNode] = []
    below: list[NotebookNode] = []
    for other in cells:
        row = matched.added.get(other, [])
        at = next((n for n, cell in enumerate(row) if cell is chosen), -1)
        cut = at + 1 if other == place else len(row) if other < place else 0
        before, after = row[:cut], row[cut:]
        matched.added[other] = before if other < index else after
        above += before if other >= index else []
        below += after if other < index else []
    matched.added[index - 1] = [*matched.added.get(index - 1, []), *above]
    matched.added[index] = [*below, *matched.added.get(index, [])]


def _take_from_given(
    index: int,
    place: int,
    chosen: NotebookNode,
    given: list[NotebookNode],
    matched: _Matched,
    remarks: list[str],
) -> None:
    """Take what stands beside the given lines; the given cell is as it was then."""
    lines = re.escape(given[place].source.strip())
    source = re.sub(rf"^{lines}[ \t]*$", "", chosen.source, count=1, flags=re.MULTILINE)
    matched.own[index] = [_new("code", source.strip("\n"), dict(given[index].metadata))]
    matched.own[place] = [given[place] if copy is chosen else copy for copy in matched.own[place]]
    remarks.append(
        f"{name_of(given[index])}: your answer stood in the given cell {name_of(given[place])} "
        "and was taken from there"
    )


def _is_same(copy: NotebookNode, cell: NotebookNode) -> bool:
    return bool(copy.source.strip() == cell.source.strip())


def _is_worked_on(copy: NotebookNode, stub: NotebookNode) -> bool:
    return copy.source.strip() not in ("", stub.source.strip())


def _is_away(copies: list[NotebookNode], stub: NotebookNode) -> bool:
    """Whether a stub is missing, or was made text as it was, so that it does not run."""
    return not any(copy.cell_type == stub.cell_type or _is_worked_on(copy, stub) for copy in copies)


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


def _fill(
    cells: list[NotebookNode],
    given: list[NotebookNode],
    index: int,
    matched: _Matched,
    remarks: list[str],
) -> None:
    """Put the student's source into a cell of theirs;
    say where their copy of a given cell was undone.
    """
    cell, copies = cells[index], matched.own.get(index, [])
    name = _grade_id(cell) or "a given cell"
    if _solution(cell) and cell.cell_type == "code" and _is_elsewhere(cells, given, index, matched):
        cell.source = ""  # the stub would undo it
        remarks.append(ELSEWHERE.format(name))
    elif copies and _solution(cell):
        _fill_solution(cell, name, copies, index, matched, remarks)
    elif copies:
        _fill_given(cell, name, copies, index, matched, remarks, given)
    elif _solution(cell) and not _is_answer(cell):
        remarks.append(MISSING.format(name))
    elif _locked(cell):
        remarks.append(f"{name}: the given cell was missing and has been put back")


def _is_elsewhere(
    cells: list[NotebookNode], given: list[NotebookNode], index: int, matched: _Matched
) -> bool:
    """Whether a missing solution cell's names are all defined above its place, by cells of the
    student's whose own stubs do not define them.
    """
    stub = given[index]
    if not _is_away(matched.own.get(index, []), stub):
        return False
    wanted = left = _defined(stub.source)
    for place in range(-1, index):
        if place >= 0 and cells[place].cell_type == "code":
            own = _assigned(given[place].source, wanted, matched)
            left = left - (_assigned(cells[place].source, wanted, matched) - own)
        for cell in matched.added.get(place, ()):
            if cell.cell_type == "code":
                left = left - _assigned(cell.source, wanted, matched)
    return bool(wanted) and not left


def _assigned(source: str, wanted: set[str], matched: _Matched) -> set[str]:
    """Which of these names a source seems to define, with commands of IPython's in it or not."""
    lines = re.findall(r"^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", source, re.MULTILINE)
    return matched.defines(source, wanted) | (wanted & set(lines))


def _fill_given(
    cell: NotebookNode,
    name: str,
    copies: list[NotebookNode],
    index: int,
    matched: _Matched,
    remarks: list[str],
    given: list[NotebookNode],
) -> None:
    if all(_is_same(copy, cell) for copy in copies):
        return
    if cell.cell_type != "code":  # words written into a cell of ours: ours stands, theirs behind it
        matched.added[index] = [*copies, *matched.added.get(index, [])]
        matched.reworded += [copy for copy in copies if _is_reworded(copy, cell)]
    elif _locked(cell):
        kept = _added_imports(copies, cell, given)
        matched.added[index] = [*kept, *matched.added.get(index, [])]
        but = ", but the imports that you added run behind it" if kept else ""
        remarks.append(f"{name}: this cell is given; your change to it was undone{but}")
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
    # what was made text did not run, where another copy could
    alike = [copy for copy in copies if copy.cell_type == cell.cell_type] or copies
    notes = [copy for copy in copies if not any(copy is other for other in alike)]
    chosen = next((copy for copy in alike if _is_worked_on(copy, cell)), alike[0])
    worthless = ("", cell.source.strip(), chosen.source.strip())
    if _grade_id(chosen) != _grade_id(cell):
        remarks.append(f"{name}: your cell had lost its id and was recognised without it")
    if chosen.cell_type != cell.cell_type:
        remarks.append(
            f"{name}: your cell had become a {chosen.cell_type} cell "
            f"and was read as {cell.cell_type}"
        )
    cell.source = chosen.source
    notes = [copy for copy in notes if copy.source.strip() not in worthless]
    matched.added[index] = [*notes, *matched.added.get(index, [])]
    if others := [copy for copy in alike if copy.source.strip() not in worthless]:
        parts = _parts(chosen, others)
        matched.added[index] = [*parts, *matched.added.get(index, [])]
        all_run = len(parts) == len(others)
        fate = "all run, in their order" if all_run else "the first that was worked on counts"
        remarks.append(f"{name}: {len(alike)} cells carried this id; {fate}")
    if cell.cell_type == "code":
        _neutralise(cell, name, remarks)


def _parts(chosen: NotebookNode, others: list[NotebookNode]) -> list[NotebookNode]:
    """The others that are parts of one cell with the chosen one: halves of a cell that was split
    keep the id of the whole; a second attempt defines the same once more.
    """
    whole = _defined(chosen.source)  # parsed once: it may be large, and its copies many
    return [other for other in others if not _defined(other.source) & whole]


def _added_imports(
    copies: list[NotebookNode], cell: NotebookNode, given: list[NotebookNode]
) -> list[NotebookNode]:
    """The imports in changed copies of a given cell that give names to nothing but what no given
    cell has a name for, each in a cell of its own: a room may lack one of the libraries.
    """
    locked = [
        read_cell(other.source)
        for other in given
        if other.cell_type == "code" and not _solution(other)
    ]
    known = set(_imports(cell.source))
    found = (line for copy in copies if copy.cell_type == "code" for line in _imports(copy.source))
    lines = dict.fromkeys(itertools.islice(found, _MOST_IMPORTS))
    kept = (line for line in lines if line not in known and _is_new(line, locked))
    return [_new("code", line) for line in itertools.islice(kept, _IMPORTS)]


def _imports(source: str) -> Iterator[str]:
    """The imports at the top level of a cell, one for each thing that is imported."""
    try:
        body = ast.parse(re.sub(r"^[ \t]*[%!?].*", "", source, flags=re.MULTILINE)).body
    except UNPARSED:
        return
    for node in body:
        if isinstance(node, ast.Import):
            yield from (ast.unparse(ast.Import([alias])) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield ast.unparse(ast.ImportFrom(node.module, [alias], 0))


def _is_new(line: str, locked: list[Names]) -> bool:
    """Whether what an import gives a name to is called so nowhere else in these cells; `import a.b`
    may come beside `import a`.
    """
    names = read_cell(line)
    return not names.stars and not any(
        name in other.bound and (other.imported.get(name) != module or name in other.assigned)
        for name, module in names.imported.items()
        for other in locked
    )


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
    cell.source, said = neutralised(_CALL.sub(_as_command, cell.source))
    remarks += [f"{name}: {remark}" for remark in said]


def _as_command(call: re.Match[str]) -> str:
    """The command for which «save as Python» has written a call."""
    try:
        told = ast.literal_eval(f"({call[3]},)")
    except (*UNPARSED, TypeError):
        return call[0]
    if not all(isinstance(text, str) and "\n" not in text for text in told):
        return call[0]
    return f"{call[1]}{'%' if call[2] == 'run_line_magic' else '!'}{' '.join(told)}"


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
