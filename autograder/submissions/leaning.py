"""Which sections of a notebook another one leans on, read off the syntax tree.

A section leans on an earlier one that binds a name which it reads, or that may change the object
behind it: by writing into it, calling its methods, or handing it to a function of the notebook's.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.submissions.rebuilding import Section

_UNSEEN = frozenset({"exec", "eval", "globals", "vars", "locals", "get_ipython", "__import__"})
_UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Names:
    """What the cells of a section do with the notebook's names."""

    used: set[str] = field(default_factory=set)  # and not bound by the section itself before
    bound: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    opaque: bool = False  # it can't be told


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
    known = {
        section.task: names_of(cells[index] for index in section.cells) for section in sections
    }
    start = known.pop(None, Names())
    order = [task for task in known if task is not None]

    def directly(task: str) -> Iterator[str]:
        earlier = order[: order.index(task)]
        yield from (other for other in earlier if _leans(known[task], known[other], start))
        yield from (other for other in needs.get(task, ()) if other in known)

    found: set[str] = set()
    waiting = [task for task in tasks if task in known]
    while waiting:
        task = waiting.pop()
        if task not in found:
            found.add(task)
            waiting += directly(task)
    return found


def names_of(cells: Iterable[Any]) -> Names:
    """What some cells, one after the other, do with names."""
    reader = _Reader()
    for cell in cells:
        if cell.cell_type != "code":
            continue
        try:
            reader.read(_python(cell.source))
        except _UNPARSED:
            return Names(opaque=True)
    return reader.finished()


def _leans(one: Names, other: Names, start: Names) -> bool:
    if one.opaque or other.opaque:
        return True
    return bool(one.used & (other.bound | (other.changed - start.imported)))


def _python(source: str) -> str:
    """The source without IPython's commands."""
    if not set("%!?") & set(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    plain: str = TransformerManager().transform_cell(source)
    return plain.replace("get_ipython()", "None")


class _Reader:
    """Follows the cells of a section statement by statement."""

    def __init__(self) -> None:
        self.names = Names()
        self.sure: set[str] = set()  # bound on every way to here
        self.late: set[str] = set()  # read in functions, whenever these are called

    def read(self, source: str) -> None:
        """One more cell."""
        self.block(ast.parse(source).body, self.sure)
        self.late |= {name for table in _inner(symtable.symtable(source, "cell", "exec"))
                      for name in table}  # fmt: skip

    def finished(self) -> Names:
        """All that was found."""
        self.names.used |= self.late - self.names.bound
        self.names.opaque = self.names.opaque or bool(self.names.used & _UNSEEN)
        self.names.used -= set(dir(builtins))
        return self.names

    def block(self, statements: Iterable[ast.stmt], sure: set[str]) -> None:
        """Statements that run one after the other."""
        for statement in statements:
            self.statement(statement, sure)

    def statement(self, node: ast.stmt, sure: set[str]) -> None:
        """One statement; `sure` grows by what it binds on every way."""
        if isinstance(node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Try | ast.Match):
            self.branching(node, sure)
            return
        body = node.body if isinstance(node, ast.With | ast.AsyncWith | ast.ClassDef) else []
        self.expressions(node, sure, skip=body)
        if not isinstance(node, ast.ClassDef):
            self.block(body, sure)
        bound = set(_bound(node))
        self.names.bound |= bound
        sure |= bound

    def branching(self, node: ast.stmt, sure: set[str]) -> None:
        """A statement of which parts may not run: what they bind is not sure afterwards."""
        blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        blocks += [
            part.body for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
        ]
        self.expressions(node, sure, skip=[item for block in blocks for item in block])
        inside = set(sure) | set(_bound(node))
        self.names.bound |= set(_bound(node))
        for block in blocks:
            self.block(block, set(inside))

    def expressions(self, node: ast.stmt, sure: set[str], skip: list[ast.stmt]) -> None:
        """What the expressions of one statement read and change, functions' bodies left out."""
        left = {id(item) for item in skip}
        for part in _now(node, left):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                self.names.used.update({part.id} - sure)
            elif isinstance(part, ast.Call):
                self.names.changed.update(set(self.touched(part)) - sure)
            elif isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(
                part.ctx, ast.Load
            ):
                self.names.changed.update(set(_roots(part)) - sure)
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.names.imported.update(_bound(node))
            self.names.opaque |= any(alias.name == "*" for alias in node.names)

    def touched(self, call: ast.Call) -> Iterator[str]:
        """The names of objects that a call may change: what a method belongs to, and arguments of
        the notebook's own functions.
        """
        if isinstance(call.func, ast.Attribute):
            yield from _roots(call.func)
        else:
            for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                yield from _roots(argument)


def _inner(table: symtable.SymbolTable) -> Iterator[set[str]]:
    """For each function in a cell, the notebook's names that it reads."""
    for child in table.get_children():
        if child.get_type() != "class":
            yield {symbol.get_name() for symbol in child.get_symbols()
                   if symbol.is_global() and symbol.is_referenced()}  # fmt: skip
        yield from _inner(child)


def _now(node: ast.AST, left: set[int]) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated when it runs: of a function, its defaults."""
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, _SCOPES):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        children = [*getattr(node, "decorator_list", ()), *defaults]
    own: set[str] = set()
    if isinstance(node, _COMPREHENSIONS):
        own = {name for part in node.generators for name in _targets(part.target)}
    for child in children:
        if id(child) not in left:
            parts = (child, *_now(child, left))
            yield from (
                part for part in parts if not (isinstance(part, ast.Name) and part.id in own)
            )


def _bound(node: ast.stmt) -> Iterator[str]:
    """The notebook's names that a statement binds by itself."""
    yield from _named(node)
    for target in _written(node):
        yield from _targets(target)
    for part in ast.walk(node):
        if isinstance(part, ast.NamedExpr):
            yield part.target.id
        elif isinstance(part, ast.Global):
            yield from part.names


def _named(node: ast.stmt) -> Iterator[str]:
    """The names that a definition, an import or a handler of exceptions gives."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Try):
        yield from (handler.name for handler in node.handlers if handler.name)


def _written(node: ast.stmt) -> list[ast.expr]:
    """The targets that a statement assigns to, or deletes."""
    if isinstance(node, ast.Assign | ast.Delete):
        return node.targets
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
        return [node.target]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.optional_vars for item in node.items if item.optional_vars]
    return []


def _targets(node: ast.expr) -> Iterator[str]:
    """The names in a target of an assignment."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _targets(item)
    elif isinstance(node, ast.Starred):
        yield from _targets(node.value)


def _roots(node: ast.expr) -> Iterator[str]:
    """The name at the beginning of a chain of attributes and items; those of a list's items."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for item in node.elts:
            yield from _roots(item)
