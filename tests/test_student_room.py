"""Submissions in student rooms: what one task does costs that task only,
and nothing is left behind.
"""

from __future__ import annotations

import json
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from autograder.answers.artefacts import read_answer
from autograder.answers.questions import Call, Variable, to_data
from autograder.errors import UsageError
from autograder.records import Run, read_run
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import MIB, Limits
from autograder.rooms.outputs import Flood, Outputs, plain
from autograder.rooms.student import Order, run_submission
from autograder.rooms.warm import WarmRooms, warm_rooms
from autograder.submissions.rebuilding import rebuild

LIMITS = Limits(cell_seconds=20, question_seconds=20, output_bytes=256 * 1024)
ASKED: dict[str, dict[str, Any]] = {
    "one": {"x": Variable("one")},
    "two": {"f": Call("two", (1,))},
    "three": {"x": Variable("three")},
}
NEEDS = {"two": (), "three": ("two",)}
FINE = {
    "start": "import math",
    "one": "one = 1",
    "two": "def two(x):\n    return x + 2",
    "three": "three = two(3)",
}


@pytest.fixture(scope="module")
def rooms() -> Iterator[WarmRooms]:
    """Warm rooms for all tests of this module."""
    with warm_rooms() as opened:
        yield opened


def submission(sources: Mapping[str, str]) -> Any:
    """A rebuilt notebook of three tasks and a check, with a cell "added" at its top and one
    "between" the first task and the second, where there are such.
    """
    cells = [nbformat.v4.new_markdown_cell("# Start"), nbformat.v4.new_code_cell(sources["start"])]
    for task in ("one", "two", "three"):
        marks = {"nbgrader": {"grade_id": task, "solution": True}}
        cells += [
            nbformat.v4.new_markdown_cell("## Task"),
            nbformat.v4.new_code_cell(sources[task], metadata=marks),
        ]
    marks = {"nbgrader": {"grade_id": "three_check", "grade": True, "locked": True}}
    cells.append(nbformat.v4.new_code_cell("assert three == 5", metadata=marks))
    added = list(cells)
    for name, place in (("between", 4), ("added", 0)):
        if name in sources:
            added.insert(place, nbformat.v4.new_code_cell(sources[name]))
    return rebuild(nbformat.v4.new_notebook(cells=cells), nbformat.v4.new_notebook(cells=added))


def run(
    rooms: WarmRooms,
    out: Path,
    limits: Limits = LIMITS,
    tasks: set[str] | None = None,
    **sources: str,
) -> Run:
    """The run of a notebook that is right except for the given sources."""
    order = ordered(ASKED, {**FINE, **sources}, frozenset(tasks) if tasks is not None else None)
    with tempfile.TemporaryDirectory() as desk:
        return run_submission(order, Path(desk), out, rooms, limits)


def ordered(
    asked: Mapping[str, Any], sources: Mapping[str, str], tasks: frozenset[str] | None = None
) -> Order:
    """What is to be run and asked."""
    questions = {
        task: {name: to_data(question) for name, question in some.items()}
        for task, some in asked.items()
    }
    return Order(submission(sources), "toy", "student", questions, NEEDS, 1, tasks=tasks)


def outcomes(out: Path) -> dict[str, Any]:
    """What the first question of each task was answered with: the value, or else the outcome."""
    answers = {
        task: read_answer(out, task, name)
        for task, questions in ASKED.items()
        for name in questions
    }
    return {task: a.value if a.outcome == "value" else a.outcome for task, a in answers.items()}


def printed(out: Path) -> list[Any]:
    """The outputs of the executed notebook."""
    notebook = nbformat.read(out / "executed.ipynb", as_version=4)
    nbformat.validate(notebook)
    return [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]


ENDLESS_AT_1 = "def two(x):\n    while x == 1: pass\n    return 5"
ALL = {"one": 1, "two": 3, "three": 5}


