"""What a cell of a notebook does with names, read off its syntax tree.

`read_cell` follows a cell statement by statement: which names it reads before it binds them itself,
which it binds, and which calls and assignments may change the object behind a name. What happens
inside of functions happens whenever they are called, and is kept apart.
"""

from __future__ import annotations

import ast
import builtins
import functools
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.submissions.magics import transformer

# ways to the notebook's names that no tree shows: names, modules, attributes
_UNSEEN = frozenset({"exec", "eval", "globals", "vars", "locals", "get_ipython", "__import__"})
_UNSEEN_MODULES = frozenset({"__main__", "IPython"})
_UNSEEN_PARTS = frozenset({"user_ns", "f_globals", "f_locals", "_getframe", "__globals__"})
# ways to a module by its name, which may be the notebook's
_MODULES = frozenset({"sys.modules", "importlib.import_module"})
# SystemError: Python 3.11 on a tree that is too deep; the others: IPython on half a command
_UNPARSED = (
    SyntaxError, ValueError, RecursionError, MemoryError, SystemError, RuntimeError, LookupError,
    TypeError, AttributeError,
)  # fmt: skip
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NAMING = (ast.Name, ast.arg, ast.alias, ast.ExceptHandler, ast.pattern)
_BRANCHING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
_BUILTINS = frozenset(dir(builtins))
# IPython reads a cell once for each command in it: characters times signs of commands
_COMMANDS = 300_000
_STEPS = 1_000_000  # that one cell may cost beyond its length
_OTHER_ENDS = dict.fromkeys(map(ord, "\x1c\x1d\x1e\x85\u2028\u2029"), " ")


@dataclass(frozen=True)
class Called:
    """A call: the dotted path of what is called, which begins with a name, or with "" for an
    expression; and the notebook's names behind its owner (of a method) and its arguments, those
    left out that the cell itself has bound before.
    """

    path: tuple[str, ...]
    owner: frozenset[str]
    arguments: frozenset[str]


@dataclass
class Doing:
    """What statements do when they run."""

    read: set[str] = field(default_factory=set)  # and not bound on every way before
    calls: set[Called] = field(default_factory=set)
    written: set[str] = field(default_factory=set)  # an item or attribute of it is assigned to


@dataclass
class Names:
    """What a cell does with the notebook's names."""

    now: Doing = field(default_factory=Doing)
    late: set[str] = field(default_factory=set)  # read in functions, whenever these are called
    bound: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)  # bound on every way
    assigned: set[str] = field(default_factory=set)  # bound, and not by an import
    imported: dict[str, str] = field(default_factory=dict)  # name: module
    # by its name, each function's parameters and what its body does; a class is its methods'
    functions: dict[str, tuple[set[str], Doing]] = field(default_factory=dict)
    patched: set[str] = field(default_factory=set)  # some attribute of theirs is put there anew
    stars: bool = False  # it imports names that don't stand there
    commands: bool = False  # it holds commands of IPython's
    opaque: bool = False  # it can't be told


def _patched(tree: ast.AST) -> Iterator[str]:
    """The names of which an attribute, or one of an attribute, is assigned to or deleted."""
    for node in ast.walk(tree):
        place: ast.AST | None = None
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            place = node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            place = node.args[0] if node.func.id in {"setattr", "delattr"} else None
        while isinstance(place, ast.Attribute):
            place = place.value
        if isinstance(place, ast.Name):
            yield place.id


def _looks_itself_up(tree: ast.AST, imported: Mapping[str, str]) -> bool:
    """Whether a cell has both a way to modules and the notebook's name among them:
    `sys.modules["__main__"]`.
    """
    ways, itself = set(imported.values()), False
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            ways.add(f"{imported.get(node.value.id, node.value.id)}.{node.attr}")
        itself |= isinstance(node, ast.Name) and node.id == "__name__"
        itself |= isinstance(node, ast.Constant) and node.value == "__main__"
    return itself and bool(ways & _MODULES)


@functools.lru_cache(maxsize=256)  # the given cells are the same in every submission
def read_cell(source: str) -> Names:
    """What the source of a code cell does; one that can't be read is opaque."""
    steps = _Steps(_STEPS)
    reader = _Reader(steps)
    try:
        plain = _python(source)
        tree = ast.parse(plain)
        steps.spend(_copied(tree))
        table = symtable.symtable(plain, "cell", "exec")
        reader.block(tree.body, reader.names.sure)
    except _UNPARSED:
        return Names(opaque=True)
    names = reader.names
    names.late = {name for inner in _inner(table) for name in inner}
    names.commands = plain != source
    names.patched = set(_patched(tree))
    modules = {module.partition(".")[0] for module in names.imported.values()}
    parts = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names.opaque = bool(
        (names.now.read | names.late) & _UNSEEN
        or modules & _UNSEEN_MODULES
        or parts & _UNSEEN_PARTS
        or _looks_itself_up(tree, names.imported)
    )
    names.now.read -= _BUILTINS - names.bound
    names.late -= _BUILTINS - names.bound
    return names


