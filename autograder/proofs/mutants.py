"""Mutants of a reference cell: all small wrong changes of it, found in its syntax tree.

A grader that gives one of them full marks has missed a mistake, unless the change means the same or
the task allows it. One change each, after the operators of mutation testing (DeMillo, Lipton and
Sayward 1978, «Hints on test data selection»), with those that people make who build networks.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.proofs.changes import Place, Text, places

ACTIVATIONS = ("relu", "softmax", "sigmoid", "linear")
LOSSES = ("sparse_categorical_crossentropy", "categorical_crossentropy", "mse")
WORDS = {
    "same": ("valid",),
    "valid": ("same",),
    "binary_crossentropy": ("mse",),
    **{word: tuple(other for other in ACTIVATIONS if other != word) for word in ACTIVATIONS},
    **{word: tuple(other for other in LOSSES if other != word) for word in LOSSES},
}
NAMES = {  # a layer or function for another, by their last names
    "Add": ("Concatenate", "Multiply", "Average"),
    "Concatenate": ("Add", "Average"),
    "Conv2D": ("SeparableConv2D", "Conv2DTranspose"),
    "SeparableConv2D": ("Conv2D",),
    "Conv2DTranspose": ("Conv2D",),
    "MaxPooling2D": ("AveragePooling2D",),
    "GlobalAveragePooling2D": ("GlobalMaxPooling2D", "Flatten"),
    "Flatten": ("GlobalAveragePooling2D",),
    "BatchNormalization": ("LayerNormalization",),
    "ReLU": ("LeakyReLU", "Softmax"),
    "Dropout": ("GaussianNoise",),
    "Rescaling": ("RandomContrast",),
    "Adam": ("SGD",),
    "abs": ("square",),
    "zeros": ("ones",),
    "log": ("exp",),
    "exp": ("log",),
    "mean": ("sum",),
    "sum": ("mean",),
    "argmax": ("argmin",),
    "min": ("max",),
    "max": ("min",),
    "any": ("all",),
}
OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "/", ast.Mod: "//",
    ast.Pow: "*",
}  # fmt: skip
COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A cell with one small change."""

    task: str
    operator: str  # the sort of change
    change: str  # with its line: «7: activation="relu" → activation="tanh"»
    source: str


Change = tuple[str, Any, str]  # operator, what is replaced, by what
Changes = Callable[[Place], Iterator[Change]]


def mutants(task: str, source: str, constants: Mapping[str, str]) -> list[Mutant]:
    """All of a cell, in its order. `constants` say what may stand for a parameter, by function and
    parameter («build_unet.depth»), where it has no default.

    Only what lies between nbgrader's marks of a solution is changed, where there are any.
    """
    text, tree = Text(source), ast.parse(source)
    found: dict[str, Mutant] = {}
    for place in places(tree, constants):
        if not text.is_solution(place.node):
            continue
        for changes in ALL:
            for operator, node, new in changes(place):
                changed = text.replaced(node, new)
                if changed is not None and not _is_same(changed, tree):
                    change = " ".join(f"{node.lineno}: {text.of(node)} → {new}".split())
                    found.setdefault(changed, Mutant(task, operator, change, changed))
    return list(found.values())


def sample(found: Sequence[Mutant], most: int, seed: int) -> list[Mutant]:
    """At most so many, in their order: operators in turn, so that a rare one is not crowded out."""
    chance = random.Random(seed)
    waiting: dict[str, list[Mutant]] = {}
    for one in found:
        waiting.setdefault(one.operator, []).append(one)
    for others in waiting.values():
        chance.shuffle(others)
    taken: set[str] = set()
    while len(taken) < most and any(waiting.values()):
        for others in waiting.values():
            if others and len(taken) < most:
                taken.add(others.pop().source)
    return [one for one in found if one.source in taken]


# --- the changes -----------------------------------------------------------------------------


def word(place: Place) -> Iterator[Change]:
    """An activation, a padding, a loss for another."""
    if isinstance(place.node, ast.Constant) and isinstance(place.node.value, str):
        for other in WORDS.get(place.node.value, ()):
            yield "word", place.node, f'"{other}"'


def number(place: Place) -> Iterator[Change]:
    """A number for one beside it, or for twice as many."""
    node = place.node
    if isinstance(node, ast.Constant) and type(node.value) is int:
        others = {node.value + 1, node.value - 1, 2 * node.value} - {node.value}
        for whole in sorted(other for other in others if other >= 0):
            yield "number", node, str(whole)
    elif isinstance(node, ast.Constant) and type(node.value) is float:
        for other in sorted({0.0, node.value * 10} - {node.value}):
            yield "number", node, f"{other:g}"


