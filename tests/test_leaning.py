"""Which cells of a notebook run at grading: what nothing counted leans on is left out, and nothing
comes out otherwise for it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder.answers.artefacts import read_answer
from autograder.answers.questions import (
    Call,
    Notebook,
    Question,
    Snippet,
    Variable,
    names_asked,
    to_data,
)
from autograder.errors import UsageError
from autograder.records import Run
from autograder.rooms.folder import NOT_RUN
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.student import Order, run_submission
from autograder.submissions.leaning import check_wishes, leaned, named, needed, running
from autograder.submissions.rebuilding import ADDED, rebuild, sections

SETUP = "import numpy as np"


def notebook(*cells: tuple[str, str]) -> Any:
    """A notebook of (kind, source): "own" is a solution cell, "added" the student's, "given" and
    what begins so ours; before each solution cell a section begins.
    """
    made = [_cell("given", SETUP, "setup")]
    for number, (kind, source) in enumerate(cells):
        if kind == "own":
            made.append(nbformat.v4.new_markdown_cell("## Task"))
        made.append(_cell(kind, source, f"cell{number}"))
    return nbformat.v4.new_notebook(cells=made)


def _cell(kind: str, source: str, name: str) -> Any:
    role = {"grade_id": name, "locked": kind != "own", "solution": kind == "own"}
    metadata: dict[str, Any] = {"nbgrader": role}
    if kind == "added":
        metadata = {ADDED: True}
    if ":" in kind:
        metadata["autograder"] = {"run": kind.partition(":")[2]}
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def ran(made: Any, *asked: str) -> list[str]:
    """The names of the cells that run where the questions ask for these names."""
    task = next((s.task for s in reversed(sections(made)) if s.task), None)
    found = running(made.cells, sections(made), {task: asked} if task else {})
    return [made.cells[index].metadata.get("nbgrader", {}).get("grade_id", "added")
            for index in sorted(found)]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "own", "counts"),
    [
        ("shown = 1", "x = 2", False),
        ("shown = 1", "x = shown", True),
        ("shown = 1", "def f():\n    return shown", True),
        ("shown = 1", "class A:\n    size = shown", True),
        ("shown = 1", "shown = 2\nx = shown", False),
        ("shown = 1", "x = [shown for shown in range(3)]", False),
        ("shown = 1", "x = [y for y in range(shown)]", True),
        ("shown = 1", "del shown", True),
        ("shown = 1", "shown += 1", True),
        ("shown = 1", "x = lambda: shown", True),
        ("if True:\n    shown = 1", "x = shown", True),
        ("def shown(): return 1", "x = shown()", True),
        ("def shown(): return 1", "def shown(): return 2", False),
        ("x[0] = 1", "x = [0]", False),
        ("print(np.mean([1]))", "x = 1", False),
        ("np.random.seed(3)", "x = 1", True),
        ("print(np.random.default_rng(3).normal())", "x = 1", False),
        ("open('file', 'w').write('x')", "x = 1", True),
        ("np.save('file', np.zeros(3))", "x = 1", True),
        ("np.mean = lambda x: 3", "x = 1", True),
        ("import os", "x = 1", True),
        ("%cd elsewhere", "x = 1", True),
        ("eval('1')", "x = 1", True),
        ("shown = 1", "x = eval('shown')", True),
        ("shown = 1", "import IPython\nx = 1", True),
        ("shown = 1", "import sys\nx = sys.modules['__main__'].shown", True),
        ("shown = 1", "from sys import modules\nx = getattr(modules[__name__], 'shown')", True),
        ("shown = 1", "from importlib import import_module as im\nim('__main__')", True),
        ("shown = 1", "import sys\nx = 'google.colab' in sys.modules", False),
        ("shown = 1", "if __name__ == '__main__':\n    x = 1", False),
        ("shown = 1", "x = (", True),
    ],
)
def test_what_a_cell_of_the_students_leans_on(given: str, own: str, counts: bool) -> None:
    """A given cell runs if it binds what the student's reads, does more than bind, or if nobody can
    tell; not if the student binds the name first.
    """
    assert ("cell0" in ran(notebook(("given", given), ("own", own)))) is counts


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        ("settings['a'] = 2", True),
        ("settings.update(a=2)", True),
        ("print(settings.get('a'))", False),
        ("other = settings\nother['a'] = 2", True),
        ("for one in [settings]:\n    one.clear()", True),
        ("print(len(settings))", False),
        ("look(settings)", False),
        ("change(settings)", True),
        ("indirectly(settings)", True),
        ("np.random.shuffle(settings)", True),
        ("count()", True),
        ("print([one for one in settings])", False),
        ("if len(settings) > 3:\n    settings.pop()", True),
        ("print(*map(lambda one: settings.append(one), [1]))", True),
    ],
)
def test_what_may_change_an_object_runs(source: str, counts: bool) -> None:
    """A given cell runs if it may change in place what the student's cells read."""
    own = """
settings = {"a": 1}
def look(given):
    print(given["a"])
def change(given):
    given["a"] = 3
def indirectly(given):
    change(given)
def count():
    settings["calls"] = 1
"""
    made = notebook(("own", own), ("given", source), ("own", "x = settings"))
    assert ("cell1" in ran(made, "x")) is counts


