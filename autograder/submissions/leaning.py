"""Which cells of a notebook lean on which others, and so which of them have to run.

A cell leans on an earlier one that binds a name which it reads, or that may change the object
behind it: by writing into it, by calling its methods, or by handing it to a function that may.
What a function reads, any cell may have bound by the time that it is called.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from autograder.errors import UsageError
from autograder.submissions.effects import changes_arguments, changes_owner, does_more, outlasts
from autograder.submissions.names import Called, Doing, Names, read_cell
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


def leaned(
    sections: Iterable[Section],
    cells: Any,
    needs: Mapping[str, Iterable[str]],
    asked: Mapping[str, Iterable[str] | None],
) -> dict[str, set[str]]:
    """For each task the earlier ones on which its section or its questions lean directly, and those
    that it says it `needs`.

    `asked` as for `running`. A section that can't be read leans on all earlier ones, and all later
    ones lean on it; so they do where one may leave something behind that no name shows, such as a
    file. The common start is left out: it always runs.
    """
    web = Web(cells)
    own = {section.task: section.cells for section in sections if section.task is not None}
    of = {index: task for task, indices in own.items() for index in indices}
    found: dict[str, set[str]] = {}
    for task, indices in own.items():
        before = {of.get(other) for index in indices for other in web.before(index)}
        names, end = asked.get(task, ()), max(indices, default=-1) + 1
        before |= {of.get(other) for name in names or () for other in web.origins(name, end)}
        said = own.keys() & set(needs.get(task, ()))
        found[task] = said | {
            other
            for other in found
            if names is None or other in before or any(map(web.outlasts, own[other]))
        }
    return found


def named(
    sections: Iterable[Section],
    cells: Any,
    needs: Mapping[str, Iterable[str]],
    asked: Mapping[str, Iterable[str] | None],
) -> dict[str, set[str]]:
    """For each task the earlier ones that bind a name which its section or its questions read, and
    those that it says it `needs`: fewer than those on which it may lean.

    `asked` as for `running`. Whatever can't be read reads every name, and binds none.
    """
    bound: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    imported: set[tuple[str, str]] = set()  # in the common start, and as what
    for section in sections:
        own = [read_cell(cells[n].source) for n in section.cells if cells[n].cell_type == "code"]
        if section.task is None:
            imported |= {item for one in own for item in one.imported.items()}
            continue
        names = asked.get(section.task, ())
        read = set(names or ()).union(*(one.now.read | one.late for one in own))
        read -= {name for one in own for name in one.imported}
        all_names = names is None or any(one.opaque for one in own)
        said = set(needs.get(section.task, ()))
        found[section.task] = {
            other for other in bound if all_names or other in said or bound[other] & read
        }
        again = {
            name for one in own for name, as_ in one.imported.items() if (name, as_) in imported
        }
        again -= {name for one in own for name in one.assigned}
        bound[section.task] = names_bound(cells, section.cells) - again
    return found


def patching(sections: Iterable[Section], cells: Any) -> set[str]:
    """The tasks whose sections put something of their own into a library, for the whole notebook:
    `keras.Model.predict = …`.
    """
    own = {
        section.task: [read_cell(cells[n].source) for n in section.cells]
        for section in sections
        if section.task is not None
    }
    code = [read_cell(cell.source) for cell in cells if cell.cell_type == "code"]
    imported = {name for one in code for name in one.imported}
    return {task for task, ours in own.items() if any(one.patched & imported for one in ours)}


def needed(tasks: Iterable[str], leaned: Mapping[str, Iterable[str]]) -> set[str]:
    """The tasks whose sections must run before these can be asked about, themselves included."""
    found: set[str] = set()
    waiting = [task for task in tasks if task in leaned]
    while waiting:
        task = waiting.pop()
        if task not in found:
            found.add(task)
            waiting += leaned[task]
    return found


def names_bound(cells: Any, indices: Iterable[int]) -> set[str]:
    """The names that these cells bind."""
    code = (cells[index].source for index in indices if cells[index].cell_type == "code")
    return {name for source in code for name in read_cell(source).bound}


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
        wish, names = self._wish(index), self.names[index]
        more = names.opaque or names.imported or self._leaves(names, does_more)
        return wish == "always" or (wish != "never" and bool(more))

    def outlasts(self, index: int) -> bool:
        """Whether a cell may leave something behind for later sections that no name shows."""
        return index in self.names and self._leaves(self.names[index], outlasts)

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
            if name in self._only_imported:
                found.update(self.origins(name, len(self._cells)))
            else:
                found.update(other for other in self.names if self._gives(other, name))
        return found - {index}

    def origins(self, name: str, end: int) -> Iterator[int]:
        """The cells before `end` that may have given the name its object, or changed that. Of a
        module that is imported again and again, the first.
        """
        earlier = sorted(index for index in self.names if index < end)
        for index in earlier if name in self._only_imported else reversed(earlier):
            if self._gives(index, name):
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

    def _gives(self, index: int, name: str) -> bool:
        """Whether a cell may give the name its object, or change that."""
        return name in self.names[index].bound or name in self._changed[index]

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
    def _only_imported(self) -> set[str]:
        """The names that stand for the same module, or thing in it, wherever they are bound."""
        of: dict[str, set[str]] = {}
        for names in self._every:
            for name, module in names.imported.items():
                of.setdefault(name, set()).add(module)
        assigned = set[str]().union(*(names.assigned for names in self._every))
        return {name for name, modules in of.items() if len(modules) == 1} - assigned

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

    def _leaves(self, names: Names, leaves: Callable[[Called, Mapping[str, str]], bool]) -> bool:
        """Whether what a cell does, imports aside, may leave something behind that no name shows;
        `leaves` says so of a call.
        """
        if names.stars or names.commands:
            return True
        return any(
            done.written & self._modules.keys()
            or any(leaves(call, self._modules) for call in done.calls)
            for _, done in self._all_done(names.now)
        )

    def _changes(self, doing: Doing) -> set[str]:
        """The names whose objects may be changed by what is done here."""
        return self._changed_with(doing, self._changing_functions)

    def _changed_with(self, doing: Doing, changing: AbstractSet[str]) -> set[str]:
        """The same, if of the notebook's functions these may change what they are given."""
        found = set(doing.written)
        for call in doing.calls:
            if changes_owner(call):
                found |= call.owner
            if self._hands_over(call, changing):
                found |= call.arguments
        return found - self._modules.keys()

    @cached_property
    def _changing_functions(self) -> set[str]:
        """The notebook's functions that may change what they are given, themselves or by calling
        one that does.
        """
        found: set[str] = set()
        callers: dict[str, set[str]] = {}
        for name, function in self._functions.items():
            for _, doing in function:
                for call in doing.calls:
                    callers.setdefault(call.path[0], set()).add(name)
        waiting = list(self._functions)
        while waiting:
            name = waiting.pop()
            if name not in found and any(
                self._changed_with(doing, found) & named for named, doing in self._functions[name]
            ):
                found.add(name)
                waiting += callers.get(name, ())
        return found

    def _hands_over(self, call: Called, changing: AbstractSet[str]) -> bool:
        """Whether a call may change what it is given."""
        name = call.path[0]
        if len(call.path) > 1 or name in self._modules or name in vars(builtins):
            return changes_arguments(call)
        if name not in self._functions:
            return True  # whatever it may stand for
        return name in changing


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
