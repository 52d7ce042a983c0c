"""Whatever is handed in: a notebook, or one line that says why it is none; and each cell can be
told about, in bounded time.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import damaged, mangled, texts, values, written
from toy import REPOSITORY

from autograder.errors import Unreadable
from autograder.submissions.leaning import leaned, names_bound, running
from autograder.submissions.magics import neutralised
from autograder.submissions.names import read_cell
from autograder.submissions.reading import read_submission
from autograder.submissions.rebuilding import rebuild

SECONDS = 15  # for one cell of a megabyte, on a busy machine
RELEASED = REPOSITORY / "release" / "functional_api" / "functional_api.ipynb"
TEMPLATE = nbformat.read(RELEASED, as_version=4)
WHOLE: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# One\n", "two"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {"nbgrader": {"grade_id": "siamese", "solution": True}},
            "source": "def build_siamese():\n    return 1\n",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
            "execution_count": 1,
        },
        {"cell_type": "raw", "metadata": {}, "source": "raw"},
        {"cell_type": "heading", "level": 2, "source": "old"},
    ],
    "metadata": {"kernelspec": {"name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
# statements and commands, each ordinary by itself
LINES = [
    "import numpy as np", "from os import *", "x = y = model.layers[0]", "x: int = 3", "x += y[0].z",
    "if (n := len(x)) > 1: pass", "match x:", "    case {'a': [1, *rest], **more}: y = rest",
    "async def f(a, /, *b, c=1, **d):", "    await g()", "    async with a as b, c: yield",
    "def f(x):", "    global y", "    nonlocal x", "    def g(): return f(g)", "        x[0] = 1",
    "class A(B, metaclass=C):", "    @property", "    def x(self): return self.y", "lambda: f(lambda: x)",
    "f'{x!r:{y}}{f\"{z}\"}'", "[a for b in c for a in b if a]", "try:", "except* E as e: raise",
    "finally: del x", "for i in range(3): f(i)", "else: pass", "while x: break", "return x",
    "%time f(x)", "%%time", "%%timeit", "%%writefile a.py", "%%bash", "%%", "!ls {x}", "x = !ls",
    "y = %who", "!!ls", "%who", "?x", "x?", "x??", ">>> x = 1", "... y", "In [1]: x", "%", "\\", "(",
    ")", "[", "]}", '"""', "'''", "#", "\tx = 1", "        ", "x = 1;", "print x", "0777", "1_000__0",
    "del x, y.z", "assert x, y", "@f(x)", "type X = int", "with a(), b() as (c, d): pass",
]  # fmt: skip


def cells() -> st.SearchStrategy[str]:
    """Cells out of lines that belong to no cell together."""
    line = st.sampled_from(LINES) | texts()
    return st.lists(st.tuples(st.sampled_from(["", "", "    ", "\t"]), line).map("".join)).map(
        "\n".join
    )


def put_right(path: Path) -> None:
    """What grading does before a room is opened."""
    try:
        submission = read_submission(path)
    except Unreadable as error:
        assert "\n" not in str(error)
        assert str(error).strip()
        return
    rebuilt = rebuild(TEMPLATE, submission)
    assert all("\n" not in remark for remark in rebuilt.remarks)
    nbformat.writes(rebuilt.notebook).encode()
    tell(rebuilt.notebook.cells, rebuilt.sections)


def tell(found: Any, sections: Any) -> None:
    """Which cells lean on which."""
    asked = {"siamese": {"build_siamese"}}
    count = running(found, sections, asked)
    assert count <= set(range(len(found)))
    leaned(sections, found, {}, asked)
    names_bound(found, range(len(found)))


