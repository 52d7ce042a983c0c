"""Where a cell's source can be changed: its nodes with what stands around them, and its text, in
which a node is replaced and all else stays as it is written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Place:
    """A node, and what stands around it."""

    node: Any
    above: tuple[ast.AST, ...]  # the nodes that it is in, the nearest last
    bound: tuple[str, ...] = ()  # names of the function that were bound on lines before
    constants: Mapping[str, str] = field(default_factory=dict)  # what may stand for a parameter


class Text:
    """A cell's source."""

    def __init__(self, source: str) -> None:
        lines = source.encode().splitlines(keepends=True)  # columns of nodes count bytes
        self._whole, self._starts = b"".join(lines), [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))
        marks = [
            [n for n, line in enumerate(lines, 1) if mark.encode() in line] for mark in (BEGIN, END)
        ]
        self._solutions = list(zip(*marks, strict=True)) or [(0, len(lines) + 1)]

    def is_solution(self, node: Any) -> bool:
        """Whether it is between nbgrader's marks, where there are any."""
        return any(begin < node.lineno < end for begin, end in self._solutions)

    def of(self, node: Any) -> str:
        """How it is written."""
        return self._whole[slice(*self._ends(node))].decode()

    def replaced(self, node: Any, new: str) -> str | None:
        """The source with something else in place of a node; None if that is no Python."""
        begin, end = self._ends(node)
        changed = (self._whole[:begin] + new.encode() + self._whole[end:]).decode()
        try:
            ast.parse(changed)
        except SyntaxError:
            return None
        return changed

    def _ends(self, node: Any) -> tuple[int, int]:
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )


def places(tree: ast.AST, constants: Mapping[str, str] | None = None) -> Iterator[Place]:
    """All nodes in the order of the text; docstrings, annotations and f-strings left out, which
    tell something and compute nothing. `constants` say what may stand for a parameter, by function
    and parameter («build_unet.depth»), where it has no default.
    """

    def walk(node: Any, above: tuple[ast.AST, ...], scope: _Scope) -> Iterator[Place]:
        if isinstance(node, ast.JoinedStr) or _is_docstring(node, above):
            return
        if isinstance(node, ast.FunctionDef):
            scope = _Scope(node, constants or {})
        if hasattr(node, "lineno"):
            yield Place(node, above, scope.bound_before(node), scope.constants)
        told = getattr(node, "annotation", None), getattr(node, "returns", None)
        for child in ast.iter_child_nodes(node):
            if child not in told:
                yield from walk(child, (*above, node), scope)

    yield from walk(tree, (), _Scope(tree, constants or {}))


def _is_docstring(node: ast.AST, above: tuple[ast.AST, ...]) -> bool:
    return isinstance(node, ast.Constant) and bool(above) and isinstance(above[-1], ast.Expr)


class _Scope:
    """A function's names, or those of a cell."""

    def __init__(self, node: Any, constants: Mapping[str, str]) -> None:
        self.constants: dict[str, str] = {}
        self._bound: dict[str, int] = {}
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args]
            defaults = [None] * (len(names) - len(node.args.defaults)) + [*node.args.defaults]
            for name, default in zip(names, defaults, strict=True):
                self._bound[name] = node.lineno
                stands = constants.get(f"{node.name}.{name}")
                if stands or default is not None:
                    self.constants[name] = stands or ast.unparse(default)  # type: ignore[arg-type]
        for inner in _own(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                self._bound.setdefault(inner.id, inner.lineno)

    def bound_before(self, node: Any) -> tuple[str, ...]:
        """The names that have a value when this is reached, as far as lines tell."""
        return tuple(name for name, line in self._bound.items() if line < node.lineno)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, and not those of functions in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield from _own(child)
