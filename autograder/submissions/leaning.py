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
_STEPS = 200_000  # that following the calls of all cells may take


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
            wanted |= web.origins(name, ends.get(task, 0))
    found = web.closure(wanted)
    while changing := web.changing(
        found, {name for names in asked.values() for name in names or ()}
    ):
        found = web.closure(changing, found)
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
    outlasting = {task for task, indices in own.items() if any(map(web.outlasts, indices))}
    found: dict[str, set[str]] = {}
    for task, indices in own.items():
        before = {of.get(other) for index in indices for other in web.before(index)}
        names, end = asked.get(task, ()), max(indices, default=-1) + 1
        before |= {of.get(other) for name in names or () for other in web.origins(name, end)}
        said = own.keys() & set(needs.get(task, ()))
        found[task] = said | {
            other for other in found if names is None or other in before or other in outlasting
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
    """The code cells of a notebook and what they do with its names.

    Sets of cells are bits of a number, one for each cell: then what many cells do with many names
    costs no more than there is of it.
    """

    def __init__(self, cells: Any) -> None:
        self._cells = cells
        self.names = {
            index: read_cell(cell.source)
            for index, cell in enumerate(cells)
            if cell.cell_type == "code"
        }
        if (done := self._followed()) is None:
            self.names = dict.fromkeys(self.names, Names(opaque=True))
        self._done = done or {index: [] for index in self.names}
        self._every = list(self.names.values())
        self._before: dict[int, frozenset[int]] = {}  # as far as it was asked for

    @property
    def opaque(self) -> bool:
        """Whether of some cell it can't be told what it does."""
        return any(names.opaque for names in self._every)

    def always(self, index: int) -> bool:
        """Whether a given cell runs whoever leans on it: it says so itself, or it does more than
        its names show.
        """
        wish, names = self._wish(index), self.names[index]
        more = names.opaque or names.imported or self._leaves(index, does_more)
        return wish == "always" or (wish != "never" and bool(more))

    def outlasts(self, index: int) -> bool:
        """Whether a cell may leave something behind for later sections that no name shows."""
        return index in self.names and self._leaves(index, outlasts)

    def before(self, index: int) -> frozenset[int]:
        """The cells on which a cell leans."""
        if index not in self._before:
            self._before[index] = frozenset(_cells(self._leaned(index))) - {index}
        return self._before[index]

    def origins(self, name: str, end: int) -> frozenset[int]:
        """The cells before `end` that may have given the name its object, or changed that. Of a
        module that is imported again and again, the first.
        """
        return frozenset(_cells(self._origins(name, end)))

    def closure(self, indices: Iterable[int], closed: AbstractSet[int] = frozenset()) -> set[int]:
        """These cells and all that they lean on, with those of a closure that is there already."""
        found = set(closed)
        waiting = list(indices)
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                waiting += self.before(index) - found
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

    def _leaned(self, index: int) -> int:
        """The cells on which one leans, itself perhaps among them, as bits."""
        names, every = self.names.get(index), len(self._cells)
        if names is None:
            return 0
        if names.opaque:
            return _bits(other for other in self.names if other < index)
        found = self._opaque & (1 << index) - 1
        for name in names.now.read:
            found |= self._origins(name, index)
        for name in names.late:
            imported = name in self._only_imported
            found |= self._origins(name, every) if imported else self._giving.get(name, 0)
        return found

    def _origins(self, name: str, end: int) -> int:
        """As `origins`, as bits."""
        earlier = (1 << end) - 1
        giving, sure = self._giving.get(name, 0) & earlier, self._sure.get(name, 0) & earlier
        if name in self._only_imported:
            return giving & (sure ^ (sure - 1)) if sure else giving  # up to the first
        return giving & -(1 << sure.bit_length() - 1) if sure else giving  # from the last

    def _wish(self, index: int) -> str:
        wish = self._cells[index].metadata.get("autograder", {}).get(RUN, "")
        return str(wish) if is_given(self._cells[index]) else ""

    @cached_property
    def _changed(self) -> dict[int, set[str]]:
        """For each cell the names whose objects it may change."""
        return {
            index: set().union(*(self._changes(doing) - named for named, doing in done))
            for index, done in self._done.items()
        }

    @cached_property
    def _opaque(self) -> int:
        return _bits(index for index, names in self.names.items() if names.opaque)

    @cached_property
    def _giving(self) -> dict[str, int]:
        """By name the cells that may give it its object, or change that, as bits."""
        return _by_name(
            {index: names.bound | self._changed[index] for index, names in self.names.items()}
        )

    @cached_property
    def _sure(self) -> dict[str, int]:
        """By name the cells that bind it on every way, as bits."""
        return _by_name({index: names.sure for index, names in self.names.items()})

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
        for names in self.names.values():
            for name, function in names.functions.items():
                found.setdefault(name, []).append(function)
        return found

    def _followed(self) -> dict[int, list[tuple[set[str], Doing]]] | None:
        """For each cell all that is done in it; None if following the calls would take too long."""
        found: dict[int, list[tuple[set[str], Doing]]] = {}
        left = _STEPS
        for index, names in self.names.items():
            found[index] = done = []
            for one in self._all_done(names.now):
                left -= _size(one[1])
                if left < 0:
                    return None
                done.append(one)
        return found

    def _all_done(self, doing: Doing) -> Iterator[tuple[set[str], Doing]]:
        """What is done, and what the notebook's functions do that may be called by it, each with
        the names of its parameters.
        """
        done: list[tuple[set[str], Doing]] = [(set(), doing)]
        seen: set[str] = set()
        for named, one in done:
            yield named, one
            called = one.read | {call.path[0] for call in one.calls}
            for name in sorted((called & self._functions.keys()) - seen):
                seen.add(name)
                done += self._functions[name]  # which the loop goes on to

    def _leaves(self, index: int, leaves: Callable[[Called, Mapping[str, str]], bool]) -> bool:
        """Whether what a cell does, imports aside, may leave something behind that no name shows;
        `leaves` says so of a call.
        """
        if self.names[index].stars or self.names[index].commands:
            return True
        return any(
            done.written & self._modules.keys()
            or any(leaves(call, self._modules) for call in done.calls)
            for _, done in self._done[index]
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
        return found.difference(self._modules)  # of its keys, `-` would go through all

    @cached_property
    def _changing_functions(self) -> set[str]:
        """The notebook's functions that may change what they are given, themselves or by calling
        one that does.
        """
        found: set[str] = set()
        callers: dict[str, set[str]] = {}  # those that hand it what they were given themselves
        for name, functions in self._functions.items():
            for named, doing in functions:
                for call in doing.calls:
                    given = (call.arguments & named).difference(self._modules)
                    if given and self._is_of_notebook(call):
                        callers.setdefault(call.path[0], set()).add(name)
        waiting = [
            name for name, functions in self._functions.items()
            if any(self._changed_with(doing, set()) & named for named, doing in functions)
        ]  # fmt: skip
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += callers.get(name, ())
        return found

    def _hands_over(self, call: Called, changing: AbstractSet[str]) -> bool:
        """Whether a call may change what it is given."""
        if self._is_of_notebook(call):
            return call.path[0] in changing
        name = call.path[0]
        if len(call.path) > 1 or name in self._modules or name in vars(builtins):
            return changes_arguments(call)
        return True  # whatever it may stand for

    def _is_of_notebook(self, call: Called) -> bool:
        """Whether one of the notebook's functions is called."""
        (name, *more) = call.path
        known = name in self._modules or name in vars(builtins)
        return name in self._functions and not more and not known


def _size(doing: Doing) -> int:
    """How much is done."""
    given = sum(len(call.owner) + len(call.arguments) for call in doing.calls)
    return 1 + len(doing.read) + len(doing.written) + len(doing.calls) + given


def _bits(cells: Iterable[int]) -> int:
    return sum(1 << index for index in cells)


def _cells(bits: int) -> Iterator[int]:
    """The indices of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _by_name(names: Mapping[int, AbstractSet[str]]) -> dict[str, int]:
    """By name the cells that have it, as bits."""
    found: dict[str, int] = {}
    for index, own in names.items():
        bit = 1 << index
        for name in own:
            found[name] = found[name] | bit if name in found else bit  # most are in one cell only
    return found


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