@given(mangled(WHOLE) | values())
@example({**WHOLE, "cells": [{"cell_type": [[]]}]})
@example({**WHOLE, "cells": [WHOLE["cells"][0]] * 2})
def test_any_json_is_a_notebook_or_said_not_to_be_one(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """Read, rebuilt, and looked through."""
    path = tmp_path_factory.mktemp("fuzz") / "toy.ipynb"
    path.write_bytes(written(data))
    put_right(path)


@given(damaged(written(WHOLE)) | st.binary())
def test_any_bytes_are_a_notebook_or_said_not_to_be_one(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Cut off, mixed up, not text at all."""
    path = tmp_path_factory.mktemp("fuzz") / "toy.ipynb"
    path.write_bytes(data)
    put_right(path)


@pytest.mark.slow
@given(st.lists(cells(), min_size=1, max_size=4))
@example(["x = '\u2028'\n!ls"])
@example(["a\0b"])
@example(["\timport numpy as np\n    %time f(x)"])
@example(["0\x1e\n%time f(x)"])
@example(["%%time\n" * 2_000 + "!ls"])
def test_a_cell_can_hold_anything(sources: list[str]) -> None:
    """Syntax of any kind, or none: at most that cell is opaque."""
    found = [nbformat.v4.new_code_cell(source) for source in sources]
    rebuilt = rebuild(TEMPLATE, nbformat.v4.new_notebook(cells=found))
    tell(rebuilt.notebook.cells, rebuilt.sections)


def nested(depth: int) -> str:
    """Functions in functions."""
    heads = "".join(f"{' ' * level}def f{level}(x):\n" for level in range(depth))
    return f"{heads}{' ' * depth}return x"


def calling_each_other(count: int) -> str:
    """Functions of which each hands what it is given to all others."""
    calls = [f"    f{number}(x)" for number in range(count)]
    return "\n".join(
        line for number in range(count) for line in (f"def f{number}(x):", *calls)
    ) + "\nf0(model)"  # fmt: skip


LARGE = {
    "brackets": "(" * 100_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "signs": "-" * 100_000 + "1",
    "a sum": "1" + "+1" * 100_000,
    "attributes": "a" + ".b" * 100_000,
    "deep attributes, often": ("a" + ".b" * 300 + "\n") * 200,
    "calls": "f(" * 90 + "x" + ")" * 90,
    "a long chain": "if a: pass\n" + "elif b: c = 1\n" * 900,
    "blank lines": "\n" * 500_000,
    "blanks": " " * 500_000 + "x",
    "a number": "x = " + "9" * 500_000,
    "a line": "x = '" + "y" * 900_000 + "'",
    "functions in functions": nested(90),
    "functions that call each other": calling_each_other(16),
    "magics in magics": "%%time\n" * 50_000 + "!ls",
    "commands": "!ls\n" * 20_000,
    "harmless commands": "%who\n" * 20_000,
    "help": "x?\n" * 20_000,
    "text in text": "f'" + "{f'" * 50,
    "names": "; ".join(f"x{number} = y{number}" for number in range(10_000)),
    "lambdas": "f = " + "lambda x: " * 900 + "x",
}


@pytest.mark.parametrize("name", LARGE)
def test_a_cell_made_to_be_slow_is_not(name: str) -> None:
    """Reading, taking out commands and telling names apart, of up to a megabyte."""
    source = LARGE[name]
    begin = time.process_time()
    plain, remarks = neutralised(source)
    read_cell(plain)
    assert time.process_time() - begin < SECONDS
    assert len(remarks) < 30


def test_a_cell_that_nobody_can_parse_costs_its_own_task(tmp_path: Path) -> None:
    """100,000 brackets in one cell: the others are read as ever."""
    right = "def build_siamese():\n    return 2"
    whole = json.loads(written(WHOLE))
    whole["cells"][1]["source"] = right
    whole["cells"].append(
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": "two_inputs"}},
            "source": "(" * 100_000,
        }
    )
    path = tmp_path / "toy.ipynb"
    path.write_bytes(written(whole))
    rebuilt = rebuild(TEMPLATE, read_submission(path))
    assert right in [cell.source for cell in rebuilt.notebook.cells]


def test_many_cells_that_lean_on_each_other(tmp_path: Path) -> None:
    """As many as are read, each of which reads what all others bind."""
    count = 300
    names = " + ".join(f"x{number}" for number in range(0, count, 10))
    found = [nbformat.v4.new_code_cell(f"x{number} = {names}") for number in range(count)]
    begin = time.process_time()
    rebuilt = rebuild(TEMPLATE, nbformat.v4.new_notebook(cells=found))
    tell(rebuilt.notebook.cells, rebuilt.sections)
    assert time.process_time() - begin < SECONDS