def test_given_cells_that_others_need_run_too() -> None:
    """What is needed may need something itself; what comes after does not matter."""
    first, second, third = "a = 1", "b = a", "c = b"
    made = notebook(("given", first), ("given", second), ("given", third), ("own", "x = b"))
    assert ran(made) == ["setup", "cell0", "cell1", "cell3"]
    later = notebook(("own", "x = 1"), ("given", "x = 2"), ("added", "y = 3"))
    assert ran(later) == ["setup", "cell0", "added"]
    assert ran(later, "x") == ["setup", "cell0", "cell1", "added"], "a question reads the last one"


@pytest.mark.parametrize(
    ("first", "second", "leans"),
    [
        ("def f(): return 1", "x = f()", True),
        ("def f(): return 1", "def g(): return f()", True),
        ("import numpy as np\nx = 1", "y = np.ones(3)", False),
        ("import os\nx = 1", "import os\ny = os.name", False),
        ("import os\nx = 1", "y = os.name", True),
        ("import math as np\nx = 1", "y = np.pi", True),
        ("import numpy.linalg as np\nx = 1", "y = np.pi", True),
        ("import numpy.linalg\nx = 1", "y = np.pi", False),
        ("np = None", "y = np.ones(3)", True),
        ("np.pi = 3", "y = 1", True),
        ("def f():\n    open('f', 'w')", "y = 1", False),
        ("open('f', 'w')", "y = 1", True),
        ("np.random.seed(3)", "y = np.random.rand()", False),
        ("import keras\nkeras.config.set_floatx('float64')", "y = 1", True),
        ("x = (", "y = 1", True),
        ("x = 1", "y = (", True),
    ],
)
def test_which_tasks_lean_on_an_earlier_one(first: str, second: str, *, leans: bool) -> None:
    """On what it binds, and on what it leaves behind; not on what it only imports again."""
    made = notebook(("own", first), ("own", second))
    found = leaned(sections(made), made.cells, {}, {})
    assert found == {"cell0": set(), "cell1": {"cell0"} if leans else set()}


def test_a_task_leans_on_what_its_questions_read_and_on_what_it_says() -> None:
    """Directly; what has to run is all of that, and what it leans on in turn."""
    made = notebook(("own", "f = 1"), ("own", "g = f"), ("own", "h = 1"))
    found = leaned(sections(made), made.cells, {}, {"cell2": ["g"]})
    assert found["cell2"] == {"cell1"}
    assert needed({"cell2"}, found) == {"cell0", "cell1", "cell2"}
    assert leaned(sections(made), made.cells, {"cell2": ["cell0"]}, {})["cell2"] == {"cell0"}
    unreadable = leaned(sections(made), made.cells, {}, {"cell2": None})
    assert unreadable["cell2"] == {"cell0", "cell1"}


def test_names_alone_show_what_a_task_can_not_do_without() -> None:
    """What is left behind without a name is none of it; what can't be read reads all."""
    made = notebook(("own", "open('f', 'w')\na = 1"), ("own", "b = a"), ("own", "c = 1"))
    found = named(sections(made), made.cells, {}, {})
    assert found == {"cell0": set(), "cell1": {"cell0"}, "cell2": set()}
    said = named(sections(made), made.cells, {"cell2": ["cell1"]}, {"cell1": None})
    assert said == {"cell0": set(), "cell1": {"cell0"}, "cell2": {"cell1"}}
    assert named(sections(made), made.cells, {}, {"cell2": ["a"]})["cell2"] == {"cell0"}
    unread = notebook(("own", "a = 1"), ("own", "b = ("))
    assert named(sections(unread), unread.cells, {}, {})["cell1"] == {"cell0"}