def _python(source: str) -> str:
    """The source without IPython's commands."""
    if not set("%!?") & set(source):
        return source
    try:
        ast.parse(source)
    except _UNPARSED:
        if len(source) * sum(source.count(sign) for sign in "%!?") > _COMMANDS:
            raise ValueError("too many commands") from None
        one_kind = source.translate(_OTHER_ENDS)  # at which IPython parts lines, with a warning
        plain: str = transformer().TransformerManager().transform_cell(one_kind)
        return plain.replace("get_ipython()", "None")
    return source


def _copied(tree: ast.AST) -> int:
    """How many names `symtable` copies, at most: those of a function for each that is nested in it,
    and of lambdas in lambdas it keeps all copies at once.
    """
    count, waiting = 0, [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
            parts = list(ast.walk(node))
            names = sum(
                isinstance(part, _NAMING) + len(getattr(part, "names", ())) for part in parts
            )
            inner = sum(isinstance(part, (*_SCOPES, *_COMPREHENSIONS, ast.ClassDef))
                        for part in parts) - 1  # fmt: skip
            count += inner * names
        else:
            waiting += ast.iter_child_nodes(node)
    return count


class _Steps:
    """What may still be looked at, of a cell that was made to be looked at again and again."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        """Raises ValueError: that is more than is left."""
        self.left -= count
        if self.left < 0:
            raise ValueError("too much to look at")


@dataclass(frozen=True, eq=False)
class _Standing:
    """A name from one assignment to the next, and the names that it may stand for, as these stood
    then: sets of all that is behind each would grow with the square of a chain's length.
    """

    name: str
    of: tuple[_Standing, ...] = ()


class _Reader:
    """Follows the statements of a cell, or those of functions, of which all goes into `inside`."""

    def __init__(self, steps: _Steps, inside: Doing | None = None) -> None:
        # what is defined in a function belongs to it, wherever it stands in it
        self.cell = inside is None
        self.steps = steps
        self.names = Names()
        self.doing = self.names.now if inside is None else inside
        self.aliases: dict[str, _Standing] = {}  # the names of the cell's own

    def block(self, statements: Iterable[ast.stmt], sure: set[str]) -> None:
        """Statements that run one after the other; `sure` grows by what they bind on every way."""
        for statement in statements:
            if isinstance(statement, _BRANCHING):
                self.branching(statement, sure)
            else:
                self.statement(statement, sure)

    def statement(self, node: ast.stmt, sure: set[str]) -> None:
        """One statement that runs from its beginning to its end."""
        body = node.body if isinstance(node, ast.With | ast.AsyncWith | ast.ClassDef) else []
        self.expressions(node, sure, skip=body)
        if isinstance(node, ast.ClassDef):
            self.steps.spend(len(self.names.bound) + len(sure))
            outside = set(self.names.bound)
            self.block(body, set(sure))
            self.names.bound = outside
            if self.cell:
                self.methods(node)
        else:
            self.block(body, sure)
        if self.cell and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.function(node.name, node)
        self.imports(node)
        self.bind(node, sure)

    def bind(self, node: ast.stmt, sure: set[str]) -> None:
        """What a statement gives names to, and what these may stand for from now on."""
        bound = set(_bound(node, self.steps))
        self.names.bound |= bound
        if not isinstance(node, ast.Import | ast.ImportFrom):
            self.names.assigned |= bound
        if not isinstance(node, ast.Delete):
            sure |= bound
        value = getattr(node, "iter", getattr(node, "value", None))
        roots = set(_roots(value)) if isinstance(value, ast.expr) else set()
        of = tuple(map(self.standing, roots))
        for name in bound:
            self.aliases[name] = _Standing(name, of)

    def standing(self, name: str) -> _Standing:
        """What a name stands for at this point."""
        return self.aliases.get(name) or _Standing(name)

    def branching(self, node: ast.stmt, sure: set[str]) -> None:
        """A statement of which parts may not run: what they bind is not sure afterwards."""
        blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        blocks += [
            part.body for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))
        ]
        self.expressions(node, sure, skip=[item for block in blocks for item in block])
        self.steps.spend(len(sure))
        inside = set(sure)
        self.bind(node, inside)
        for block in filter(None, blocks):
            self.steps.spend(len(inside))
            self.block(block, set(inside))

    def expressions(self, node: ast.stmt, sure: set[str], skip: list[ast.stmt]) -> None:
        """What the expressions of one statement read and change, functions' bodies left out."""
        left = {id(item) for item in skip}
        if isinstance(node, ast.AugAssign):
            self.doing.read.update(set(_roots(node.target)) - sure)
        for part in _now(node, left, self.steps):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
                self.doing.read.update({part.id} - sure)
            elif isinstance(part, ast.Call):
                self.doing.calls.add(self.called(part, sure))
            elif isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(
                part.ctx, ast.Load
            ):
                self.doing.written |= self.outside(_roots(part), sure)

    def called(self, call: ast.Call, sure: set[str]) -> Called:
        """A call as data."""
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        arguments = self.outside((root for value in given for root in _roots(value)), sure)
        owner = (
            self.outside(_roots(call.func), sure) if isinstance(call.func, ast.Attribute) else ()
        )
        return Called(_path(call.func), frozenset(owner), frozenset(arguments))

    def outside(self, names: Iterable[str], sure: set[str]) -> set[str]:
        """These names and the notebook's names behind them, without those that the cell has bound
        itself.
        """
        waiting = [self.standing(name) for name in names]
        seen: set[_Standing] = set()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                self.steps.spend(1 + len(one.of))
                seen.add(one)
                waiting += one.of
        return {one.name for one in seen} - sure

    def imports(self, node: ast.stmt) -> None:
        """Names that stand for modules, or for what is in them."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            of = getattr(node, "module", None)
            for alias in node.names:
                name = (alias.asname or alias.name).partition(".")[0]
                whole = alias.name if alias.asname else name  # `import a.b` binds a
                self.names.imported[name] = f"{of}.{alias.name}" if of else whole
            self.names.stars |= any(alias.name == "*" for alias in node.names)

    def function(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Add what the body of a function does when it is called."""
        named, doing = self.names.functions.setdefault(name, (set(), Doing()))
        named |= _parameters(node.args)
        inner = _Reader(self.steps, inside=doing)
        for part in ast.walk(node):  # functions within it as well: they are called by it, if at all
            if isinstance(part, _SCOPES) and isinstance(part.body, list):
                inner.block(part.body, set())

    def methods(self, node: ast.ClassDef) -> None:
        """Add what the methods of a class do."""
        for part in node.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                self.function(node.name, part)


def _inner(table: symtable.SymbolTable) -> Iterator[set[str]]:
    """For each function in a cell, the notebook's names that it reads."""
    for child in table.get_children():
        if child.get_type() != "class":
            yield {symbol.get_name() for symbol in child.get_symbols()
                   if symbol.is_global() and symbol.is_referenced()}  # fmt: skip
        yield from _inner(child)


def _now(whole: ast.AST, left: set[int], steps: _Steps) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated when it runs: of a function, its defaults."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(whole, frozenset())]
    while waiting:
        node, own = waiting.pop()
        children: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, _SCOPES):
            defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
            children = [*getattr(node, "decorator_list", ()), *defaults]
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            steps.spend(len(own))
        if isinstance(node, ast.Lambda):  # as if it were called where it stands
            children = [*children, node.body]
            own |= _parameters(node.args)
        elif isinstance(node, _COMPREHENSIONS):
            own |= {name for part in node.generators for name in _targets(part.target)}
        for child in children:
            if id(child) not in left:
                waiting.append((child, own))
                if not (isinstance(child, ast.Name) and child.id in own):
                    yield child


