"""Answers to one task that are unusually alike, given the template and the class.

A text is a sequence of tokens and is told by its n-grams of them, as fingerprints are taken by
Schleimer, Wilkerson and Aiken, «Winnowing» (SIGMOD 2003), though none is thinned out. Of code these
are Pygments' tokens: names that students choose are all one token, so that renaming changes
nothing; names of libraries, keywords, numbers and strings stay; comments are compared for
themselves, as words. Short n-grams outlast statements in another order, long ones tell apart how
the usual parts were put together. N-grams of the template are left out, and those that more than a
few of the class have: they are the usual way to do it. What remains is weighted by TF-IDF and
compared by cosine (scikit-learn). Two answers are unusually alike where that is far from what it is
among the pairs of the class (median and median absolute deviation, as Iglewicz and Hoaglin say),
and where they share enough text that hardly anybody else has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal, TypeVar

import numpy as np
from pygments.token import Comment, Name, Punctuation, String
from sklearn.feature_extraction.text import TfidfVectorizer

from autograder.grading.lexers import Python

_T = TypeVar("_T")
Kind = Literal["code", "comments", "words"]
Stretches = tuple[tuple[int, int], ...]  # of a text, from and to

SIZES: Mapping[Kind, tuple[int, ...]] = {  # of n-grams, in tokens
    "code": (6, 12, 24),
    "comments": (3, 6, 12),
    "words": (3, 6, 12),
}
LEAST: Mapping[Kind, int] = {"code": 40, "comments": 20, "words": 20}  # tokens of own text
CLASS = 5  # answers; fewer have no usual way
FEW = 5  # answers that may have what «hardly anybody» has; and at most a tenth, but two
FLOOR = 0.6  # cosine
DEVIATIONS = 6.0  # standard deviations from the median, as the MAD estimates them
MOST = 50_000  # tokens of a text, comments and blanks among them, that are compared
LONG = 100  # characters of a token
_OF_MAD = 1.4826  # standard deviations in the MAD of a normal distribution
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Token:
    """A token as it is compared, and where it stands in its text."""

    told: str
    start: int
    end: int


@dataclass(frozen=True)
class Alike:
    """Two answers that are unusually alike, by their places among all."""

    places: tuple[int, int]
    similarity: float  # cosine, from 0 to 1
    shared: int  # tokens that both have and hardly anybody else
    marks: tuple[Stretches, Stretches]  # where these stand

    @property
    def weight(self) -> float:
        """How much there is to ask about."""
        return self.similarity * self.shared


@dataclass(frozen=True)
class Found:
    """What comes of comparing all answers of one kind."""

    compared: int  # answers with enough text of their own
    usual: float = 0.0  # the median of the pairs' similarity
    limit: float = 1.0  # from which on it is unusual
    pairs: tuple[Alike, ...] = ()  # those that share most first


def tokens_of(text: str, kind: Kind) -> list[Token]:
    """A text as it is compared."""
    return read_tokens(text, kind)[0]


def read_tokens(text: str, kind: Kind) -> tuple[list[Token], bool]:
    """The same, and whether that is the whole text."""
    if kind == "words":
        words, whole = _first(_WORD.finditer(text))
        return [Token(_told(one[0].casefold()), *one.span()) for one in words], whole
    parts, whole = _first(Python(stripnl=False, ensurenl=False).get_tokens_unprocessed(text))
    if kind == "code":
        return list(_code(parts)), whole
    found, all_words = _first(
        Token(word.told, start + word.start, start + word.end)
        for start, sort, part in parts
        if sort in Comment or sort in String.Doc
        for word in tokens_of(part, "words")
    )
    return found, whole and all_words


def _first(parts: Iterable[_T]) -> tuple[list[_T], bool]:
    """As many as are compared, and whether these are all."""
    found = list(islice(parts, MOST + 1))
    return found[:MOST], len(found) <= MOST


def _told(text: str) -> str:
    """A token for n-grams, which would repeat a long one."""
    return text if len(text) <= LONG else f"{len(text)} characters: {hash(text)}"


def _code(parts: Sequence[tuple[int, Any, str]]) -> Iterator[Token]:
    """What a copy can't change at will, and «name» for each name that it can."""
    kept = [
        (start, sort, text)
        for start, sort, text in parts
        if text.strip(" \t\r\n\"'\\") and sort not in Comment and sort not in String.Doc
    ]
    depth, header = 0, False
    for (_, _, before), (start, sort, text), (_, _, behind) in zip(
        [(0, None, ""), *kept], kept, [*kept[1:], (0, None, "")], strict=False
    ):
        if sort in Punctuation:
            depth += (text in "([{") - (text in ")]}")
        header = text in {"def", "lambda"} or (header and not (depth == 0 and text == ":"))
        if text == "," and behind in {")", "]", "}"}:
            continue
        builtin = sort in Name.Builtin or sort in Name.Exception
        library = before == "." or builtin or (depth > 0 and behind == "=" and not header)
        own = sort in Name and (not library or sort in Name.Builtin.Pseudo)
        yield Token("name" if own else _told(text), start, start + len(text))