@pytest.mark.slow
def test_everything_right(rooms: WarmRooms, tmp_path: Path) -> None:
    """All answers, the three files, and nothing else beside them."""
    record = run(rooms, tmp_path / "run")

    assert (record.status, [s.status for s in record.sections]) == ("graded", ["done"] * 3)
    assert outcomes(tmp_path / "run") == ALL
    assert record == read_run(tmp_path / "run" / "run.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run"]
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "artefacts", "executed.ipynb", "questions.json", "rebuilt.ipynb", "run.json",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "status", "says"),
    [
        ("import os; os._exit(1)", "crashed", "ended (exit status 1)"),
        ("exit()", "crashed", "exit() or quit() ended the Python process"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            "crashed",
            "ended (exit status -11)",
        ),
        (
            "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
            "timeout",
            "after 3 s",
        ),
        ("while True: print('x' * 1000)", "timeout", "MiB and did not end"),
        (
            (
                "import os\nif os.fork() == 0:\n    while True: os.write(1, b'x' * 4096)\n"
                "while True: print('y' * 999)"
            ),
            "timeout",
            "",
        ),
        ("import json\njson.dumps = None", None, ""),
    ],
    ids=["exit process", "exit", "segfault", "endless", "flood", "fork and flood", "broken kernel"],
)
def test_what_ends_the_room_costs_its_task_only(
    rooms: WarmRooms, tmp_path: Path, source: str, status: str | None, says: str
) -> None:
    """A crash, an endless loop, output without end:
    the task has a named status, the others their answers.
    """
    # elsewhere a slow machine must not reach it first
    deadline = 3 if "after 3 s" in says else LIMITS.cell_seconds
    record = run(rooms, tmp_path / "run", replace(LIMITS, cell_seconds=deadline), one=source)

    section = record.sections[0]
    assert record.status == "graded"
    assert {task: outcomes(tmp_path / "run")[task] for task in ("two", "three")} == {
        "two": 3,
        "three": 5,
    }
    if status is not None:
        assert section.status == status
        assert section.error is not None
        assert says in section.error.message
        assert outcomes(tmp_path / "run")["one"] == "not_asked"
        stopped = [output for output in printed(tmp_path / "run") if output.output_type == "error"]
        # which stops no cell
        assert says in "".join(output.evalue for output in stopped) or source == "exit()"


@pytest.mark.slow
def test_a_later_task_may_lean_on_any_earlier_cell(rooms: WarmRooms, tmp_path: Path) -> None:
    """After a crash the earlier sections run again, also those that no task is said to need."""
    found = run(rooms, tmp_path / "run", two="import os; os._exit(1)", three="three = one + 4")
    assert {section.task: section.status for section in found.sections} == {
        "one": "done", "two": "crashed", "three": "done",
    }  # fmt: skip
    assert outcomes(tmp_path / "run")["three"] == 5


@pytest.mark.slow
def test_crash_in_an_answer(rooms: WarmRooms, tmp_path: Path) -> None:
    """A function that ends the process or never returns costs its question;
    earlier answers stay.
    """
    out = tmp_path / "run"
    record = run(rooms, out, replace(LIMITS, question_seconds=2), two=ENDLESS_AT_1)

    assert outcomes(out) == {"one": 1, "two": "timeout", "three": 5}
    assert [s.status for s in record.sections] == ["done"] * 3
    assert any("two, «f»: still running after 2 s" in remark for remark in record.remarks)