def _parameters(arguments: ast.arguments) -> set[str]:
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return {one.arg for one in (*every, arguments.vararg, arguments.kwarg) if one is not None}


def _bound(node: ast.stmt, steps: _Steps) -> Iterator[str]:
    """The notebook's names that a statement binds, or deletes, by itself."""
    yield from _named(node)
    for target in _assigned(node):
        yield from _targets(target)
    for part in _without_blocks(node):
        steps.spend(1)  # what stands in blocks of others is walked through for each of these
        if isinstance(part, ast.NamedExpr):
            yield part.target.id
        elif isinstance(part, ast.Global):
            yield from part.names


def _without_blocks(node: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement; of one that branches, not the statements in it, which bind by
    themselves: in a long chain of them each would be walked through by all before it.
    """
    if not isinstance(node, _BRANCHING):
        yield from ast.walk(node)
        return
    waiting = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += [
            child for child in ast.iter_child_nodes(part) if not isinstance(child, ast.stmt)
        ]


def _named(node: ast.stmt) -> Iterator[str]:
    """The names that a definition, an import or a handler of exceptions gives."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Try):
        yield from (handler.name for handler in node.handlers if handler.name)
    elif isinstance(node, ast.Match):
        for part in (part for case in node.cases for part in ast.walk(case.pattern)):
            if name := getattr(part, "name", None):
                yield name


def _assigned(node: ast.stmt) -> list[ast.expr]:
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
    """The names whose object, or a part of it, an expression may be: where chains of attributes and
    items begin, also in a display or in an alternative.
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.NamedExpr):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        parts: list[ast.expr] = node.elts
        yield from (name for part in parts for name in _roots(part))
    elif isinstance(node, ast.Dict | ast.BoolOp):
        yield from (name for part in node.values for name in _roots(part))
    elif isinstance(node, ast.IfExp):
        yield from (*_roots(node.body), *_roots(node.orelse))


def _path(node: ast.expr) -> tuple[str, ...]:
    """The dotted name of what is called; "" stands for an expression at its beginning."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    while isinstance(node, ast.Subscript | ast.Attribute):  # of an item, its owner's method
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return tuple(reversed(names))