def test_wishes() -> None:
    """A given cell that says «always» runs; one that says «never» runs only for what it binds."""
    made = notebook(("given:always", "print(1)"), ("given", "print(2)"), ("own", "x = 1"))
    assert ran(made) == ["setup", "cell0", "cell2"]
    writes = notebook(("given:never", "open('f', 'w')\ny = 1"), ("own", "x = 1"))
    assert ran(writes) == ["setup", "cell1"]
    binds = notebook(("given:never", "open('f', 'w')\ny = 1"), ("own", "x = y"))
    assert ran(binds) == ["setup", "cell0", "cell1"]
    with pytest.raises(UsageError, match=r"«cell0» says .*'seldom'.* expected 'always' or 'never'"):
        check_wishes(notebook(("given:seldom", "y = 1")), Path("toy.ipynb"))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (Variable("x"), {"x"}),
        (Call("f", (Notebook("base"), [Notebook("other")]), {"k": 1}), {"f", "base", "other"}),
        (Snippet("answer = notebook.f(notebook['g'])"), {"f", "g"}),
        (Snippet("answer = notebook[given['name']]", {"name": "f"}), {"f"}),
        (Snippet("answer = notebook[given['name']]", {"name": 3}), None),
        (Snippet("answer = look(notebook)"), None),
        (Snippet("answer = 1"), set()),
    ],
)
def test_names_that_questions_read(question: Question, names: set[str] | None) -> None:
    """They stand in the question, or it is said that nobody can tell."""
    assert names_asked(to_data(question)) == names


def run(out: Path, own: str, given: str = "shown = 3", *, everything: bool = False) -> Run:
    """The run of a notebook with one given cell and one of the student's, asked for x."""
    made = notebook(("given", given), ("own", own), ("given", "print('the end')"))
    asked = {"cell1": {"x": to_data(Variable("x"))}}
    order = Order(rebuild(made, made), "toy", "s", asked, {}, 1, everything=everything)
    with tempfile.TemporaryDirectory() as desk:
        return run_submission(order, Path(desk), out, RoomsHere(), Limits())


def test_cells_that_did_not_run_are_marked(tmp_path: Path) -> None:
    """In the record of the run and in the executed notebook; with everything, none."""
    assert run(tmp_path, "x = 1").not_run == ("cell0", "cell2")
    executed = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    marked = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in executed.cells
              if NOT_RUN in cell.metadata]  # fmt: skip
    assert marked == ["cell0", "cell2"]
    assert run(tmp_path, "x = 1", everything=True).not_run == ()


@pytest.mark.parametrize(
    ("own", "given"),
    [
        ("x = shown", "shown = 3"),
        ("import builtins\nx = builtins.eval('shown')", "shown = 3"),
        ("x = int(np.load('n.npy')[0])", "np.save('n.npy', np.array([3]))"),
        ("x = int(np.load('n.npy')[0])", "to_file = np.save\nto_file('n.npy', np.array([3]))"),
        ("x = np.three", "np.three = 3"),
        ("x = shown\ndel shown", "shown = 3"),
    ],
)
def test_same_answers_as_with_all_cells(
    own: str, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that leans on a look gets the same answer, seen from its text or only by an error."""
    answers = []
    for everything in (True, False):
        out = tmp_path / str(everything)
        out.mkdir()
        monkeypatch.chdir(out)
        vars(np).pop("three", None)
        assert run(out, own, given, everything=everything).sections[0].status == "done"
        answers.append(read_answer(out, "cell1", "x").value)
    assert answers == [3, 3]


def test_sections_start_from_a_seed_of_their_own(tmp_path: Path) -> None:
    """What is drawn does not depend on what was left out before it."""
    drawn = []
    given = "shown = [draw() for draw in [np.random.normal]]"
    for everything in (True, False):
        record = run(tmp_path, "x = np.random.normal()", given, everything=everything)
        assert ("cell0" in record.not_run) is not everything
        drawn.append(read_answer(tmp_path, "cell1", "x").value)
    assert drawn[0] == drawn[1]