@pytest.mark.slow
def test_crash_in_the_common_start(rooms: WarmRooms, tmp_path: Path) -> None:
    """Where not even the start runs, the whole submission has the status."""
    record = run(rooms, tmp_path / "run", start="import os; os._exit(1)")

    assert record.status == "crashed"
    assert [s.status for s in record.sections] == ["skipped"] * 3
    assert "cell 2 (start): the Python process ended (exit status 1)" in record.remarks


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    ["import os; os._exit(0)", "exit()", "import os; os.kill(os.getpid(), 9)", "while True: pass"],
)
@pytest.mark.parametrize("place", ["added", "between"])
def test_a_cell_of_ones_own_that_ends_the_room_is_left_out(
    rooms: WarmRooms, tmp_path: Path, place: str, source: str
) -> None:
    """A restart at the top of the notebook, an experiment between two tasks: all that is graded
    runs without it, and that is said.
    """
    out = tmp_path / "run"
    limits = replace(LIMITS, cell_seconds=4 if "while" in source else LIMITS.cell_seconds)
    record = run(rooms, out, limits, None, **{place: source})

    assert record.status == "graded"
    assert [s.status for s in record.sections] == ["done"] * 3
    assert outcomes(out) == {"one": 1, "two": 3, "three": 5}
    [said] = [one for one in record.remarks if "run again without what you added" in one]
    assert f"in cell {1 if place == 'added' else 5}" in said


@pytest.mark.slow
def test_other_cells_of_ones_own_still_run(rooms: WarmRooms, tmp_path: Path) -> None:
    """Only the one that ended the room is left out: others may hold what answers need."""
    out = tmp_path / "run"
    found = run(rooms, out, added="five = 5", between="exit()", three="three = five")
    assert outcomes(out) == {"one": 1, "two": 3, "three": 5}
    assert found.status == "graded"


ENDLESS_IN_ITS_CHECK = """
class Five(int):
    def __eq__(self, other):
        while True: pass
three = Five(5)
"""


@pytest.mark.slow
def test_a_given_cell_that_ends_the_room_is_left_out(rooms: WarmRooms, tmp_path: Path) -> None:
    """What stands below an answer to try it takes nothing from it, however long it takes."""
    order = replace(ordered(ASKED, {**FINE, "three": ENDLESS_IN_ITS_CHECK}), everything=True)
    out, limits, desk = tmp_path / "run", replace(LIMITS, cell_seconds=3), tmp_path / "desk"
    desk.mkdir()
    found = run_submission(order, desk, out, rooms, limits)
    assert outcomes(out) == ALL
    assert [s.status for s in found.sections] == ["done"] * 3
    assert any("run again without the given cell 9" in remark for remark in found.remarks)


SPOILS = {
    "dies later": "import os, threading; threading.Timer(0.5, os._exit, (0,)).start()",
    "closes the folder": "import os; os.chmod(os.getcwd(), 0); os.chmod('answers', 0)",
    "takes all handles": "hoard = []\nwhile True: hoard.append(open('/dev/null'))",
}


@pytest.mark.slow
@pytest.mark.parametrize("source", SPOILS.values(), ids=SPOILS.keys())
def test_what_spoils_the_room_costs_its_task_only(
    rooms: WarmRooms, tmp_path: Path, source: str
) -> None:
    """What a section leaves behind may end the room in another's, or keep its answers from being
    written: tasks that can do without it are tried once more without it.
    """
    out = tmp_path / "run"
    waits = "import time; time.sleep(1)\n"  # the timer is not to come too late
    found = run(rooms, out, one=f"one = 1\n{source}", two=waits + FINE["two"])
    assert found.status == "graded"
    assert {task: outcomes(out)[task] for task in ("two", "three")} == {"two": 3, "three": 5}
    assert "two: tried once more without the tasks that it does not need" in found.remarks


@pytest.mark.slow
def test_answers_that_a_later_task_spoils_are_asked_for_again(
    rooms: WarmRooms, tmp_path: Path
) -> None:
    """A link in the place of an earlier answer is no answer, and no fault of the task's."""
    out = tmp_path / "run"
    spoils = "import os; os.remove('answers/two/f.json'); os.symlink('/', 'answers/two/f.json')"
    found = run(rooms, out, three=f"three = two(3)\n{spoils}")
    assert outcomes(out) == ALL
    assert any("two, «f»: not taken as an answer" in one for one in found.incidents)


