"""What rewrites read off a cell's syntax tree, and how they write pieces of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from autograder.proofs.changes import Place


@dataclass(frozen=True)
class Rewrite:
    """A piece of a cell in other words."""

    node: Any
    text: str
    helpers: tuple[str, ...] = ()  # names of what has to stand above


@dataclass(frozen=True)
class Applied:
    """`Layer(…)(tensor)`."""

    call: ast.Call
    layer: ast.Call
    name: str  # of the class
    tensor: str

    @property
    def is_merge(self) -> bool:
        """Whether it takes several tensors that are written down."""
        return isinstance(self.call.args[0], ast.List)

    @property
    def is_named(self) -> bool:
        """Whether it has a name of its own."""
        return keyword(self.layer, "name") is not None


def applied(node: ast.AST | None) -> Applied | None:
    """A Keras layer that is made and called at once."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and len(node.args) == 1:
        made = node.func
        is_layer = isinstance(made.func, ast.Attribute) and "layers" in ast.unparse(made.func.value)
        if is_layer and not node.keywords:
            return Applied(node, made, last_name(made.func), ast.unparse(node.args[0]))
    return None


def last_name(function: ast.expr) -> str:
    """The last word of what is called."""
    plain = isinstance(function, ast.Name | ast.Attribute)
    return ast.unparse(function).rpartition(".")[-1] if plain else ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The argument of that name."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def without(call: ast.Call, name: str) -> str:
    """The call without the argument of that name."""
    left = [one for one in call.keywords if one.arg != name]
    return ast.unparse(ast.Call(call.func, call.args, left))


def extended(call: ast.Call, argument: str) -> str:
    """The call with one argument more."""
    inner = ast.unparse(call).removesuffix(")")
    return f"{inner}{'' if inner.endswith('(') else ', '}{argument})"


def lines(node: Any, *texts: str) -> str:
    """Statements that take the place of one."""
    return f"\n{' ' * node.col_offset}".join(line for one in texts for line in one.splitlines())


def indented(statements: list[ast.stmt], by: str = "    ") -> list[str]:
    """The lines of statements, further to the right."""
    return [by + line for one in statements for line in ast.unparse(one).splitlines()]


def names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """The names that are read (Load) or bound (Store) in it."""
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, context)
    }


def fresh(place: Place, wish: str) -> str:
    """A name that the cell does not have yet."""
    taken = {one.id for one in ast.walk(place.above[0]) if isinstance(one, ast.Name)}
    taken |= {one.name for one in ast.walk(place.above[0]) if isinstance(one, ast.FunctionDef)}
    return next(
        name for name in (wish, *(f"{wish}_{n}" for n in range(2, 1000))) if name not in taken
    )