def compare(answers: Sequence[Sequence[Token]], given: Sequence[Token], kind: Kind) -> Found:
    """The pairs that are unusually alike among all answers to a task, beyond what is given."""
    best: dict[tuple[int, int], Alike] = {}
    sizes = [_compare(answers, given, size, LEAST[kind]) for size in SIZES[kind]]
    for found in sizes:
        for pair in found.pairs:
            before = best.get(pair.places)
            if before is None or pair.weight > before.weight:
                best[pair.places] = pair
    first = max(sizes, key=lambda found: found.usual)
    ordered = sorted(best.values(), key=lambda pair: (-pair.weight, pair.places))
    return replace(first, compared=max(one.compared for one in sizes), pairs=tuple(ordered))


def _compare(
    answers: Sequence[Sequence[Token]], given: Sequence[Token], size: int, least: int
) -> Found:
    """The same by n-grams of one size."""
    known = set(_grams(given, size))
    texts = [[gram for gram in _grams(one, size) if gram not in known] for one in answers]
    own = [
        place
        for place, grams in enumerate(texts)
        if len(_covered(answers[place], set(grams), size)) >= least
    ]
    if len(own) < CLASS:
        return Found(len(own))
    few = max(2, min(FEW, len(own) // 10))
    vectors = TfidfVectorizer(analyzer=list, max_df=few, sublinear_tf=True)
    try:
        weights = vectors.fit_transform([texts[place] for place in own])
    except ValueError:  # there is nothing that only a few have
        return Found(len(own))
    similar = (weights @ weights.T).toarray()
    rows, columns = np.triu_indices(len(own), 1)
    values = similar[rows, columns]
    usual = float(np.median(values))
    spread = _OF_MAD * float(np.median(np.abs(values - usual)))
    limit = max(FLOOR, usual + DEVIATIONS * spread)
    rare, pairs = set(vectors.vocabulary_), []
    for at in np.flatnonzero(values >= limit):
        one, other = own[rows[at]], own[columns[at]]
        shared = rare & set(texts[one]) & set(texts[other])
        covered = [_covered(answers[place], shared, size) for place in (one, other)]
        if (extent := min(map(len, covered))) >= least:
            marks = _stretches(answers[one], covered[0]), _stretches(answers[other], covered[1])
            pairs.append(Alike((one, other), float(values[at]), extent, marks))
    return Found(len(own), usual, limit, tuple(pairs))


def _grams(tokens: Sequence[Token], size: int) -> Iterator[str]:
    told = [token.told for token in tokens]
    for place in range(len(told) - size + 1):
        yield "\0".join(told[place : place + size])


def _covered(tokens: Sequence[Token], grams: Collection[str], size: int) -> list[int]:
    """The places of the tokens that stand in one of the n-grams."""
    begins = [place for place, gram in enumerate(_grams(tokens, size)) if gram in grams]
    return sorted({place + more for place in begins for more in range(size)})


def _stretches(tokens: Sequence[Token], places: Sequence[int]) -> Stretches:
    """The parts of the text in which these tokens stand, neighbours joined."""
    found: list[tuple[int, int]] = []
    last = -2
    for place in places:
        start = found.pop()[0] if place == last + 1 else tokens[place].start
        found.append((start, tokens[place].end))
        last = place
    return tuple(found)