FILLS = """import os
one = 1
for number in range(60):
    open(f"file{number}", "w").close()
"""
DEEP = """import os
one, here = 1, os.getcwd()
for _ in range(1500):
    os.mkdir("deeper")
    os.chdir("deeper")
os.chdir(here)
"""


@pytest.mark.slow
@pytest.mark.parametrize("source", [FILLS, DEEP], ids=["many files", "too deep"])
def test_who_fills_the_folder_is_who_pays(rooms: WarmRooms, tmp_path: Path, source: str) -> None:
    """The task that did, and not the one that happens to run when it is noticed."""
    out = tmp_path / "run"
    record = run(rooms, out, replace(LIMITS, folder_files=50), one=source)
    assert [s.status for s in record.sections] == ["crashed", "done", "done"]
    assert outcomes(out) == {"one": "not_asked", "two": 3, "three": 5}
    assert any("than a room may hold" in one for one in record.incidents)


LATE = """import json, pathlib, threading, time
one = 1

def forge():
    while True:
        for path in pathlib.Path("answers").rglob("*.json"):
            try:
                forged = {**json.loads(path.read_text()), "value": 7}
                path.write_text(json.dumps(forged))
            except (OSError, ValueError):
                pass
        time.sleep(0.01)

threading.Thread(target=forge, daemon=True).start()
"""


@pytest.mark.slow
def test_answers_that_were_changed_later_are_asked_for_again(
    rooms: WarmRooms, tmp_path: Path
) -> None:
    """The room told what it had written; the other tasks are tried without the one that forges."""
    out = tmp_path / "run"
    record = run(rooms, out, one=LATE)
    found = outcomes(out)
    assert (found["two"], found["three"]) == (3, 5)
    assert found["one"] in {1, "refused"}
    assert any("was changed after it had been written" in one for one in record.incidents)


@pytest.mark.slow
@pytest.mark.parametrize("patch", ["math.floor = None", "setattr(math, 'floor', None)"])
def test_who_changes_a_library_pays(rooms: WarmRooms, tmp_path: Path, patch: str) -> None:
    """A task whose answer raises then is tried without the section that it does not need."""
    out = tmp_path / "run"
    two = "import math\n\ndef two(x):\n    return math.floor(x) + 2"
    run(rooms, out, one=f"import math\none = 1\n{patch}", two=two)
    assert outcomes(out) == {"one": 1, "two": 3, "three": 5}


TOOL = "class Tool:\n    def f(self):\n        return 2"
BROKEN = """
one = 1
def broken(self):
    raise ValueError
for name in ("f",):
    setattr(Tool, name, broken)
"""
CLEARED = "one = 1\nfor name in ('f',):\n    setattr(Tool, name, None)\n"
THREAD = (
    "import threading, time\nthreading.Thread(target=time.sleep, args=(3,), daemon=True).start()"
)
USES = "def two(x):\n    return Tool().f() + x"


@pytest.mark.parametrize(
    ("one", "two", "answer"),
    [
        (BROKEN, USES, 3),
        (f"{CLEARED}{THREAD}", USES, 3),
        (CLEARED, USES, "error"),
        (BROKEN, f"{USES}\nseen = two(1)", 3),
        (f"one = 1\n{THREAD}", "def two(x, y): pass", "error"),
    ],
    ids=["through its cell", "with threads", "without", "while it runs", "its own fault"],
)
def test_errors_that_are_anothers(tmp_path: Path, one: str, two: str, answer: Any) -> None:
    """An error that comes through cells which its task does not need, or one of a task after which
    another's threads run, is tried once more without these; any other is an answer.
    """
    order = ordered(ASKED, {**FINE, "start": TOOL, "one": one, "two": two})
    found = run_submission(order, tmp_path, tmp_path / "run", RoomsHere(), LIMITS)
    assert outcomes(tmp_path / "run")["two"] == answer
    again = "two: tried once more without the tasks that it does not need"
    assert (again in found.remarks) is (one != CLEARED)
    assert found.sections[1].status == "done"


