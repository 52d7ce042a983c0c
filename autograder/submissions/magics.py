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
        "memit",
        "mprun",
    }
)
_BLANK = (tokenize.INDENT, tokenize.DEDENT, tokenize.NL)
EXTENSIONS = frozenset({"autoreload"})
_IMPORTING = threading.Lock()
_SUSPECT = re.compile(r"^\s*(?:>>>|\.\.\.|In \[\d+\]:)?\s*[%!]|=\s*[%!]", re.MULTILINE)


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
    if not _SUSPECT.search(source):
        return source, []
    lines = source.splitlines(keepends=True)
    for transform in transformer().TransformerManager().cleanup_transforms:
        # leading blank lines and prompts, as IPython does
        if getattr(transform, "__name__", "") != "cell_magic":
            lines = transform(lines)
    if lines and (magic := re.match(r"%%(\w*)", lines[0])):
        if magic[1] in CELL_MAGICS:
            body, remarks = (
                neutralised("".join(lines[1:]))
                if magic[1] not in {"writefile", "file"}
                else ("", [])
            )
            return (lines[0] + body, remarks) if remarks else (source, [])
        commented = "".join(f"# {line}" for line in lines)
        return commented, [
            f"the cell magic %%{magic[1]} does not run here; the cell was taken as a comment"
        ]
    return _without_commands(source, lines)


def _without_commands(source: str, lines: list[str]) -> tuple[str, list[str]]:
    remarks = []
    for tokens in reversed(transformer().make_tokens_by_line(lines)):
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
        instead = f"{lines[row - 1][:column]}{'None' if target else 'pass'}  # {command}\n"
        lines[row - 1 : last] = [instead, *(f"# {line}" for line in lines[row:last])]
        remarks.append(f"the command «{command[:60]}» does not run here and was taken as a comment")
    return ("".join(lines), remarks[::-1]) if remarks else (source, [])


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
    magic = re.match(r"%(\w+)(?:\s+(\S+))?", command)
    if magic is None or magic[1] not in LINE_MAGICS:
        return False
    return magic[1] != "load_ext" or magic[2] in EXTENSIONS