def flag(place: Place) -> Iterator[Change]:
    """True for False and back, a sign, a branch that is always or never taken."""
    node = place.node
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "flag", node, str(not node.value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "flag", node, f"({ast.unparse(node.operand)})"
    elif isinstance(node, ast.If | ast.IfExp):
        for always in ("True", "False"):
            yield "branch", node.test, always
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield "branch", node, f"({ast.unparse(value)})"


def keyword(place: Place) -> Iterator[Change]:
    """An argument left out, so that its default holds."""
    if isinstance(place.node, ast.Call):
        for one in place.node.keywords:
            if one.arg:
                yield "keyword left out", place.node, _without(place.node, one)


def swap(place: Place) -> Iterator[Change]:
    """Two arguments that stand beside each other, the other way round."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    for n, pair in enumerate(zip(node.args, node.args[1:], strict=False)):
        if not any(isinstance(one, ast.Starred) for one in pair):
            args = [*node.args[:n], *reversed(pair), *node.args[n + 2 :]]
            yield "arguments swapped", node, _text(ast.Call(node.func, args, node.keywords))


def another_class(place: Place) -> Iterator[Change]:
    """Another layer, function or optimizer."""
    node = place.node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
        written = ast.unparse(node.func)
        last = written.rpartition(".")[-1]
        for other in NAMES.get(last, ()):
            yield "class", node.func, written.removesuffix(last) + other


def layer(place: Place) -> Iterator[Change]:
    """A layer left out, or applied twice."""
    node = place.node
    if not isinstance(node, ast.Call) or not node.args or isinstance(node.args[0], ast.Starred):
        return
    first = node.args[0]
    if isinstance(node.func, ast.Call):
        inner = first.elts if isinstance(first, ast.List | ast.Tuple) else [first]
        for one in inner:
            yield "layer left out", node, ast.unparse(one)
        if len(inner) == 1:
            yield "layer doubled", node, f"{ast.unparse(node.func)}({ast.unparse(node)})"
    elif isinstance(first, ast.Name | ast.Call) and isinstance(place.above[-1], ast.Assign):
        yield "call left out", node, ast.unparse(first)


def variable(place: Place) -> Iterator[Change]:
    """A name for one that was bound before; a constant for a parameter."""
    node = place.node
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    parent = place.above[-1]
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    if node.id in place.constants:
        yield "constant", node, f"({place.constants[node.id]})"
    if node.id in place.bound:  # else a library
        for other in [name for name in place.bound if name != node.id][-3:]:
            yield "variable", node, other


def element(place: Place) -> Iterator[Change]:
    """One of several left out."""
    node = place.node
    if isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        for n in range(len(node.elts) if len(node.elts) > 1 else 0):
            left = [*node.elts[:n], *node.elts[n + 1 :]]
            yield "element left out", node, _text(type(node)(left, ast.Load()))
    elif isinstance(node, ast.Dict) and len(node.keys) > 1:
        for n in range(len(node.keys)):
            keys, values = ([*x[:n], *x[n + 1 :]] for x in (node.keys, node.values))
            yield "element left out", node, _text(ast.Dict(keys, values))


def operation(place: Place) -> Iterator[Change]:
    """Another operator, or one side alone."""
    node = place.node
    if isinstance(node, ast.BinOp):
        left, right = ast.unparse(node.left), ast.unparse(node.right)
        if type(node.op) in OPERATORS:
            yield "operator", node, f"(({left}) {OPERATORS[type(node.op)]} ({right}))"
        yield "operator", node, f"({left})"
        yield "operator", node, f"({right})"
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        yield "operator", node, f"(({left}) {COMPARISONS[type(node.ops[0])]} ({right}))"


def statement(place: Place) -> Iterator[Change]:
    """A statement left out, a return that returns nothing, a loop with one round less."""
    node = place.node
    calls = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    sets = isinstance(node, ast.Assign) and isinstance(
        node.targets[0], ast.Attribute | ast.Subscript
    )
    if calls or sets or isinstance(node, ast.AugAssign):
        yield "statement left out", node, "pass"
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "statement left out", node, ast.unparse(node.value)
    elif isinstance(node, ast.For):
        yield "loop", node.iter, f"list({ast.unparse(node.iter)})[1:]"
        if isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "reversed":
            yield "loop", node.iter, ast.unparse(node.iter.args[0])


ALL: tuple[Changes, ...] = (
    word, number, flag, keyword, swap, another_class, layer, variable, element, operation,
    statement,
)  # fmt: skip


def _without(call: ast.Call, keyword: ast.keyword) -> str:
    return _text(ast.Call(call.func, call.args, [one for one in call.keywords if one != keyword]))


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _is_same(source: str, tree: ast.AST) -> bool:
    return ast.dump(ast.parse(source)) == ast.dump(tree)