LINGERS = """import builtins, threading, time
one = 1
builtins.lingers = True
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
"""
WAITS = """import builtins
def two(x):
    while hasattr(builtins, "lingers"): pass
    return x + 2
"""


@pytest.mark.slow
def test_late_because_of_threads(rooms: WarmRooms, tmp_path: Path) -> None:
    """What takes too long after a section that left threads is tried without it."""
    out = tmp_path / "run"
    found = run(rooms, out, replace(LIMITS, question_seconds=3), one=LINGERS, two=WAITS)
    assert outcomes(out) == ALL
    assert found.status == "graded"


BLOCKS = """import asyncio, time
one = 1
asyncio.get_event_loop().call_later(0.5, time.sleep, 3600)
"""


@pytest.mark.slow
def test_who_blocks_the_kernel_pays(
    rooms: WarmRooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the kernel does not even begin with is not what holds it."""
    monkeypatch.setattr("autograder.rooms.kernel._BEGIN_SECONDS", 3)
    out = tmp_path / "run"
    waits = "import time; time.sleep(1)\n"
    found = run(rooms, out, one=BLOCKS, two=f"{waits}{FINE['two']}")
    assert outcomes(out) == ALL
    assert [one.status for one in found.sections] == ["done"] * 3


COMMANDS = """
shell = get_ipython()
shell.system("pip install -q torch")
shell.run_line_magic("pip", "install torch")
one = [shell.getoutput("nvidia-smi"), shell.getoutput("ls", split=False)]
"""


@pytest.mark.slow
def test_commands_to_the_system_come_to_nothing(rooms: WarmRooms, tmp_path: Path) -> None:
    """As they do after a «!»: a room has no terminals. It is said beneath the cell."""
    out = tmp_path / "run"
    found = run(rooms, out, one=COMMANDS)
    assert outcomes(out)["one"] == [[], ""]
    assert found.sections[0].status == "done"
    assert "the command «pip install -q torch» does not run here" in printed(out)[0].text
    assert "one: started another program ('nvidia-smi')" in found.incidents


HANDLES = """import fcntl, os, stat
one = []
for name in os.listdir("/proc/self/fd"):
    try:
        found, flags = os.fstat(int(name)), fcntl.fcntl(int(name), fcntl.F_GETFL)
    except OSError:
        continue
    if stat.S_ISREG(found.st_mode) and flags & (os.O_WRONLY | os.O_RDWR):
        place = os.readlink("/proc/self/fd/" + name)
        if not place.startswith((os.getcwd() + "/", "/memfd:")):
            one.append(place)
"""


@pytest.mark.slow
def test_no_file_of_the_outside_is_open_to_writing(rooms: WarmRooms, tmp_path: Path) -> None:
    """Whatever a room inherits: a handle on a deleted file outside could fill the disk."""
    out = tmp_path / "run"
    run(rooms, out, one=HANDLES)
    assert outcomes(out)["one"] == []


TRIES = """import socket, subprocess
one = 1
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    lambda: open("/content/drive/pictures.csv"),
    lambda: subprocess.run(["true"]),
    lambda: open("fine.txt", "w").close(),
):
    try:
        attempt()
    except OSError:
        pass
