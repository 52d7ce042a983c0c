"""What a submission costs before any room is opened: no more than its size says."""

from __future__ import annotations

import io
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.submissions.leaning import leaned, running
from autograder.submissions.names import read_cell
from autograder.submissions.rebuilding import ADDED, rebuild, sections
from autograder.submissions.slimming import slim

TASKS = ("one", "two", "three", "four", "five")
LARGE = "def one():\n    return 1\n" + "a = 1\n" * 5_000


def solution(task: str, source: str) -> Any:
    role = {"grade_id": task, "solution": True, "locked": False, "grade": False}
    return new_code_cell(source, metadata={"nbgrader": role})


def template() -> Any:
    """Five tasks, and a written answer."""
    made = new_notebook()
    for task in TASKS:
        made.cells += [new_markdown_cell("## Task"), solution(task, f"def {task}():\n    pass")]
    role = {"grade_id": "why", "solution": True, "grade": True, "points": 1}
    answer = new_markdown_cell("*Yours*", metadata={"nbgrader": role})
    made.cells += [new_markdown_cell("## Why?"), answer]
    return made


def added(sources: list[str]) -> Any:
    """The template with these cells of the student's behind it."""
    cells = [new_code_cell(source, metadata={ADDED: True}) for source in sources]
    return new_notebook(cells=[*template().cells, *cells])


def told(made: Any) -> frozenset[int]:
    """The cells that run; which tasks lean on which is told as well."""
    parts, asked = sections(made), {"one": {"one"}}
    leaned(parts, made.cells, {}, asked)
    return running(made.cells, parts, asked)


