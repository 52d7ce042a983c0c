"""IPython's commands in a student's cell: those that only help a notebook stay,
the others become comments.
"""

from __future__ import annotations

import importlib
import itertools
import re
import threading
import tokenize
from typing import Any

CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "writefile", "file"})
LINE_MAGICS = frozenset(
    {
        "matplotlib",
        "time",
        "timeit",
        "prun",
        "load_ext",
        "reload_ext",
        "autoreload",
        "config",
        "precision",
        "who",
        "whos",
        "pwd",
        "xmode",
        "pdb",
        "psource",
        "pdoc",
        "pinfo",
        "pinfo2",
        "lsmagic",
    }
)
# these only with such words behind them: other extensions, windows and settings are not there
_ONLY = {
    "load_ext": r"autoreload\Z",
    "reload_ext": r"autoreload\Z",
    "matplotlib": r"(inline)?\Z",
    "config": r"InlineBackend\b",
}
_LISTS = re.compile(r"!|%(sx|system)\b")  # commands whose value is a list of lines
_BLANK = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL)
_IMPORTING = threading.Lock()
# blanks of one line, taken once: else each of n empty lines reads all that follow it
_SUSPECT = re.compile(
    r"^[^\S\n]*(?:(?:>>>|\.\.\.|In \[\d+\]:)[^\S\n]*)?[%!]|=[^\S\n]*[%!]", re.MULTILINE
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+\Z")  # Python's; `splitlines` knows ten more line ends
_NESTED = 10  # cell magics, each in the body of the one before
_SAID = 20  # commands of a cell that are named


def transformer() -> Any:
    """IPython's module that reads commands: imported for the few cells that hold some, and by one
    thread, since its parts import each other in a circle.
    """
    with _IMPORTING:
        return importlib.import_module("IPython.core.inputtransformer2")


def neutralised(source: str) -> tuple[str, list[str]]:
    """The source without commands to the shell or to other languages,
    and a remark on each one taken out.
    """
    heads: list[str] = []
    rest = source
    while _SUSPECT.search(rest):
        lines = _cleaned(rest)
        magic = re.match(r"%%(\w*)", lines[0]) if lines else None
        if magic is None:
            plain, remarks = _without_commands(lines)
        elif magic[1] in {"writefile", "file"}:
            break
        elif magic[1] in CELL_MAGICS and len(heads) < _NESTED:
            heads.append(lines[0])
            rest = "".join(lines[1:])
            continue
        else:
            plain, remarks = _commented(magic[1], lines)
        return ("".join([*heads, plain]), remarks) if remarks else (source, [])
    return source, []


def _cleaned(source: str) -> list[str]:
    """The lines without leading blank ones, indentation and prompts, as IPython does."""
    lines = _LINES.findall(source)
    for transform in transformer().TransformerManager().cleanup_transforms:
        if getattr(transform, "__name__", "") != "cell_magic":
            lines = transform(lines)
    return _LINES.findall("".join(lines))


def _commented(magic: str, lines: list[str]) -> tuple[str, list[str]]:
    return "".join(f"# {line}" for line in lines), [
        f"the cell magic %%{magic} does not run here; the cell was taken as a comment"
    ]


def _without_commands(lines: list[str]) -> tuple[str, list[str]]:
    remarks: list[str] = []
    try:
        logical = transformer().make_tokens_by_line(lines)
    except SyntaxError:  # indentation that fits nothing: IPython runs no command of this cell
        return "".join(lines), []
    for tokens in reversed(logical):
        start, target = _command(tokens)
        if start is None or start.line == "":
            continue
        row, column = start.start
        command = lines[row - 1][column:].rstrip("\n")
        if _harmless(command):
            continue
        last = row
        while lines[last - 1].rstrip("\n").endswith("\\") and last < len(lines):
            last += 1
        value = "[]" if _LISTS.match(command) else "None"
        instead = f"{lines[row - 1][:column]}{value if target else 'pass'}  # {command}\n"
        lines[row - 1 : last] = [instead, *(f"# {line}" for line in lines[row:last])]
        remarks.append(f"the command «{command[:60]}» does not run here and was taken as a comment")
    remarks.reverse()
    if (more := len(remarks) - _SAID) > 0:
        remarks[_SAID:] = [f"and {more:,} more commands"]
    return "".join(lines), remarks


def _command(tokens: list[tokenize.TokenInfo]) -> tuple[tokenize.TokenInfo | None, bool]:
    """The token at which IPython sees a command in a logical line,
    and whether its result is assigned.
    """
    words = [token for token in tokens if token.type not in _BLANK and not token.string.isspace()]
    if words and words[0].string in {"!", "!!", "%", "%%"}:
        return words[0], False
    depth = 0
    for word, following in itertools.pairwise(words):
        depth += (word.string in {"(", "[", "{"}) - (word.string in {")", "]", "}"})
        if word.string == "=" and depth == 0 and following.string in {"!", "%"}:
            return following, True
    return None, False


def _harmless(command: str) -> bool:
    magic = re.match(r"%(\w+)(.*)", command)
    if magic is None or magic[1] not in LINE_MAGICS:
        return False
    return re.match(_ONLY.get(magic[1], ""), magic[2].strip()) is not None