"""


@pytest.mark.slow
def test_what_came_to_nothing_is_noted_for_the_instructor(rooms: WarmRooms, tmp_path: Path) -> None:
    """With the task in which it was tried; what a room gives is no incident."""
    found = run(rooms, tmp_path / "run", one=TRIES)
    assert found.incidents == (
        "one: tried to reach the network ('192.0.2.1')",
        "one: looked for a file outside of its room (/content/drive/pictures.csv)",
        "one: started another program ('true')",
    )
    assert read_run(tmp_path / "run" / "run.json") == found


@pytest.mark.slow
def test_deadline_of_the_whole_submission(rooms: WarmRooms, tmp_path: Path) -> None:
    """When time is up, what was answered stays; the status says so."""
    out = tmp_path / "run"
    begin = time.monotonic()

    record = run(
        rooms, out, replace(LIMITS, submission_seconds=6), two="import time; time.sleep(60)"
    )

    assert time.monotonic() - begin < 20
    assert (record.status, [s.status for s in record.sections]) == (
        "timeout",
        ["done", "timeout", "skipped"],
    )
    assert outcomes(out) == {"one": 1, "two": "not_asked", "three": "not_asked"}


@pytest.mark.slow
def test_exceptions_end_nothing(rooms: WarmRooms, tmp_path: Path) -> None:
    """A cell that raises, or can't be parsed, is an error of its section;
    a check that fails is none.
    """
    record = run(rooms, tmp_path / "run", one="one = 1\n1 / 0", two="def two(x:", three="three = 4")

    one, two, three = record.sections
    assert (one.status, one.error and one.error.type, one.error and one.error.through) == (
        "error", "ZeroDivisionError", ("one",),
    )  # fmt: skip
    assert (two.status, two.error and two.error.type) == ("error", "SyntaxError")
    assert three.status == "done"
    assert outcomes(tmp_path / "run") == {"one": 1, "two": "missing", "three": 4}
    assert [o.ename for o in printed(tmp_path / "run") if o.output_type == "error"] == [
        "ZeroDivisionError", "SyntaxError", "AssertionError",
    ]  # fmt: skip


@pytest.mark.slow
def test_only_what_is_wanted_runs(rooms: WarmRooms, tmp_path: Path) -> None:
    """With `tasks`, these and what they need run; only these are asked."""
    out = tmp_path / "run"
    record = run(rooms, out, tasks={"three"}, one="1 / 0")

    assert [s.status for s in record.sections] == ["skipped", "done", "done"]
    assert outcomes(out) == {"one": "not_asked", "two": "not_asked", "three": 5}


@pytest.mark.slow
def test_only_plain_outputs_are_kept(rooms: WarmRooms, tmp_path: Path) -> None:
    """Text, errors and PNG pictures stay; HTML, JavaScript, SVG and terminal commands don't."""
    source = """
from IPython.display import HTML, SVG, Javascript, display
import matplotlib.pyplot as plt
print("\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07 \\u202e left")
print("10%\\r 90%\\r100%")
display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"))
display({"image/png": "bm8gcG5n", "text/html": "<b>"}, raw=True)
plt.plot([1, 2]); plt.show()
one = 1
one
"""
    run(rooms, tmp_path / "run", one=source)

    found = printed(tmp_path / "run")
    assert found[0].text == "red   left\n100%\n"
    assert {kind for output in found for kind in output.get("data", {})} == {
        "text/plain",
        "image/png",
    }
    assert sum("image/png" in output.get("data", {}) for output in found) == 1
    assert "alert" not in json.dumps(found)


@pytest.mark.slow
def test_of_a_question_only_what_a_later_cell_prints_is_kept(
    rooms: WarmRooms, tmp_path: Path
) -> None:
    """What is printed while it is answered is dropped, by whatever way; the code it was asked of
    knows it, and may say so afterwards (docs/security.md, «Questions»).
    """
    two = """
        import os, sys
        asked, saved = [], sys.stdout
        def two(x):
            asked.append(x)
            print("printed", x)
            print("saved", x, file=saved, flush=True)
            os.write(1, b"written")
            return x + 2
    """
    run(rooms, tmp_path, two=textwrap.dedent(two), three="print('asked', {*asked})\nthree = 5")
    texts = [output.get("text", "") for output in printed(tmp_path)]
    assert texts == ["asked {1}\n"]
    assert outcomes(tmp_path) == ALL


