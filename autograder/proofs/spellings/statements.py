"""Rewrites of statements and whole functions."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from autograder.proofs.changes import Place
from autograder.proofs.spellings.reading import (
    Rewrite,
    applied,
    fresh,
    indented,
    lines,
    names,
)


def layer_then_call(place: Place) -> Iterator[Rewrite]:
    """`x = L(…)(x)` in two lines."""
    node = place.node
    if isinstance(node, ast.Assign) and (found := applied(node.value)):
        made, target = fresh(place, "made"), ast.unparse(node.targets[0])
        called = f"{target} = {made}({found.tensor})"
        yield Rewrite(node, lines(node, f"{made} = {ast.unparse(found.layer)}", called))


def return_by_name(place: Place) -> Iterator[Rewrite]:
    """`return f(x)` in two lines."""
    node = place.node
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
        result = fresh(place, "result")
        text = lines(node, f"{result} = {ast.unparse(node.value)}", f"return {result}")
        yield Rewrite(node, text)


def loop_unrolled(place: Place) -> Iterator[Rewrite]:
    """A loop over something written down, or over `range(2)`, as copies of its body."""
    node = place.node
    if not isinstance(node, ast.For) or node.orelse or _jumps(node):
        return
    values = ["0", "1"] if ast.unparse(node.iter) == "range(2)" else []
    if isinstance(node.iter, ast.Tuple | ast.List):
        values = [ast.unparse(one) for one in node.iter.elts]
    copies = []
    for value in values:
        copies += [f"{ast.unparse(node.target)} = {value}", *indented(node.body, "")]
    if copies:
        yield Rewrite(node, lines(node, *copies))


def loop_over_list(place: Place) -> Iterator[Rewrite]:
    """A loop over a list made before it, by index or by taking one after the other."""
    node = place.node
    if not isinstance(node, ast.For) or node.orelse or _jumps(node):
        return
    items, index = fresh(place, "items"), fresh(place, "index")
    made, target = f"{items} = list({ast.unparse(node.iter)})", ast.unparse(node.target)
    for head, first in (
        (f"for {index} in range(len({items})):", f"{target} = {items}[{index}]"),
        (f"while {items}:", f"{target} = {items}.pop(0)"),
    ):
        yield Rewrite(node, lines(node, made, head, f"    {first}", *indented(node.body)))


def assignments_turned(place: Place) -> Iterator[Rewrite]:
    """Two assignments that have nothing to do with each other, the other way round."""
    body = getattr(place.node, "body", [])
    for one, other in itertools.pairwise(body) if isinstance(body, list) else ():
        plain = isinstance(one, ast.Assign) and isinstance(other, ast.Assign)
        if plain and not _touch(one, other) and not _touch(other, one):
            yield Rewrite(_Span(one, other), lines(one, ast.unparse(other), ast.unparse(one)))


def condition_as_statement(place: Place) -> Iterator[Rewrite]:
    """`x = a if c else b` as an `if`."""
    node = place.node
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
        target, value = ast.unparse(node.targets[0]), node.value
        yield Rewrite(
            node,
            lines(
                node,
                f"if {ast.unparse(value.test)}:",
                f"    {target} = {ast.unparse(value.body)}",
                "else:",
                f"    {target} = {ast.unparse(value.orelse)}",
            ),
        )


def said_aloud(place: Place) -> Iterator[Rewrite]:
    """A print after an assignment."""
    node = place.node
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        target = node.targets[0].id
        said = f'print("{target}", getattr({target}, "shape", type({target})))'
        yield Rewrite(node, lines(node, ast.unparse(node), said))


def unused_code(place: Place) -> Iterator[Rewrite]:
    """Something that nobody reads."""
    node = place.node
    if isinstance(node, ast.Assign | ast.Return):
        unused = fresh(place, "unused")
        extras = [f"{unused} = []", "import math"]
        if "layers" in names(place.above[0], ast.Load):
            extras.append(f"{unused} = layers.Dense(3)")
        for extra in extras:
            yield Rewrite(node, lines(node, extra, ast.unparse(node)))


def unused_tensor(place: Place) -> Iterator[Rewrite]:
    """A layer that is called and read by nothing."""
    node = place.node
    single = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    if single and applied(node.value):
        extra = f'{fresh(place, "unused")} = layers.Activation("tanh")({node.targets[0].id})'
        yield Rewrite(node, lines(node, ast.unparse(node), extra))


def wrong_first(place: Place) -> Iterator[Rewrite]:
    """A first try of a function, which the right one replaces."""
    node = place.node
    if isinstance(node, ast.FunctionDef) and isinstance(place.above[-1], ast.Module):
        head = f"def {node.name}({ast.unparse(node.args)}):"
        for first in ("return None", "raise ValueError"):
            yield Rewrite(node, f"{head}\n    {first}\n\n\n{ast.unparse(node)}")


def type_hints(place: Place) -> Iterator[Rewrite]:
    """What a function returns, annotated."""
    node = place.node
    if isinstance(node, ast.FunctionDef) and node.returns is None:
        head = f'def {node.name}({ast.unparse(node.args)}) -> "keras.KerasTensor | object":'
        yield Rewrite(node, lines(node, head, *indented(node.body)))


def other_function(place: Place) -> Iterator[Rewrite]:
    """A function under another name that is then given its own; an object that can be called."""
    node = place.node
    if isinstance(node, ast.FunctionDef) and isinstance(place.above[-1], ast.Module):
        other = fresh(place, "attempt")
        head = f"def {other}({ast.unparse(node.args)}):"
        body = "\n".join([head, *indented(node.body)])
        yield Rewrite(node, f"{body}\n\n\n{node.name} = {other}")
        yield Rewrite(
            node,
            f"{body}\n\n\nclass Builder:\n    def __call__(self, *args, **kwargs):\n"
            f"        return {other}(*args, **kwargs)\n\n\n{node.name} = Builder()",
        )


def variable_renamed(place: Place) -> Iterator[Rewrite]:
    """A local variable under another name, everywhere in its function."""
    node = place.node
    if not isinstance(node, ast.FunctionDef):
        return
    if any(isinstance(one, ast.FunctionDef) for body in node.body for one in ast.walk(body)):
        return  # which may read it too
    for old in sorted(names(node, ast.Store) - {one.arg for one in node.args.args}):
        for wish in ("größe_", "tmp", "x1"):
            renamed = _Renamed(old, fresh(place, wish)).visit(ast.parse(ast.unparse(node)))
            yield Rewrite(node, lines(node, ast.unparse(renamed)))


def _jumps(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Break | ast.Continue) for one in ast.walk(node))


def _touch(one: ast.AST, other: ast.AST) -> bool:
    """Whether one binds or changes what the other reads or binds."""
    changed = names(one, ast.Store)
    if isinstance(one, ast.Assign) and not isinstance(one.targets[0], ast.Name):
        changed |= names(one.targets[0], ast.Load)
    return bool(changed & (names(other, ast.Load) | names(other, ast.Store)))


class _Span:
    """From the beginning of one statement to the end of another."""

    def __init__(self, first: ast.stmt, last: ast.stmt) -> None:
        self.lineno, self.col_offset = first.lineno, first.col_offset
        self.end_lineno, self.end_col_offset = last.end_lineno, last.end_col_offset


class _Renamed(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id == self._old:
            node.id = self._new
        return node
