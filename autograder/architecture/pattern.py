"""Branch expressions as automata: parsed by recursive descent, run over a graph in one pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autograder.architecture.kinds import SPELLINGS
from autograder.architecture.node import Node
from autograder.architecture.words import (
    STEPPED,
    WIDE,
    WINDOWED,
    WORDS,
    Word,
    kinds_to_keep,
    nearest,
    silent_kinds,
)

MAX_STATES = 4_000
MOST_REPEATS = 1_000
REPEATS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
TAKEN_BY = {"kernel": WINDOWED, "stride": STEPPED, "width": WIDE}
_WORD = re.compile(
    r"(?P<name>[A-Za-z_]+?[0-9]?)(?P<kernel>\d+(?:x\d+)*)?"
    r"(?:/(?P<stride>\d+))?(?::(?P<width>\d+))?(?![\w/:])"
)
_WORDLIKE = re.compile(r"[\w/:]*")
_REPEAT = re.compile(r"\{\s*(\d+)\s*(?:(,)\s*(\d*)\s*)?\}")

Fail = Callable[[str, int], Exception]  # makes the error for a message and a position


@dataclass
class Automaton:
    """States are numbers. `steps`: a word leads from one to another;
    `free`: nothing is needed for it.
    """

    steps: dict[int, list[tuple[Word, int]]] = field(default_factory=dict)
    free: dict[int, list[int]] = field(default_factory=dict)
    count: int = 0

    def state(self) -> int:
        """A new state."""
        self.count += 1
        return self.count - 1


@dataclass(frozen=True, eq=False)
class Pattern:
    """A branch expression, ready to run."""

    text: str
    automaton: Automaton
    start: int
    final: int
    words: tuple[Word, ...]

    @cached_property
    def silent(self) -> frozenset[str]:
        """Kinds of nodes that the expression passes over."""
        return silent_kinds(self.words)

    @cached_property
    def keep(self) -> frozenset[str]:
        """What the canonical form must keep for it."""
        return kinds_to_keep(self.words)

    @cached_property
    def closures(self) -> tuple[int, ...]:
        """For each state, as bits, the states that it reaches without a node."""
        masks = []
        for state in range(self.automaton.count):
            seen, todo = {state}, [state]
            while todo:
                for other in self.automaton.free.get(todo.pop(), ()):
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
            masks.append(sum(1 << number for number in seen))
        return tuple(masks)

    @property
    def beginning(self) -> int:
        """The states before the first node, as bits."""
        return self.closures[self.start]

    def accepts(self, states: int) -> bool:
        """Whether the expression may end in one of these states."""
        return bool(states >> self.final & 1)

    def after(self, states: int, node: Node) -> int:
        """The states after one more node."""
        if node.kind in self.silent:
            return states
        result = 0
        for state, steps in self.automaton.steps.items():
            if states >> state & 1:
                for word, to in steps:
                    if word.stands_for(node):
                        result |= self.closures[to]
        return result


def spells(pattern: Pattern, nodes: Sequence[Node], ends: Iterable[int]) -> bool:
    """Whether the words stand for the nodes on some way through `nodes`
    (in topological order) to one of `ends`.

    A way begins at a node of which an input is not among `nodes`. No nodes at all spell the empty
    expression.
    """
    if not nodes:
        return pattern.accepts(pattern.beginning)
    inside = {node.id for node in nodes}
    states: dict[int, int] = {}
    for node in nodes:
        before = pattern.beginning if begins(node, inside) else 0
        for number in node.inputs:
            before |= states.get(number, 0)
        states[node.id] = pattern.after(before, node)
    return any(pattern.accepts(states.get(number, 0)) for number in ends)


def begins(node: Node, inside: set[int]) -> bool:
    """Whether a way through some nodes begins at this one of them."""
    return not node.inputs or not inside.issuperset(node.inputs)


def occurs(pattern: Pattern, nodes: Sequence[Node]) -> Node | None:
    """The node at which the words first end, consecutively on some way through `nodes`;
    None where they never do.
    """
    states: dict[int, int] = {}
    for node in nodes:
        before = pattern.beginning
        for number in node.inputs:
            before |= states.get(number, 0)
        states[node.id] = pattern.after(before, node)
        if node.kind not in pattern.silent and pattern.accepts(states[node.id]):
            return node
    return None


def parse_pattern(text: str, fail: Fail) -> Pattern:
    """The automaton of a branch expression; `fail(message, position)`
    makes the error for a wrong character.
    """
    parser = _Parser(text, fail)
    start, final = parser.sequence(0)
    if parser.place < len(text):
        raise fail(
            f"expected a word, '(' or the end, but found {text[parser.place]!r}", parser.place
        )
    return Pattern(text, parser.automaton, start, final, tuple(parser.words))


@dataclass
class _Parser:
    """Recursive descent over the characters; each method reads one rule
    of the grammar and gives (start, final).
    """

    text: str
    fail: Fail
    place: int = 0
    automaton: Automaton = field(default_factory=Automaton)
    words: list[Word] = field(default_factory=list)

    def sequence(self, depth: int) -> tuple[int, int]:
        """Chain { "|" chain }."""
        if depth > 50:
            raise self.fail("brackets are nested too deep", self.place)
        chains = [self.chain(depth)]
        while self.peek() == "|":
            self.place += 1
            chains.append(self.chain(depth))
        if len(chains) == 1:
            return chains[0]
        start, final = self.new(), self.new()
        for first, last in chains:
            self.link(start, first)
            self.link(last, final)
        return start, final

    def chain(self, depth: int) -> tuple[int, int]:
        """{ item }, with spaces between."""
        start = final = self.new()
        while (character := self.peek()) and character not in "|)":
            first, last = self.item(depth)
            self.link(final, first)
            final = last
        return start, final

    def item(self, depth: int) -> tuple[int, int]:
        """Atom [ "?" | "*" | "+" | "{n}" | "{n,}" | "{n,m}" ]."""
        began = self.place
        part = self.atom(depth)
        ended = self.place
        low, high = self.repeat()
        if (low, high) == (1, 1):
            return part
        start = final = self.new()
        for copy in range(max(low, 1 if high is None else high)):
            first, last = part if copy == 0 else self.again(began, ended, depth)
            self.link(final, first)
            if copy >= low:
                self.link(final, last)
            if high is None and copy == max(low, 1) - 1:
                self.link(last, first)
            final = last
        return start, final

    def again(self, began: int, ended: int, depth: int) -> tuple[int, int]:
        """Read an atom a second time, for one more copy of its states."""
        resume, known = self.place, len(self.words)
        self.place = began
        part = self.atom(depth)
        assert self.place == ended
        self.place = resume
        del self.words[known:]
        return part

    def atom(self, depth: int) -> tuple[int, int]:
        """Word | "." | "(" sequence ")"."""
        if self.peek() == "(":
            opened = self.place
            self.place += 1
            part = self.sequence(depth + 1)
            if self.peek() != ")":
                raise self.fail("this bracket is never closed", opened)
            self.place += 1
            return part
        if self.peek() == ".":
            self.place += 1
            return self.step(Word(".", None))
        return self.word()

    def word(self) -> tuple[int, int]:
        """Name [ kernel ] [ "/" stride ] [ ":" width ]."""
        word = self.read_word()
        if word.name != "up":
            return self.step(word)
        # up-sampling and the convolution after it are one with a transposed convolution
        start, final = self.step(word)
        after, end = self.step(Word("conv", "conv"))
        self.link(final, after)
        self.link(final, end)
        return start, end

    def read_word(self) -> Word:
        """The next word, which is known and has no settings that its name does not take."""
        began = self.place
        written = _WORDLIKE.match(self.text, began)
        whole = written.group() if written else ""
        if not whole:
            raise self.fail(f"expected a word, '.' or '(', but found {self.text[began]!r}", began)
        found = _WORD.match(self.text, began)
        if found is None:
            raise self.fail(
                f"{whole!r} is no word: expected a name, "
                "then kernel, /stride and :width, as in conv3x3/2:64",
                began,
            )
        name, window = _split(found["name"], found["kernel"])
        if name not in WORDS:
            raise self.fail(f"unknown word {name!r}{nearest(name, WORDS)}", began)
        settings = {"kernel": window, "stride": found["stride"], "width": found["width"]}
        for what, names in TAKEN_BY.items():
            if settings[what] is not None and name not in names:
                raise self.fail(f"{name!r} has no {what}", began)
        self.place = found.end()
        sizes = tuple(map(int, window.split("x"))) if window else None
        return Word(whole, name, sizes, _number(found["stride"]), _number(found["width"]))

    def step(self, word: Word) -> tuple[int, int]:
        """Two states with a word between them."""
        self.words.append(word)
        start, final = self.new(), self.new()
        self.automaton.steps.setdefault(start, []).append((word, final))
        return start, final

    def repeat(self) -> tuple[int, int | None]:
        """How often: (1, 1) where nothing is said."""
        sign = self.text[self.place : self.place + 1]
        if sign in REPEATS:
            self.place += 1
            return REPEATS[sign]
        if sign != "{":
            return 1, 1
        found = _REPEAT.match(self.text, self.place)
        if found is None:
            raise self.fail("expected {n}, {n,} or {n,m}", self.place)
        low, high = int(found[1]), _number(found[3]) if found[2] else int(found[1])
        if not _is_sensible(low, high):
            raise self.fail("expected {n}, {n,} or {n,m} with 1 ≤ m ≤ 1000 and n ≤ m", self.place)
        self.place = found.end()
        return low, high

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1
        return self.text[self.place : self.place + 1]

    def new(self) -> int:
        """A new state."""
        if self.automaton.count >= MAX_STATES:
            raise self.fail(
                f"the expression needs more than {MAX_STATES} states: repeat less", self.place
            )
        return self.automaton.state()

    def link(self, start: int, end: int) -> None:
        """Lead from one state to another for free."""
        self.automaton.free.setdefault(start, []).append(end)


def _split(name: str, window: str | None) -> tuple[str, str | None]:
    """The name and the kernel of a word: conv3x3, but relu6."""
    if name not in WORDS and name[-1].isdigit():
        name, window = name[:-1], name[-1] + (window or "")
    return SPELLINGS.get(name, name), window


def _is_sensible(low: int, high: int | None) -> bool:
    return low <= MOST_REPEATS if high is None else max(low, 1) <= high <= MOST_REPEATS


def _number(text: str | None) -> int | None:
    return int(text) if text else None
