"""Branch expressions: what a network should look like,
written as on a slide, and read into records.

    residual(body="conv3x3 conv3x3", shortcut="identity|projection", n=3)
    inception(branches=["conv1x1:64", "conv1x1:96 conv3x3:128", "conv1x1:16 conv5x5:32",
                        "maxpool3x3/1 conv1x1:32"])
    unet(skips=3)
    head("box", units=4, activation="sigmoid") and head("label", activation="softmax")
    between("augment", "output").contains("sepconv3x3{2}")
    path("augment? rescale conv3x3 .* gap dense") and not contains("flatten")
    count("conv3x3") >= 4 and parameters <= 250_000

What can be claimed
    residual(body=, shortcut=, n=, activation=, start=, ways=)
                                    sums of a body and a shortcut around it: where nothing is said
                                    of the shortcut, residual connections (blocks.py says what
                                    they are). shortcut: "identity", "projection", "pool", "linear"
                                    for any other way around, "other" for none, "stretched" for one
                                    that differs from the sum in shape, several with "|", or "any";
                                    activation: after the sum, or "none"; start="input": with no
                                    layer with weights before the shortcut leaves; ways: how many
                                    tensors are added
    inception(branches=[…], n=)     concatenations over channels of just these branches from one
                                    tensor, in any order; what is concatenated in several steps
                                    counts as one
    inception(branches=4, has=[…], n=)
                                    the same of so many branches, these among them, each one of its
                                    own; start="input": as above, and no branch begins where another
                                    one ends
    unet(skips=, merge="concat", partner=)
                                    encoder tensors before their pooling that are merged into the
                                    decoder; partner="any": other tensors of the encoder, too
    head(name, units=, activation=, rank=)
                                    an output; without a name, any output
    output("32x32x16")              the shape of the first output, batch left out; "?" for a size
                                    that is free
    path("…")                       some way from an input to an output reads so as a whole
    contains("…")                   somewhere on a way the words follow each other
    count("…", n=)                  nodes for which the word (or one of several, with "|") stands
    between(a, b).contains("…")     the same between two places; also .path and .count. A place is
                                    "input", "output", the name of a layer, or a word; what is said
                                    of a place that is not there fails, a "not" before it or no
                                    "not"
    count("…") >= 4, parameters <= 100_000, trainable == 0, shared == 0
                                    comparisons; also non_trainable, and kernels: the parameters in
                                    kernels alone, biases and norms left out; shared: layers with
                                    weights that are called more than once
    and, or, not, brackets          join claims
    n, ways, skips, branches: a number means just as many, "2+" at least, "2-4" between; n and
    skips left out: at least one.

Branch expressions, the strings
    sequence = chain { "|" chain }
    chain    = { item }             with spaces between; nothing at all is the empty branch
    item     = atom [ "?" | "*" | "+" | "{n}" | "{n,}" | "{n,m}" ]
    atom     = word | "." | "(" sequence ")"
                                    "." is any one node that is not passed over
    word     = name [ kernel ] [ "/" stride ] [ ":" width ]
                                    conv3x3, conv1x1/2:64, maxpool/2, dense:10

    Names: conv sepconv dwconv upconv dense, maxpool avgpool pool gap gmp, bn ln gn norm, act or
    the name of an activation (relu, softmax, …), dropout identity pad augment rescale, add concat
    mul sub average max min dot, flatten reshape resize crop upsample, down (anything that halves),
    up (up-sampling with or without a convolution after it, or a transposed convolution), embedding
    attention rnn, arith getitem op lambda opaque, input.
    Norms, activations, dropout, identity, zero padding, scaling and input are passed over unless
    the expression names one of their group: with "relu" all activations count, with "bn" all norms.
    What is not said about kernel, stride and width is free. On a branch that forks again one of the
    ways through must read so; merges are never passed over.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autograder.architecture.node import Shape
from autograder.architecture.pattern import Pattern, parse_pattern
from autograder.architecture.words import ACTIVATION_WORDS, nearest
from autograder.errors import ExpressionError

MAX_LENGTH = 5_000
SHORTCUTS = ("identity", "projection", "pool", "linear")
OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=", ast.GtE: ">=", ast.Gt: ">"}
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "residual": {
        "body": "pattern",
        "shortcut": "shortcut",
        "n": "count",
        "activation": "activation",
        "start": "start",
        "ways": "count",
    },
    "inception": {"branches": "branches", "n": "count", "has": "patterns", "start": "start"},
    "unet": {"skips": "count", "merge": "merge", "partner": "partner"},
    "head": {"name": "text", "units": "number", "activation": "activation", "rank": "number"},
    "output": {"shape": "shape"},
    "path": {"pattern": "pattern"},
    "contains": {"pattern": "pattern"},
    "count": {"pattern": "pattern", "n": "count"},
    "between": {"start": "text", "end": "text"},
}
REQUIRED = {
    "inception": ("branches|has",),
    "output": ("shape",),
    "path": ("pattern",),
    "contains": ("pattern",),
    "count": ("pattern",),
    "between": ("start", "end"),
}
CHOICES = {
    "shortcut": (*SHORTCUTS, "other", "stretched", "any"),
    "merge": ("concat", "add"),
    "partner": ("any",),
    "start": ("input",),
    "activation": (*sorted(ACTIVATION_WORDS), "linear", "none"),
}
WITHIN = ("path", "contains", "count")
QUANTITIES = {
    "parameters": "parameters",
    "trainable": "trainable parameters",
    "non_trainable": "non-trainable parameters",
    "kernels": "parameters in kernels",
    "shared": "layers that are called more than once",
}


@dataclass(frozen=True)
class Amount:
    """How many: between `low` and `high`, None for no upper end."""

    low: int
    high: int | None

    def __contains__(self, number: int) -> bool:
        return number >= self.low and (self.high is None or number <= self.high)

    def __str__(self) -> str:
        if self.high is None:
            return f"at least {self.low}"
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"

    def is_exceeded_by(self, number: int) -> bool:
        """Whether a number is too large."""
        return self.high is not None and number > self.high

    def distance(self, number: int) -> int:
        """By how much a number is too small or too large."""
        return max(self.low - number, 0 if self.high is None else number - self.high, 0)


@dataclass(frozen=True, eq=False)
class Claim:
    """One call: its name and arguments; `within`: the two places of a `between`."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    within: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Residual:
    """What a claim asks of residual blocks; None where nothing is said."""

    body: Pattern | None
    shortcuts: tuple[str, ...] | None
    activations: tuple[str, ...] | None
    amount: Amount
    start: tuple[str, ...] | None = None  # ("input",): nothing with weights stands before it
    ways: Amount = Amount(2, None)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The shortcuts that fit; "any" among them for all."""
        return self.shortcuts or SHORTCUTS


@dataclass(frozen=True, eq=False)
class Inception:
    """What a claim asks of inception modules."""

    branches: tuple[Pattern, ...]  # each read by a branch of its own
    size: Amount  # how many branches there are
    free: bool  # whether other branches may stand beside them
    amount: Amount
    start: tuple[str, ...] | None = None  # as of a residual block


@dataclass(frozen=True, eq=False)
class Comparison:
    """A number of the network against one that is asked for."""

    quantity: Claim | str
    operator: str
    number: int


@dataclass(frozen=True, eq=False)
class Joined:
    """Claims joined by "and", "or", or one with "not" before it."""

    how: str
    claims: tuple[Expression, ...]


Expression = Claim | Comparison | Joined


@lru_cache(maxsize=512)
def parse_expression(text: str) -> Expression:
    """The claims of an expression; ExpressionError points at the character that is wrong."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"The expression has {len(text)} characters; at most {MAX_LENGTH} are read."
        )
    source = re.sub(r"(?<=\)) *=(?!=) *", "==", re.sub(r"[\r\n\t]", " ", text)).strip()
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = (getattr(error, "offset", None) or 1) - 1
        raise _error(
            source, f"this can't be read ({getattr(error, 'msg', error)})", place
        ) from None
    return _Reader(source).read(tree.body)