def parsed(work: Callable[[], Any]) -> int:
    """How many characters are parsed: a measure that no other process disturbs."""
    count = 0

    def tick(frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        code = frame.f_code
        if event == "call" and (code.co_name, code.co_filename[-7:]) == ("parse", "/ast.py"):
            count += len(frame.f_locals["source"])

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def seconds(work: Callable[[], Any]) -> float:
    """Of this process' own; the lesser of two."""
    taken = []
    for _ in range(2):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def memory(work: Callable[[], Any]) -> int:
    """The most bytes at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def read_anew(source: str) -> None:
    read_cell.cache_clear()
    read_cell(source)


def test_a_large_cell_with_many_copies_is_parsed_once() -> None:
    """Each of twenty is looked at beside it, for whether it defines the same."""
    copies = [solution("one", f"b{number} = 1") for number in range(20)]
    handed = new_notebook(cells=[solution("one", LARGE), *copies])
    assert parsed(lambda: rebuild(template(), handed)) < 2 * len(LARGE)


def test_a_large_cell_is_parsed_once_for_all_that_were_lost() -> None:
    """It names them all, and defines none."""
    source = f"# {TASKS}\n" + LARGE.replace("one", "other")
    assert parsed(lambda: rebuild(template(), new_notebook(cells=[new_code_cell(source)]))) < (
        2 * len(source)
    )


def test_blank_lines_beside_a_written_answer_are_read_once() -> None:
    """50,000 of them, in a cell of code."""
    handed = template()
    handed.cells.append(new_code_cell("x" + "\n" * 50_000 + "x"))
    assert seconds(lambda: rebuild(template(), handed)) < 1


def chain(length: int) -> str:
    """Each name is given to the next."""
    return "\n".join(f"a{number + 1} = a{number}" for number in range(length))


def test_a_chain_of_names_takes_memory_by_its_length() -> None:
    """Four times as long: not sixteen times as much."""
    short, long = chain(500), chain(2_000)
    assert memory(lambda: read_cell(long)) < 8 * memory(lambda: read_cell(short))


def test_what_is_behind_a_chain_is_found_at_its_end() -> None:
    """The name that the cell did not bind, and how each name stood when it was given away."""
    names = read_cell(chain(3_000) + "\na2000 = b\na3000.append(1)\na2000.append(1)")
    assert not names.opaque
    assert {call.owner for call in names.now.calls} == {frozenset({"a0"}), frozenset({"b"})}


AGAIN: dict[str, Callable[[int], str]] = {
    "branches after many names": lambda n: f"{chain(n)}\n" + "if x: a\n" * n,
    "classes after many names": lambda n: f"{chain(n)}\n" + "class A: 0\n" * n,
    "one function, many times": lambda n: "".join(f"def f(): a{k}\n" for k in range(n)),
    "calls behind a chain": lambda n: "".join(
        f"if x: a{k + 1} = a{k}\nf(a{k + 1})\n" for k in range(n)
    ),
    "lambdas in a long one": lambda n: "lambda {}: [{}]".format(
        ", ".join(f"a{k}" for k in range(n)), "lambda: 0, " * n
    ),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_cell_made_to_be_looked_at_again_and_again_is_not(name: str) -> None:
    """Four times as long takes four times as long, or is too much to be told."""
    short, long = (AGAIN[name](n) for n in (1_000, 4_000))
    assert seconds(lambda: read_anew(long)) < 9 * seconds(lambda: read_anew(short))


NOTEBOOKS: dict[str, Callable[[int], list[str]]] = {
    "names bound nowhere": lambda n: [
        f"[{', '.join(f'n{cell}_{k}' for k in range(100))}]" for cell in range(n)
    ],
    "names bound everywhere, perhaps": lambda n: [
        "if x:\n" + "".join(f"    a{k} = a{k}\n" for k in range(100)) for _ in range(n)
    ],
    "one function that calls all": lambda n: [
        *("".join(f"def f{cell}_{k}(x): x[0] = 1\n" for k in range(30)) for cell in range(n)),
        "def g(y):\n" + "".join(f"    f{cell}_{k}(a)\n" for cell in range(n) for k in range(30)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_many_cells_cost_what_they_hold(name: str) -> None:
    """Four times as many take about four times as long to be told apart."""
    few, many = (added(NOTEBOOKS[name](n)) for n in (25, 100))
    assert seconds(lambda: told(many)) < 10 * seconds(lambda: told(few))


def test_calls_are_followed_only_so_far() -> None:
    """120 cells that call what calls 600 functions: all cells run, as if none could be read."""
    functions = [f"def f{k}(): f{k + 1}()" for k in range(600)]
    made = added(["\n".join(functions), *["f0()"] * 120])
    given = new_code_cell("shown = 1", metadata={"nbgrader": {"grade_id": "g", "locked": True}})
    made.cells.append(given)
    code = {index for index, cell in enumerate(made.cells) if cell.cell_type == "code"}
    assert told(made) == code


@pytest.mark.parametrize("dropped", [True, False])
@pytest.mark.parametrize(
    "unit",
    [b"[]", b'"",', b'"\\\\\\"",', b"1,", b",", b'{"a":[]},', b"[" * 99 + b"]" * 99,
     b'"outputs":[],', b'"outputs" '],
)  # fmt: skip
def test_whatever_a_large_notebook_holds_is_gone_through_fast(unit: bytes, dropped: bool) -> None:
    """A megabyte costs a tenth of what it did when each bracket was a step."""
    head, tail = (b'{"outputs":[', b"]}") if dropped else (b'{"kept":[', b"]}")
    text = head + unit * (2_000_000 // len(unit)) + tail
    assert seconds(lambda: slim(io.BytesIO(text), len(text))) < 0.8
    slimmed = slim(io.BytesIO(text), len(text))
    assert slimmed == (b'{"outputs":[]}' if dropped else text)


def test_texts_that_look_like_what_is_dropped_stay_wherever_a_block_ends() -> None:
    """A key that ends in the word, a notebook in a text, backslashes before quotes."""
    inner = json.dumps({"outputs": [1, "\\"], "widgets": {"a": '"]}'}})
    value = {'x"outputs': [1], "a": inner, "b": ["\\", '\\"outputs', "widgets"]}
    kept = {**value, "outputs": [inner, '\\"', [[{}]], "]\\"], "z": inner}
    text = json.dumps(kept, indent=1).encode()
    for block in range(1, len(text) + 1):
        slimmed = slim(io.BytesIO(text), len(text), block)
        assert json.loads(slimmed) == {**kept, "outputs": []}
        assert slimmed.count(b"\n") == text.count(b"\n")
