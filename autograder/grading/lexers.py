"""Pygments' Python and IPython, in linear time whatever a student has written.

Theirs look ahead as far as there is to look: each of n empty lines reads all that follow it, each
brace in a string the rest of the text; and a line for the shell is read in exponential time. Here
every rule that fails has looked a bounded way ahead, and other languages in a cell are plain text.
Of ordinary code the tokens are Pygments' own.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import bygroups, inherit, using
from pygments.lexers.python import PythonLexer
from pygments.token import Keyword, Operator, Text, Whitespace

_EMPTY_LINES = (r"(?:[^\S\n]*\n){8,}", Whitespace)  # at once; few are told as by Pygments
_BOUNDS = {
    r"[^\]]+": r"[^\]]{1,100}",  # {a[…]} in a string
    r"[-#0 +]*": r"[-#0 +]{0,10}",  # %-08d
    r".*?": r".{0,100}?",  # \N{…}
    r"(\s+)([^\n_]*)": r"(\s{1,100})([^\n_]*)",  # match …
}
_PYTHON = "capture|debug|prun|pypy|python3|python(?!2)|timeit|time|writefile|file"
_BOUNDED = ("strings-single", "strings-double", "stringescape", "soft-keywords-inner")


def _bounded(rule: Any) -> Any:
    if not isinstance(rule, tuple) or not isinstance(rule[0], str):
        return rule
    pattern = rule[0]
    for endless, bounded in _BOUNDS.items():
        pattern = pattern.replace(endless, bounded)
    return (pattern, *rule[1:])


class Python(PythonLexer):
    """Pygments' Python."""

    tokens: ClassVar[dict[str, Any]] = {
        "root": [_EMPTY_LINES, inherit],
        **{state: [_bounded(rule) for rule in PythonLexer.tokens[state]] for state in _BOUNDED},
    }


class IPython(Python):
    """The same with IPython's commands, by the rules of `ipython_pygments_lexers`."""

    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            _EMPTY_LINES,
            (
                rf"(?s)(\s*)(%%(?:{_PYTHON}))([^\n]*\n)(.*)",
                bygroups(Text, Operator, Text, using(Python)),
            ),
            (r"(?s)(\s*)(%%)(\w+)(.*)", bygroups(Text, Operator, Keyword, Text)),
            (r"(%%?)(\w+)(\?\??)$", bygroups(Operator, Keyword, Operator)),
            (r"\b(\?\??)(\s*)$", bygroups(Operator, Text)),
            (r"(%)(\w+)(.*\n)", bygroups(Operator, Keyword, Text)),
            (r"(!)(?!=)(.+)(\n)", bygroups(Operator, Text, Text)),
            (r"^(\s*)(\?\??)(\s*%{0,2}[\w\.\*]*)", bygroups(Text, Operator, Text)),
            (r"(\s*%{0,2}[\w\.\*]{0,100})(\?\??)(\s*)$", bygroups(Text, Operator, Text)),
            inherit,
        ]
    }