def _error(source: str, message: str, place: int) -> ExpressionError:
    place = max(0, min(place, len(source)))
    start = max(0, place - 70)
    shown = (
        ("…" if start else "")
        + source[start : place + 50]
        + ("…" if place + 50 < len(source) else "")
    )
    caret = " " * (place - start + (1 if start else 0)) + "^"
    return ExpressionError(f"{message}\n    {shown}\n    {caret}")


@dataclass(frozen=True)
class _Reader:
    """From Python's syntax tree, which is only read, to claims."""

    source: str

    def read(self, tree: ast.expr) -> Expression:
        if isinstance(tree, ast.BoolOp):
            how = "and" if isinstance(tree.op, ast.And) else "or"
            return Joined(how, tuple(self.read(value) for value in tree.values))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
            return Joined("not", (self.read(tree.operand),))
        if isinstance(tree, ast.Compare):
            return self.comparison(tree)
        if isinstance(tree, ast.Call):
            return self.claim(tree)
        raise self.error(
            tree, f"expected a claim such as {', '.join(f'{name}(…)' for name in ARGUMENTS)}"
        )

    def claim(self, call: ast.Call) -> Claim:
        if isinstance(call.func, ast.Attribute):
            return self.claim_within(call, call.func)
        if not isinstance(call.func, ast.Name):
            raise self.error(call.func, "expected the name of a claim")
        name = self.known(call.func.id, ARGUMENTS, call.func, None, "claim")
        claim = Claim(name, self.options(name, call))
        if name == "between" and not self.source[self.offset(call) :].lstrip().startswith("."):
            raise self.error(
                call, "between(…) says nothing by itself: expected between(a, b).contains(…)"
            )
        if "has" in claim.options and not isinstance(claim.options.get("branches"), Amount | None):
            raise self.error(call, "has= goes with a number of branches, not with a list of all")
        return claim

    def claim_within(self, call: ast.Call, function: ast.Attribute) -> Claim:
        outer = self.read(function.value)
        if not isinstance(outer, Claim) or outer.name != "between":
            raise self.error(function.value, "only between(…) is followed by a dot")
        place = self.offset(function) - len(function.attr)
        name = self.known(function.attr, WITHIN, function, place, "claim")
        places = outer.options["start"], outer.options["end"]
        return Claim(name, self.options(name, call), places)

    def options(self, name: str, call: ast.Call) -> dict[str, Any]:
        kinds = ARGUMENTS[name]
        given = self.arguments(name, call)
        for keys in REQUIRED.get(name, ()):
            if given.keys().isdisjoint(keys.split("|")):
                raise self.error(call, f"{name} needs {keys.replace('|', '= or ')}=")
        return {key: self.value(kinds[key], value) for key, value in given.items()}

    def arguments(self, name: str, call: ast.Call) -> dict[str, ast.expr]:
        """What is said for each argument, None left out."""
        kinds = ARGUMENTS[name]
        if len(call.args) > len(kinds):
            raise self.error(call.args[len(kinds)], f"{name} takes at most {len(kinds)} arguments")
        given = dict(zip(kinds, call.args, strict=False))
        for keyword in call.keywords:
            key = self.known(
                keyword.arg or "**", kinds, keyword.value, keyword.col_offset, f"argument of {name}"
            )
            if key in given:
                raise self.error(keyword.value, f"{key!r} is given twice")
            given[key] = keyword.value
        return {key: value for key, value in given.items() if not _is_none(value)}

    def value(self, kind: str, tree: ast.expr) -> Any:
        return READ[kind](self, tree) if kind in READ else self.choices(kind, tree)

    def choices(self, kind: str, tree: ast.expr) -> tuple[str, ...]:
        text = self.text(tree)
        return tuple(
            self.known(part.strip(), CHOICES[kind], tree, self.inside(tree, text.find(part)), kind)
            for part in text.split("|")
        )

    def patterns(self, tree: ast.expr) -> tuple[Pattern, ...]:
        if not isinstance(tree, ast.List | ast.Tuple) or not tree.elts:
            raise self.error(tree, "expected a list of branch expressions")
        return tuple(self.pattern(item) for item in tree.elts)

    def branches(self, tree: ast.expr) -> tuple[Pattern, ...] | Amount:
        if isinstance(tree, ast.Constant):
            return self.amount(tree, "a list of branch expressions, a number")
        return self.patterns(tree)

    def shape(self, tree: ast.expr) -> Shape:
        text = self.text(tree)
        if not re.fullmatch(r"\s*(\d{1,9}|\?)(\s*[x×]\s*(\d{1,9}|\?))*\s*", text):
            raise self.error(tree, 'expected sizes as in "32x32x16", "?" for one that is free')
        sizes = re.findall(r"\d+|\?", text)
        return tuple(None if size == "?" else int(size) for size in sizes)

    def pattern(self, tree: ast.expr) -> Pattern:
        text = tree.id if isinstance(tree, ast.Name) else self.text(tree)
        return parse_pattern(
            text, lambda message, place: _error(self.source, message, self.inside(tree, place))
        )

    def amount(self, tree: ast.expr, wanted: str = "a number") -> Amount:
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            found = re.fullmatch(r"\s*(?:>=\s*)?(\d+)\s*(\+|(?:-|\.\.|–)\s*(\d+))?\s*", tree.value)
            if found is None:
                raise self.error(tree, f'expected {wanted}, or "2+" or "2-4"')
            low = int(found[1])
            return Amount(
                low, int(found[3]) if found[3] else None if found[2] or ">=" in tree.value else low
            )
        number = self.number(tree)
        return Amount(number, number)

    def number(self, tree: ast.expr) -> int:
        if (
            isinstance(tree, ast.Constant)
            and isinstance(tree.value, int)
            and not isinstance(tree.value, bool)
        ):
            return tree.value
        raise self.error(tree, "expected a number")

    def text(self, tree: ast.expr) -> str:
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return tree.value
        raise self.error(tree, "expected a string")

    def comparison(self, tree: ast.Compare) -> Expression:
        if len(tree.ops) != 1 or type(tree.ops[0]) not in OPERATORS:
            raise self.error(
                tree.comparators[-1], "expected one comparison: <, <=, ==, !=, >= or >"
            )
        left, number = tree.left, self.number(tree.comparators[0])
        operator = OPERATORS[type(tree.ops[0])]
        if isinstance(left, ast.Name):
            return Comparison(
                self.known(left.id, QUANTITIES, left, None, "number"), operator, number
            )
        claim = self.read(left)
        if not isinstance(claim, Claim) or claim.name != "count":
            raise self.error(left, f"only count(…), {', '.join(QUANTITIES)} are numbers")
        return Comparison(claim, operator, number)

    def known(
        self,
        name: str,
        names: Sequence[str] | Mapping[str, Any],
        tree: ast.expr,
        place: int | None,
        what: str,
    ) -> str:
        if name not in names:
            close = (
                nearest(name, names)
                or f": expected {', '.join(names) if len(names) < 12 else 'a known one'}"
            )
            raise _error(
                self.source,
                f"unknown {what} {name!r}{close}",
                self.start(tree) if place is None else place,
            )
        return name

    def error(self, tree: ast.expr, message: str) -> ExpressionError:
        return _error(self.source, message, self.start(tree))

    def start(self, tree: ast.expr) -> int:
        """Where a part begins, in characters: Python counts bytes."""
        return len(self.source.encode()[: tree.col_offset].decode(errors="replace"))

    def offset(self, tree: ast.expr) -> int:
        """Where a part ends."""
        return len(self.source.encode()[: tree.end_col_offset or 0].decode(errors="replace"))

    def inside(self, tree: ast.expr, place: int) -> int:
        """Where a character of a string stands in the whole expression."""
        start = self.start(tree)
        text = self.source[start : self.offset(tree)]
        quotes = len(text) - len(text.lstrip("\"'")) if text[:1] in {'"', "'"} else 0
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            quotes = 3 if quotes >= 3 and tree.value else min(quotes, 1)
        return start + quotes + place


READ: Mapping[str, Callable[[_Reader, ast.expr], Any]] = {
    "text": _Reader.text,
    "number": _Reader.number,
    "count": _Reader.amount,
    "pattern": _Reader.pattern,
    "patterns": _Reader.patterns,
    "branches": _Reader.branches,
    "shape": _Reader.shape,
}


def _is_none(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant) and tree.value is None
