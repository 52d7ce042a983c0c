"""What graders may ask of a student's notebook, as data that goes to the student room as JSON.

A grader file has a function `questions(rng)` that returns `{name: question}`; `rng` is a
`numpy.random.Generator` seeded afresh for each run, so hidden cases can't be learnt from an earlier
run. What was asked stands in the run's questions.json, and there the judge reads it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Symbolic:
    """A symbolic Keras tensor to call a function on:
    `keras.Input(shape, name=name)`, the batch left out.
    """

    shape: tuple[int | None, ...]
    name: str | None = None
    dtype: str = "float32"


@dataclass(frozen=True)
class Random:
    """An array drawn in the student room; `kind`: "normal",
    "uniform" (low to high), "integers" (low to below high).
    """

    shape: tuple[int, ...]
    seed: int
    kind: str = "normal"
    low: float = 0.0
    high: float = 1.0
    dtype: str = "float32"


@dataclass(frozen=True)
class Notebook:
    """A variable of the student's notebook, by its name, as an argument."""

    name: str


@dataclass(frozen=True)
class Network:
    """A hidden model as an argument, built in the student room from its Keras configuration,
    weights from `seed`.
    """

    config: str  # what `model.to_json()` gave
    seed: int = 0


@dataclass(frozen=True)
class Call:
    """Call the student's `function`; arguments are JSON values (tuples arrive as tuples),
    or any of the records above.

    A result of symbolic tensors becomes a model from the symbolic arguments to them.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    # hand the arrays of a resulting model over too, not only its configuration
    weights: bool = False
    seconds: float = 60.0


@dataclass(frozen=True)
class Calls:
    """Many calls of one function that return plain values:
    one answer, a list with a value or an error for each.
    """

    function: str
    cases: tuple[tuple[Any, ...], ...]  # positional arguments of each call
    seconds: float = 60.0


@dataclass(frozen=True)
class Variable:
    """Hand over a variable of the notebook: a model, an array, or plain values."""

    name: str
    weights: bool = True
    seconds: float = 60.0


@dataclass(frozen=True)
class Snippet:
    """Run `code` (ours), which sees `notebook` (the student's namespace) and `given` (arguments)
    and sets `answer`.

    `fit(model, x, y, batch_size=None)` in it trains one epoch, without the time for tracing where
    that makes no difference. `structure`: it asks for no values, so that models need no arrays.
    """

    code: str
    given: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    weights: bool = False
    seconds: float = 60.0
    structure: bool = False


Question = Call | Calls | Variable | Snippet
_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (Symbolic, Random, Notebook, Network, Call, Calls, Variable, Snippet)
}
# where the name stands that they read
_NAMING = {"Call": "function", "Calls": "function", "Variable": "name", "Notebook": "name"}


def names_asked(data: Any) -> set[str] | None:
    """The notebook's names that a question, as data, reads; None where its code doesn't show it."""
    found: set[str] = set()
    for part in _parts(data):
        if part.get("ask") in _NAMING:
            found.add(part[_NAMING[part["ask"]]])
        elif part.get("ask") == "Snippet":
            names = [_name_in(node, part["given"]) for node in _of_notebook(part["code"])]
            if None in names:
                return None
            found.update(filter(None, names))
    return found


def _parts(data: Any) -> Iterator[dict[str, Any]]:
    """The objects in a question's data, itself included."""
    if isinstance(data, dict):
        yield data
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for value in values:
        yield from _parts(value)


@lru_cache(maxsize=256)  # the same for all submissions
def _of_notebook(code: str) -> tuple[ast.expr | None, ...]:
    """Each use of `notebook` in a snippet: what is taken of it, or None for itself."""
    nodes = tuple(ast.walk(ast.parse(code)))
    taken = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Subscript) and _is_notebook(node.value)
    ]
    return (*taken, *[None] * (sum(map(_is_notebook, nodes)) - len(taken)))


def _is_notebook(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "notebook"


def _name_in(node: ast.expr | None, given: Mapping[str, Any]) -> str | None:
    """The name in `notebook.name`, `notebook["name"]` or `notebook[given["key"]]`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    key = getattr(node, "slice", None)
    if isinstance(key, ast.Subscript) and isinstance(key.slice, ast.Constant):
        name = given.get(str(key.slice.value)) if ast.unparse(key.value) == "given" else None
    else:
        name = key.value if isinstance(key, ast.Constant) else None
    return name if isinstance(name, str) else None


def to_data(question: Question) -> dict[str, Any]:
    """The question as JSON values: a record names its class under "ask", a tuple is {"ask":
    "tuple", "items": […]}.
    """
    data: dict[str, Any] = _plain(question)
    return data


def from_data(data: Any) -> Any:
    """The question, or a part of it, that `to_data` made these values of."""
    if isinstance(data, list):
        return [from_data(item) for item in data]
    if not isinstance(data, dict):
        return data
    fields = {key: from_data(value) for key, value in data.items() if key != "ask"}
    if "ask" not in data:
        return fields
    return tuple(fields["items"]) if data["ask"] == "tuple" else _KINDS[data["ask"]](**fields)


def _plain(value: Any) -> Any:
    if type(value).__name__ in _KINDS and is_dataclass(value):
        fields = {name: _plain(field) for name, field in vars(value).items()}
        return {"ask": type(value).__name__, **fields}
    if isinstance(value, tuple):
        return {"ask": "tuple", "items": _plain(list(value))}
    if isinstance(value, list):
        return list(map(_plain, value))
    if isinstance(value, dict):
        return dict(zip(map(str, value), map(_plain, value.values()), strict=True))
    return value.item() if hasattr(value, "item") else value  # a number of NumPy's