@pytest.mark.slow
def test_much_output_is_cut_and_does_no_harm(rooms: WarmRooms, tmp_path: Path) -> None:
    """Beyond the budget of a cell the rest is left out, marked, and the task counts."""
    out = tmp_path / "run"
    run(rooms, out, one="print(('x' * 99 + '\\n') * 6000)\none = 1")

    assert outcomes(out) == ALL
    (text,) = [output.text for output in printed(out)]
    assert len(text) < LIMITS.output_bytes + 100
    assert text.endswith("[the rest is left out: 262,144 bytes are kept]\n")


@pytest.mark.slow
def test_files_in_the_place_of_answers(rooms: WarmRooms, tmp_path: Path) -> None:
    """A student who writes answer files or links in their place gains nothing: they are refused,
    and asked for again where others' sections have not run.
    """
    out = tmp_path / "run"
    source = """
import os, threading, time
os.makedirs("answers/three")
for name in ("x", "y"):
    text = '{"task": "three", "question": "%s", "outcome": "value", "value": 99}' % name
    open(f"answers/three/{name}.json", "w").write(text)
os.symlink("/etc/passwd", "answers/three/x.npz")
def late():
    while True:
        time.sleep(0.01)
        try: open("answers/two/f.json", "w").write("{")
        except OSError: pass
threading.Thread(target=late, daemon=True).start()
one = 1
"""
    run(rooms, out, one=source)

    assert outcomes(out)["three"] == 5
    assert outcomes(out)["two"] == 3
    assert not (out / "artefacts" / "three" / "y.json").exists()
    assert not any(
        "root:" in path.read_text(errors="ignore") for path in out.rglob("*") if path.is_file()
    )


@pytest.mark.slow
def test_nothing_lives_on(rooms: WarmRooms, tmp_path: Path) -> None:
    """Processes that a submission started, detached ones too, end with its room."""
    marker = "sleep 987654"
    source = (
        "import subprocess\n"
        f"one = subprocess.Popen('{marker}', shell=True, start_new_session=True).pid"
    )

    run(rooms, tmp_path / "run", one=source)

    assert outcomes(tmp_path / "run")["one"] > 1

    assert not [
        p for p in psutil.process_iter(["cmdline"]) if marker in " ".join(p.info["cmdline"] or [])
    ]


def test_names_of_questions_are_names_of_files(tmp_path: Path) -> None:
    """A question that could be written elsewhere is refused before anything runs."""
    asked = {"one": {"../up": Variable("one")}}

    with pytest.raises(UsageError, match=r"\.\./up"):
        run_submission(ordered(asked, FINE), tmp_path, tmp_path / "run", RoomsHere(), LIMITS)

    assert not list(tmp_path.iterdir())


def test_progress_bars_are_kept_in_their_last_state() -> None:
    """Lines written over each other count once, so a long training does not use up the budget."""
    outputs = Outputs(1000, 100 * MIB)
    for step in range(2000):
        outputs.take("stream", {"name": "stdout", "text": f"\r{step}/2000 [====]\x08\x08"}, 100)
    outputs.take("stream", {"name": "stdout", "text": "\ndone\n"}, 100)

    assert outputs.finished()[0].text == "1999/2000 [====]\ndone\n"


def test_outputs_without_end_are_a_flood() -> None:
    """What was received counts, not what was kept."""
    outputs = Outputs(10, 1000)
    for _ in range(10):
        outputs.take("display_data", {"data": {"text/html": "<b>"}}, 100)

    with pytest.raises(Flood):
        outputs.take("display_data", {}, 1)

    assert outputs.finished() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\x00\x07b", "ab"),
        ("\u202eabc", "abc"),
        ("tab\tline\n", "tab\tline\n"),
        ("\ud800", ""),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    """Colours, control and direction characters go; tabs and lines stay."""
    assert plain(text) == expected
