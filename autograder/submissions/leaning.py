"""Which cells of a notebook lean on which others, and so which of them have to run.

A cell leans on an earlier one that binds a name which it reads, or that may change the object
behind it: by writing into it, by calling its methods, or by handing it to a function that may.
What a function reads, any cell may have bound by the time that it is called.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from autograder.errors import UsageError
from autograder.submissions.effects import changes_arguments, changes_owner, does_more
from autograder.submissions.names import Doing, Names, read_cell
from autograder.submissions.rebuilding import Section, is_given

RUN = "run"  # in a cell's metadata under "autograder": when a given cell runs at grading
_WISHES = ("always", "never")


def running(
    cells: Any, sections: Iterable[Section], asked: Mapping[str, Iterable[str] | None]
) -> frozenset[int]:
    """The indices of the code cells that count: the student's own, the given ones that these or the
    questions lean on, and given ones that do more than a name shows, such as writing a file.

    `asked`: the notebook's names that each task's questions read; None: nobody can tell.
    """
    web = Web(cells)
    ends = {section.task: max(section.cells, default=-1) + 1 for section in sections}
    if web.opaque or any(names is None for names in asked.values()):
        return frozenset(web.names)
    wanted = {index for index in web.names if not is_given(cells[index]) or web.always(index)}
    for task, names in asked.items():
        for name in names or ():
            wanted |= set(web.origins(name, ends.get(task, 0)))
    found = web.closure(wanted)
    while changing := web.changing(
        found, {name for names in asked.values() for name in names or ()}
    ):
        found = web.closure(found | changing)
    return frozenset(found)


def needed(
    tasks: Iterable[str],
    sections: Iterable[Section],
    cells: Any,
    needs: Mapping[str, Iterable[str]],
) -> set[str]:
    """The tasks whose sections must run before these can be asked about, themselves included.

    `needs` are those that a task declares. A section that can't be read leans on all earlier ones,
    and all later ones lean on it. The common start is left out: it always runs.
    """
    web = Web(cells)
    own = {section.task: section.cells for section in sections if section.task is not None}
    of = {index: task for task, indices in own.items() for index in indices}
    order = list(own)

    def directly(task: str) -> Iterator[str]:
        earlier = order[: order.index(task)]
        leaned = {of.get(other) for cell in own[task] for other in web.before(cell)}
        yield from (other for other in earlier if other in leaned)
        yield from (other for other in needs.get(task, ()) if other in own)

    found: set[str] = set()
    waiting = [task for task in tasks if task in own]
    while waiting:
        task = waiting.pop()
        if task not in found:
            found.add(task)
            waiting += directly(task)
    return found


def names_bound(cells: Any, indices: Iterable[int]) -> set[str]:
    """The names that these cells bind."""
    return {name for index in indices for name in read_cell(cells[index].source).bound}


class Web:
    """The code cells of a notebook and what they do with its names."""

    def __init__(self, cells: Any) -> None:
        self._cells = cells
        self.names = {
            index: read_cell(cell.source)
            for index, cell in enumerate(cells)
            if cell.cell_type == "code"
        }
        self._every = list(self.names.values())

    @property
    def opaque(self) -> bool:
        """Whether of some cell it can't be told what it does."""
        return any(names.opaque for names in self._every)

    def always(self, index: int) -> bool:
        """Whether a given cell runs whoever leans on it: it says so itself, or it does more than
        its names show.
        """
        wish = self._wish(index)
        return wish == "always" or (wish != "never" and self._does_more(self.names[index]))

    def before(self, index: int) -> set[int]:
        """The cells on which a cell leans."""
        names = self.names.get(index)
        if names is None:
            return set()
        earlier = {other for other in self.names if other < index}
        if names.opaque:
            return earlier
        found = {other for other in earlier if self.names[other].opaque}
        for name in names.now.read:
            found.update(self.origins(name, index))
        for name in names.late:
            found.update(
                other for other in self.names if name in self.names[other].bound
                or name in self._changed[other]
            )  # fmt: skip
        return found - {index}

    def origins(self, name: str, end: int) -> Iterator[int]:
        """The cells before `end` that may have given the name its object, or changed that."""
        for index in sorted((index for index in self.names if index < end), reverse=True):
            if name in self.names[index].bound or name in self._changed[index]:
                yield index
            if name in self.names[index].sure:
                return

    def closure(self, indices: Iterable[int]) -> set[int]:
        """These cells and all that they lean on."""
        found: set[int] = set()
        waiting = list(indices)
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                waiting += self.before(index)
        return found

    def changing(self, found: Iterable[int], asked: Iterable[str]) -> set[int]:
        """The other given cells, wherever they stand, that may change an object which the found
        ones read, or which is asked for: it may have a second name by then.
        """
        chosen = set(found)
        read = set(asked).union(
            *(self.names[index].now.read | self.names[index].late for index in chosen)
        )
        return {
            index
            for index in self.names
            if index not in chosen and self._wish(index) != "never" and self._changed[index] & read
        }

    def _wish(self, index: int) -> str:
        wish = self._cells[index].metadata.get("autograder", {}).get(RUN, "")
        return str(wish) if is_given(self._cells[index]) else ""

    @cached_property
    def _changed(self) -> dict[int, set[str]]:
        """For each cell the names whose objects it may change."""
        return {
            index: set().union(*(self._changes(doing) - named
                                 for named, doing in self._all_done(names.now)))
            for index, names in self.names.items()
        }  # fmt: skip

    @cached_property
    def _modules(self) -> dict[str, str]:
        return {name: module for names in self._every for name, module in names.imported.items()}

    @cached_property
    def _functions(self) -> dict[str, list[tuple[set[str], Doing]]]:
        found: dict[str, list[tuple[set[str], Doing]]] = {}
        for names in self._every:
            for name, function in names.functions.items():
                found.setdefault(name, []).append(function)
        return found

    def _all_done(self, doing: Doing) -> list[tuple[set[str], Doing]]:
        """What is done, and what the notebook's functions do that may be called by it, each with
        the names of its parameters.
        """
        done: list[tuple[set[str], Doing]] = [(set(), doing)]
        seen: set[str] = set()
        for _, one in done:
            called = one.read | {call.path[0] for call in one.calls}
            for name in sorted((called & self._functions.keys()) - seen):
                seen.add(name)
                done += self._functions[name]  # which the loop goes on to
        return done

    def _does_more(self, names: Names) -> bool:
        if names.opaque or names.imported or names.stars or names.commands:
            return True
        return any(
            does_more(call, self._modules) for _, done in self._all_done(names.now)
            for call in done.calls
        ) or any(
            done.written & self._modules.keys() for _, done in self._all_done(names.now)
        )  # fmt: skip

    def _changes(self, doing: Doing, within: frozenset[str] = frozenset()) -> set[str]:
        """The names whose objects may be changed by what is done here."""
        found = set(doing.written)
        for call in doing.calls:
            if changes_owner(call):
                found |= call.owner
            if self._hands_over(call, within):
                found |= call.arguments
        return found - self._modules.keys()

    def _hands_over(self, call: Any, within: frozenset[str]) -> bool:
        """Whether a call may change what it is given; `within`: functions that ask this already."""
        name = call.path[0]
        if len(call.path) > 1 or name in self._modules or name in vars(builtins):
            return changes_arguments(call)
        if name not in self._functions:
            return True  # whatever it may stand for
        return name not in within and any(
            self._changes(doing, within | {name}) & named for named, doing in self._functions[name]
        )


def check_wishes(notebook: Any, path: Any) -> None:
    """Look through what a released notebook's cells say about when they run.

    Raises:
        UsageError: one says something that means nothing.
    """
    for cell in notebook.cells:
        wish = cell.metadata.get("autograder", {}).get(RUN)
        if wish not in (None, *_WISHES):
            name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id")
            raise UsageError(
                f'{path}: the cell «{name}» says {{"autograder": {{"{RUN}": {wish!r}}}}} in its'
                f" metadata; expected {' or '.join(map(repr, _WISHES))}"
            )
