"""Submitted notebooks: what is read of them, and what is rebuilt on the template."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_notebook, new_output
from nbgrader import utils

from autograder.errors import Unreadable, UsageError
from autograder.submissions.magics import neutralised
from autograder.submissions.reading import MAX_BYTES
from autograder.submissions.rebuilding import ADDED, BESIDE, read_submission, rebuild, sections
from autograder.submissions.slimming import slim

FILES = Path(__file__).parent / "files"
STUB = "def double(x):\n    raise NotImplementedError('double')"
DONE = "def double(x):\n    return 2 * x"
CHECK = "assert double(1) == 2"


def words(source: str, grade_id: str | None = None, **marks: Any) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata=marked(grade_id, marks))


def code(source: str, grade_id: str | None = None, **marks: Any) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata=marked(grade_id, marks))


def marked(grade_id: str | None, marks: dict[str, Any]) -> dict[str, Any]:
    return {"nbgrader": {"grade_id": grade_id, **marks}} if grade_id else {}


def template() -> NotebookNode:
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}, "title": "ours"},
        cells=[
            words("# Numbers"),
            code("import math", "imports", locked=True),
            words("## Doubling"),
            code(STUB, "double", solution=True),
            code(CHECK, "double_check", grade=True, locked=True, points=3),
            words("## Try it"),
            code("double(4)"),
            words("## Why?"),
            words("*Your answer*", "why", solution=True, grade=True, points=2),
        ],
    )
    for index, cell in enumerate(notebook.cells):
        cell.id = f"given-{index}"
    return notebook


def changed(**sources: str) -> NotebookNode:
    """A copy of the template with other sources for cells with these ids."""
    notebook = nbformat.from_dict(template())
    for cell in notebook.cells:
        if (name := cell.metadata.get("nbgrader", {}).get("grade_id")) in sources:
            cell.source = sources[name]
    return notebook


def ran(submission: NotebookNode) -> list[str]:
    """The sources of the rebuilt notebook's code cells."""
    return [
        cell.source
        for cell in rebuild(template(), submission).notebook.cells
        if cell.cell_type == "code"
    ]


def remarks(submission: NotebookNode) -> str:
    return "; ".join(rebuild(template(), submission).remarks)


@pytest.mark.parametrize(
    "name", ["nbformat_3", "without_cell_ids", "byte_order_mark", "crlf_in_source"]
)
def test_odd_but_readable(name: str) -> None:
    """Older formats, a byte order mark and Windows' line ends cost nothing."""
    cells = read_submission(FILES / f"{name}.ipynb").cells

    assert [
        (cell.source, cell.metadata.nbgrader.grade_id) for cell in cells if cell.cell_type == "code"
    ] == [(DONE, "double")]


def colab(notebook: dict[str, Any]) -> None:
    """Ids move into the metadata, under names of its own; the minor version is 0."""
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, cell in enumerate(notebook["cells"]):
        del cell["id"]
        cell["metadata"] |= {"id": f"xQ3{number}", "colab_type": "code", "outputId": "a1-b2"}
        cell["metadata"]["executionInfo"] = {"status": "ok", "user": {"displayName": "A"}}


def vs_code(notebook: dict[str, Any]) -> None:
    """No ids, the language of each cell, and a language_info of the kernel's."""
    notebook["nbformat_minor"] = 2
    notebook["metadata"] = {"language_info": {"name": "python", "version": "3.12.3"}}
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] |= {"vscode": {"languageId": "python"}}


def jupyterlab(notebook: dict[str, Any]) -> None:
    """Toggles, widgets, attachments and timings beside what was there."""
    notebook["metadata"] |= {"widgets": {"application/vnd.jupyter.widget-state+json": {}}}
    for cell in notebook["cells"]:
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "scrolled": True}
        cell["metadata"] |= {"execution": {"iopub.execute_input": "2026-03-20T10:00:00Z"}}
    notebook["cells"][0]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}


@pytest.mark.parametrize("save", [colab, vs_code, jupyterlab])
def test_saved_by_another_program(save: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    """What Colab, VS Code and JupyterLab or Notebook 7 write into a file changes no answer and
    causes no remark.
    """
    notebook = json.loads(nbformat.writes(changed(double=DONE, why="Because.")))
    save(notebook)
    path = tmp_path / "Copy of numbers (1).ipynb"
    path.write_text(json.dumps(notebook))

    rebuilt = rebuild(template(), read_submission(path))

    assert rebuilt == rebuild(template(), changed(double=DONE, why="Because."))
    assert rebuilt.remarks == ()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nbformat_5", "nbformat 5"),
        ("latin_1", "line 17, column 19"),
        ("utf_16", "UTF-16"),
        ("cut_off", "line 10, column 6"),
        ("nul_byte", "Invalid control character"),
        ("no_cells", "expected a list of «cells», found nothing"),
        ("a_list", "expected a JSON object, found a list"),
        ("cell_is_a_number", "cell 2 is a number"),
        ("empty", "is empty"),
        ("not_there", "No such file"),
    ],
)
def test_unreadable_says_where_and_what_to_do(name: str, says: str) -> None:
    """A file that is no notebook is refused with the place where it stops being one,
    and the way out.
    """
    with pytest.raises(Unreadable, match=says) as caught:
        read_submission(FILES / f"{name}.ipynb")

    assert "hand it in again" in str(caught.value).lower()


def test_lone_surrogates_are_replaced() -> None:
    """What can't be written as UTF-8 does not reach the rebuilt notebook."""
    cell = read_submission(FILES / "lone_surrogate.ipynb").cells[0]

    assert cell.source.endswith("# \ufffd")


def test_missing_fields_are_guessed() -> None:
    """Cells without a kind, metadata or source are still cells."""
    cells = read_submission(FILES / "missing_fields.ipynb").cells

    assert [(c.cell_type, c.source) for c in cells] == [
        ("code", "a = 1"),
        ("markdown", "words"),
        ("code", ""),
    ]


@pytest.mark.parametrize("make", ["link", "folder", "fifo"])
def test_only_regular_files(tmp_path: Path, make: str) -> None:
    """A link to another student's notebook, a folder or a pipe is not opened."""
    path = tmp_path / "a.ipynb"
    if make == "link":
        path.symlink_to(FILES / "without_cell_ids.ipynb")
    elif make == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)

    with pytest.raises(Unreadable, match="not a file"):
        read_submission(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 200_000, "nested too deeply"),
        ('{"nbformat": 4, "cells": [' + "1" * 5_000 + "]}", "digits"),
        (json.dumps({"nbformat": 4, "cells": [{}] * 2_001}), "2,001 cells"),
        (
            json.dumps({"nbformat": 4, "cells": [{"source": "x" * 1_100_000}]}),
            "1,100,000 characters",
        ),
        (" " * (33 * 1024 * 1024), "33 MiB"),
    ],
    ids=["deep", "long number", "many cells", "long cell", "large"],
)
def test_limits_before_anything_is_parsed(tmp_path: Path, text: str, says: str) -> None:
    """Depth, digits, cells, characters and bytes have limits."""
    path = tmp_path / "a.ipynb"
    path.write_text(text)

    with pytest.raises(Unreadable, match=says):
        read_submission(path)


@pytest.mark.slow
def test_outputs_are_dropped_whatever_their_size(tmp_path: Path) -> None:
    """As from a notebook without them: what is read is what the student wrote."""
    cell = code('text = "[{\\"outputs\\": [" # \\\\', "double", solution=True)
    cell.outputs = [
        new_output("stream", text="a line\n" * 3_000_000),
        new_output("display_data", data={"image/png": "A" * 20_000_000, "text/plain": "]}"}),
    ]
    notebook = new_notebook(cells=[cell, words("after")], metadata={"widgets": {"state": "}" * 9}})
    nbformat.write(notebook, tmp_path / "large.ipynb")
    cell.outputs = []
    nbformat.write(notebook, tmp_path / "small.ipynb")
    assert (tmp_path / "large.ipynb").stat().st_size > MAX_BYTES
    assert (
        read_submission(tmp_path / "large.ipynb").cells
        == read_submission(tmp_path / "small.ipynb").cells
    )


JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(['"outputs": [', "outputs", "\\"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["outputs", "source", "widgets", '"', "x" * 80]), inner)
    ),
)


def without_outputs(value: Any) -> Any:
    """What is left of a notebook as it is read when it is large."""
    if isinstance(value, list):
        return [without_outputs(item) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = {key for key in ("outputs", "widgets") if isinstance(value.get(key), list | dict)}
    return {key: [] if key in dropped else without_outputs(value[key]) for key in value}


@given(value=JSON, block=st.integers(1, 200), indent=st.sampled_from([None, 1]))
def test_large_notebooks_are_read_in_blocks(value: Any, block: int, indent: int | None) -> None:
    """Wherever a block ends, what is kept is JSON with as many lines."""
    text = json.dumps(value, indent=indent).encode()
    slimmed = slim(io.BytesIO(text), MAX_BYTES, block)
    assert json.loads(slimmed) == without_outputs(value)
    assert slimmed.count(b"\n") == text.count(b"\n")


def test_sections() -> None:
    """The common start, then a section for each task;
    one without a task belongs to the section before it.
    """
    assert [(section.task, section.cells) for section in sections(template())] == [
        (None, (0, 1)),
        ("double", (2, 3, 4, 5, 6)),
        ("why", (7, 8)),
    ]


def test_two_tasks_in_one_section() -> None:
    """A template whose tasks can't be told apart is refused, with their names."""
    cells = [words("## Both"), code("", "a", solution=True), code("", "b", solution=True)]

    with pytest.raises(UsageError, match="a and b"):
        sections(NotebookNode(cells=cells))


def test_untouched_submission_gives_the_template() -> None:
    """Nothing changed: the same sources and nothing to remark."""
    rebuilt = rebuild(template(), template())

    assert [cell.source for cell in template().cells] == [
        cell.source for cell in rebuilt.notebook.cells
    ]
    assert rebuilt.remarks == ()


def test_only_sources_come_from_the_student() -> None:
    """Metadata of cells and notebook, tags and outputs are the template's."""
    submission = changed(double=DONE)
    submission.metadata = NotebookNode(kernelspec={"name": "evil"})
    cell = submission.cells[3]
    cell.metadata.update(tags=["skip-execution"])
    cell.metadata.nbgrader.update(points=1000, locked=True, schema_version=99)
    cell.outputs = [nbformat.v4.new_output("stream", text="all tests passed")]

    notebook = rebuild(template(), submission).notebook

    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells[3].source == DONE
    assert template().cells[3].metadata == notebook.cells[3].metadata
    assert notebook.cells[3].outputs == []


def test_added_cells_keep_their_place() -> None:
    """Helpers and notes of the student's stay behind the cell
    that they stood behind, without metadata.
    """
    submission = changed(double=DONE)
    submission.cells.insert(3, code("two = 2", "made_up", solution=True))
    submission.cells.insert(4, words("## my notes"))

    rebuilt = rebuild(template(), submission)

    added = [cell for cell in rebuilt.notebook.cells if ADDED in cell.metadata]
    assert [cell.source for cell in added] == ["two = 2", "## my notes"]
    assert [cell.metadata for cell in added] == [{ADDED: True}] * 2
    assert [c.source for c in rebuilt.notebook.cells if c.cell_type == "code"][1:3] == [
        "two = 2",
        DONE,
    ]
    assert [section.task for section in rebuilt.sections[1:]] == ["double", "why"]


def test_given_cells_are_put_back() -> None:
    """A change to a check or a given cell is undone, and said so."""
    submission = changed(double_check="pass", imports="math = None")

    assert CHECK in ran(submission)
    assert "math = None" not in ran(submission)
    assert "double_check: this cell is given; your change to it was undone" in remarks(submission)
    assert "imports: this cell is given" in remarks(submission)


def test_cells_to_play_with_are_the_students() -> None:
    """A code cell of the template that is neither locked nor graded runs as the student left it."""
    submission = nbformat.from_dict(template())
    submission.cells[6].source = "double(5)"

    assert "double(5)" in ran(submission)
    assert "double(4)" not in ran(submission)


def test_words_in_a_cell_of_ours_are_kept_behind_it() -> None:
    """A remark typed into a given cell is not lost."""
    submission = changed(why="Because.")
    submission.cells[7].source = "## Why?\nNobody knows."

    texts = [cell.source for cell in rebuild(template(), submission).notebook.cells]
    assert texts[-3:] == ["## Why?", "## Why?\nNobody knows.", "Because."]


def answered(submission: NotebookNode) -> NotebookNode:
    """The rebuilt cell of the written answer, and that none of its words stands anywhere else."""
    cells = rebuild(template(), submission).notebook.cells
    (answer,) = (cell for cell in cells if cell.metadata.get("nbgrader", {}).get("points") == 2)
    assert [cell.source.count("Because") for cell in cells if "Because" in cell.source] == [1]
    return answer


def points(answer: NotebookNode) -> tuple[float | None, float]:
    """What nbgrader gives for it before a person looks: None where it waits for one."""
    answer.metadata.nbgrader.update(
        checksum=utils.compute_checksum(template().cells[8]), cell_type="markdown"
    )
    found: tuple[float | None, float] = utils.determine_grade(answer)
    return found


def without_the_answer(*others: NotebookNode, at: int = 8) -> NotebookNode:
    """A submission of which the cell of the written answer was deleted, others put in."""
    submission = changed()
    del submission.cells[8]
    submission.cells[at:at] = others
    return submission


@pytest.mark.parametrize(
    ("submission", "answer"),
    [
        (without_the_answer(words("Because.")), "Because."),
        (without_the_answer(words("Because."), words("Really.")), "Because.\n\nReally."),
        (without_the_answer(words("## Mine\nBecause.")), "## Mine\nBecause."),
        (without_the_answer(nbformat.v4.new_raw_cell("Because.")), "Because."),
        (without_the_answer(code("It doubles. Because.")), "    It doubles. Because."),
        (without_the_answer(code("# Because.")), "    # Because."),
        (without_the_answer(words("Because."), code("double(9)")), "Because."),
        (without_the_answer(words("Because."), words("", "another")), "Because."),
    ],
    ids=["one", "two", "heading", "raw", "code", "comment", "with code", "with an empty one"],
)
def test_words_in_the_place_of_a_deleted_answer_are_the_answer(
    submission: NotebookNode, answer: str
) -> None:
    """Whatever the kind of their cell; that is said, and a person marks them."""
    found = answered(submission)
    assert (found.source, found.cell_type) == (answer, "markdown")
    assert points(found) == (None, 2)
    assert "why: your cell was missing; the words in its place are your answer" in remarks(
        submission
    )
    rebuilt = rebuild(template(), submission)
    assert [section.task for section in rebuilt.sections] == [None, "double", "why"]
    assert ("double(9)" in ran(submission)) == any("9" in c.source for c in submission.cells)


@pytest.mark.parametrize("ids", [True, False], ids=["with cell ids", "without any id"])
def test_an_answer_without_its_metadata_is_recovered(ids: bool) -> None:
    """As solutions in code are."""
    submission = changed(why="Because.", double=DONE)
    for cell in submission.cells:
        cell.metadata = NotebookNode()
        if not ids:
            del cell["id"]

    assert answered(submission).source == "Because."
    assert DONE in ran(submission)


@pytest.mark.parametrize("place", [8, 9], ids=["above", "below"])
def test_words_beside_an_untouched_answer_are_shown_in_it(place: int) -> None:
    """Set apart, and the cell waits for a person: nbgrader gives nothing for an untouched one."""
    submission = changed()
    submission.cells.insert(place, words("Because."))

    answer = answered(submission)
    assert answer.source == f"*Your answer*\n\n---\n\n{BESIDE}\n\nBecause."
    assert points(answer) == (None, 2)
    assert "why: your words beside this cell, which is as it was, are shown in it" in remarks(
        submission
    )


def test_an_answer_in_the_cell_of_the_question_is_shown_in_its_own() -> None:
    """Below the question, or in its place; another wording of the question is no answer."""
    below, instead = changed(), changed()
    below.cells[7].source = "## Why?\nBecause."
    instead.cells[7].source = "Because."
    for submission in (below, instead):
        assert points(answered(submission)) == (None, 2)

    longer = template()
    longer.cells[7].source = "## Why?\nIn one sentence."
    older = changed()
    older.cells[7].source = "## Why?\nIn a sentnce."
    answer = rebuild(longer, older).notebook.cells[-1]
    assert answer.source == "*Your answer*"
    assert points(answer) == (0, 2)


def test_an_answer_and_more_words_below_stay_apart() -> None:
    """The cell below is the student's own, as other added ones are."""
    submission = changed(why="Because.")
    submission.cells.append(words("And more."))

    texts = [cell.source for cell in rebuild(template(), submission).notebook.cells]
    assert texts[-2:] == ["Because.", "And more."]


def test_without_any_words_an_answer_is_as_released() -> None:
    """Whether its cell is there or not; nbgrader decides as ever."""
    answer = rebuild(template(), changed()).notebook.cells[-1]
    assert (answer.source, points(answer)) == ("*Your answer*", (0, 2))
    assert remarks(without_the_answer()) == (
        "why: your cell was missing; the untouched cell stands in its place"
    )


def test_missing_solution_cell_is_the_stub() -> None:
    """A deleted cell costs its task only."""
    submission = changed(why="Because.")
    del submission.cells[3]

    assert STUB in ran(submission)
    assert "double: your cell was missing" in remarks(submission)


def test_order_does_not_matter() -> None:
    """Cells that were moved around are found by their ids."""
    submission = changed(double=DONE)
    submission.cells.reverse()

    assert ran(changed(double=DONE)) == ran(submission)


@pytest.mark.parametrize("ids", [True, False], ids=["with cell ids", "without any id"])
def test_solution_cell_without_its_metadata_is_recovered(ids: bool) -> None:
    """Stripped metadata do not cost the task:
    the cell is the one that defines what the stub defines.
    """
    submission = changed(double="two = 2\n" + DONE)
    for cell in submission.cells:
        cell.metadata = NotebookNode()
        if not ids:
            del cell["id"]

    assert ran(submission) == ["import math", "two = 2\n" + DONE, CHECK, "double(4)"]


def test_untouched_copy_before_the_answer() -> None:
    """Of cells with one id, the first that was worked on counts."""
    submission = changed()
    submission.cells.insert(5, code(DONE, "double"))
    submission.cells.insert(6, code("def double(x):\n    return 3", "double"))

    assert ran(submission).count(DONE) == 1
    assert not any("return 3" in source for source in ran(submission))
    assert "double: 3 cells carried this id; the first that was worked on counts" in remarks(
        submission
    )


def test_halves_of_a_split_cell_both_run() -> None:
    """Splitting a cell copies its id to both halves; none of them is lost."""
    submission = changed(double="def helper(x):\n    return 2 * x")
    submission.cells.insert(4, code("double = helper", "double"))

    assert ran(submission)[1:3] == ["def helper(x):\n    return 2 * x", "double = helper"]


WRONG = "def double(x):\n    return 3 * x"


def inserted(submission: NotebookNode, at: int, *cells: NotebookNode) -> NotebookNode:
    """The submission with these cells in it."""
    submission.cells[at:at] = cells
    return submission


def without_marks(submission: NotebookNode) -> NotebookNode:
    """The submission as Colab saves copied cells."""
    for cell in submission.cells:
        cell.metadata = NotebookNode()
        cell.pop("id", None)
    return submission


@pytest.mark.parametrize(
    "copy",
    [
        nbformat.v4.new_raw_cell(WRONG, metadata=marked("double", {})),
        words(f"My plan:\n```python\n{WRONG}\n```", "double"),
    ],
    ids=["raw", "words"],
)
@pytest.mark.parametrize("at", [3, 4], ids=["above", "below"])
def test_a_copy_made_text_is_not_what_ran(copy: NotebookNode, at: int) -> None:
    """Of cells with one id those of the template's kind count; the text stays, as text."""
    submission = inserted(changed(double=DONE), at, copy)

    assert ran(submission) == ran(changed(double=DONE))
    assert remarks(submission) == ""
    kept = [
        cell for cell in rebuild(template(), submission).notebook.cells if ADDED in cell.metadata
    ]
    assert [(cell.cell_type, cell.source) for cell in kept] == [(copy.cell_type, copy.source)]


@pytest.mark.parametrize("at", [3, 5], ids=["above the check", "below it"])
def test_of_two_attempts_without_marks_the_last_counts(at: int) -> None:
    """All cells run in the student's order, as they did from top to bottom."""
    submission = changed()
    del submission.cells[3]
    inserted(submission, at - (at > 3), code("two = 2"), code(WRONG), code(DONE), code("double(7)"))

    sources = ran(without_marks(submission))
    own = [source for source in sources if source in ("two = 2", WRONG, DONE, "double(7)")]
    assert own == ["two = 2", WRONG, DONE, "double(7)"]
    notebook = rebuild(template(), submission).notebook
    assert DONE in [
        c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")
    ]


@pytest.mark.parametrize("stub", [True, False], ids=["stub left", "stub deleted"])
@pytest.mark.parametrize(
    "given",
    [{"imports": f"import math\n\n{DONE}"}, {"double_check": f"{DONE}\n\n{CHECK}"}],
    ids=["above", "check"],
)
def test_an_answer_in_a_given_cell_is_taken_from_there(given: dict[str, str], stub: bool) -> None:
    """Where its own cell holds none; the given cell is the template's, and nothing runs twice."""
    submission = changed(**given)
    if not stub:
        del submission.cells[3]
    if stub and "imports" in given:  # of another section, whose answer the stub undoes
        assert DONE not in ran(submission)
        return

    assert ran(submission) == ran(changed(double=DONE))
    (name,) = given
    assert remarks(submission) == (
        f"double: your answer stood in the given cell {name} and was taken from there"
    )


def test_an_answer_is_not_replaced_by_what_a_given_cell_defines() -> None:
    """The change to the check is undone, as ever; nor is a given definition an answer."""
    submission = changed(double=WRONG, double_check=f"{DONE}\n{CHECK}")
    assert ran(submission) == ran(changed(double=WRONG))
    assert "your change to it was undone" in remarks(submission)

    defining = template()
    defining.cells[4].source = f"{DONE}\n{CHECK}"
    slightly = nbformat.from_dict(defining)
    slightly.cells[4].source += "  # mine"
    rebuilt = rebuild(defining, slightly)
    assert [rebuilt.notebook.cells[n].source for n in (3, 4)] == [STUB, f"{DONE}\n{CHECK}"]


@pytest.mark.parametrize("at", [1, 2], ids=["above", "below"])
def test_a_copy_beside_an_untouched_given_cell_is_the_students(at: int) -> None:
    """What they wrote into it runs as any added cell does; a copy as it was runs once."""
    helper, copy = code("two = 2", "imports", locked=True), code("import math", "imports")
    submission = inserted(changed(double=DONE), at, helper, copy)

    assert sorted(ran(submission)) == sorted([*ran(changed(double=DONE)), "two = 2"])
    assert remarks(submission) == ""


@pytest.mark.parametrize("at", [3, 4], ids=["above", "below"])
def test_a_stub_that_was_switched_off_is_not_switched_on(at: int) -> None:
    """A stub made text does not undo an answer in a new cell; without one it is the stub."""
    submission = changed()
    submission.cells[3] = nbformat.v4.new_raw_cell(STUB, metadata=marked("double", {}))
    assert STUB in ran(submission)

    assert ran(inserted(submission, at, code(DONE))) == ran(changed(double=DONE))


def two_tasks() -> NotebookNode:
    notebook = template()
    notebook.cells += [
        words("## Halving"),
        code("half = None  # yours", "half", solution=True),
        code("assert half(2) == 1", "half_check", grade=True, locked=True, points=1),
    ]
    return notebook


@pytest.mark.parametrize("command", ["", "%matplotlib inline\n"], ids=["Python", "a command too"])
def test_a_stub_does_not_undo_an_answer_above(command: str) -> None:
    """Two answers in one cell: the deleted cell of the second stays empty."""
    both = f"{command}{DONE}\n\nhalf = lambda x: x / 2"
    submission = two_tasks()
    submission.cells[3].source = both
    del submission.cells[10]

    rebuilt = rebuild(two_tasks(), submission)
    assert [rebuilt.notebook.cells[n].source for n in (3, 10)] == [both, ""]
    assert rebuilt.remarks == (
        "half: your cell was missing; what it is to define stands in another cell of yours",
    )


def test_everything_in_one_cell_runs_once() -> None:
    """As after «save as Python» and back: no stub is put over an answer."""
    whole = f"import math\n\n{DONE}\n\n{CHECK}\n\ndef half(x):\n    return x / 2"
    rebuilt = rebuild(two_tasks(), nbformat.v4.new_notebook(cells=[code(whole)]))

    cells = [cell.source for cell in rebuilt.notebook.cells if cell.cell_type == "code"]
    assert cells == ["import math", whole, CHECK, "double(4)", "", "assert half(2) == 1"]


def test_a_script_is_parted_at_its_marks() -> None:
    """As «save as Python» writes them: cells are recognised by what stands in them."""
    parts = ["#!/usr/bin/env python\n# # Numbers", "import math\n\n# ## Doubling", DONE, CHECK]
    script = "\n\n\n# In[ ]:\n\n\n".join([*parts, "double(5)"])
    submission = nbformat.v4.new_notebook(cells=[code(script)])

    assert ran(submission) == ["import math", DONE, CHECK, "double(5)", "double(4)"]
    once = code(f"# In[3]:\n{DONE}")
    assert once.source in ran(nbformat.v4.new_notebook(cells=[once]))
    longer = changed(double=f"# In[3]:\nx = 1\n# In[4]:\n{DONE}")
    longer.cells += [words("more")] * 9
    assert longer.cells[3].source in ran(longer)


@pytest.mark.parametrize(
    ("call", "runs"),
    [
        ("get_ipython().system('pip install -q numpy')", "pass  # !pip install -q numpy\n"),
        ("get_ipython().run_line_magic('pip', 'install numpy')", "pass  # %pip install numpy\n"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "%matplotlib inline"),
        ("names = get_ipython().getoutput('ls')", "names = []  # !ls\n"),
        ("if True:\n    get_ipython().system('ls')", "if True:\n    pass  # !ls\n"),
        ("get_ipython().system(command)", "get_ipython().system(command)"),
        ("get_ipython().system({[]})", "get_ipython().system({[]})"),
        ("get_ipython().system('a\\nb')", "get_ipython().system('a\\nb')"),
    ],
)
def test_commands_that_became_calls_are_commands(call: str, runs: str) -> None:
    """As «save as Python» writes them: what does not run here ends no cell."""
    assert runs in ran(changed(double=call))


def test_a_stub_is_put_back_where_its_names_stand_below_or_in_part() -> None:
    """What is defined after its place does not help its questions."""
    submission = two_tasks()
    submission.cells[10].source = f"half = 1\n{DONE}"
    del submission.cells[3]
    assert rebuild(two_tasks(), submission).notebook.cells[3].source == STUB

    longer = two_tasks()
    longer.cells[10].source = "half = None\nthird = None"
    submission = nbformat.from_dict(longer)
    submission.cells[3].source = f"{DONE}\nhalf = 1"
    del submission.cells[10]
    assert rebuild(longer, submission).notebook.cells[10].source == "half = None\nthird = None"


def test_imports_added_to_a_given_cell_run_behind_it() -> None:
    """And nothing else of the change; none can take a name that a given cell gives."""
    submission = changed(
        double=DONE,
        imports="%matplotlib inline\nfrom functools import partial, reduce as r\n"
        "import math, os.path\nimport numpy as math\nfrom os import *\nfrom . import there\n"
        "import math.more\ndata = 1",
    )
    kept = ["from functools import partial", "from functools import reduce as r", "import os.path"]

    assert ran(submission) == [
        "import math",
        *kept,
        "import math.more",
        *ran(changed(double=DONE))[1:],
    ]
    assert remarks(submission) == (
        "imports: this cell is given; your change to it was undone, "
        "but the imports that you added run behind it"
    )
    many = changed(imports="\n".join(f"import a{number}" for number in range(3_000)))
    assert len(ran(many)) == len(ran(changed())) + 40


def test_kind_of_a_solution_cell_is_the_templates() -> None:
    """A solution that became markdown by a slip of the hand is read as code."""
    submission = changed()
    submission.cells[3] = words(DONE, "double")

    assert DONE in ran(submission)
    assert "double: your cell had become a markdown cell" in remarks(submission)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%%bash\nrm -r .", "# %%bash\n# rm -r ."),
        ("\n%%javascript\nalert(1)", "# %%javascript\n# alert(1)"),
        ("if x:\n    !ls", "if x:\n    pass  # !ls\n"),
        ("names = !ls", "names = []  # !ls\n"),
        ("names = %sx ls", "names = []  # %sx ls\n"),
        ("here = %cd /", "here = None  # %cd /\n"),
        ("%reset -f", "pass  # %reset -f\n"),
        ("%load_ext tensorboard", "pass  # %load_ext tensorboard\n"),
        ("%matplotlib widget", "pass  # %matplotlib widget\n"),
        ("%matplotlib inline # here", "pass  # %matplotlib inline # here\n"),
        ("%config SqlMagic.feedback = 0", "pass  # %config SqlMagic.feedback = 0\n"),
        ("%memit f()", "pass  # %memit f()\n"),
        ("%mprun -f f f()", "pass  # %mprun -f f f()\n"),
        ("%lprun -f f f()", "pass  # %lprun -f f f()\n"),
        ("%%time\n!ls\nx = 1", "%%time\npass  # !ls\nx = 1"),
        ("!ls \\\n  -l\nx = 1", "pass  # !ls \\\n#   -l\nx = 1"),
    ],
)
def test_commands_to_other_languages_become_comments(source: str, expected: str) -> None:
    """The shell, JavaScript and what clears the namespace do not run,
    wherever they stand; a remark says so.
    """
    assert expected == neutralised(source)[0]
    assert "does not run here" in neutralised(source)[1][0]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 5 % 3",
        "%%time\nx = 1",
        "t = %time f()",
        "'''\n!not a command\n'''",
        "x = (1\n",
        "f(a != b)",
        "%load_ext autoreload\n%autoreload 2",
        "%reload_ext autoreload",
        "%matplotlib",
        "%config InlineBackend.figure_format = 'retina'",
    ],
)
def test_harmless_commands_stay(source: str) -> None:
    """What only helps a notebook, and what is no command at all, stays as it is."""
    assert (source, []) == neutralised(source)


_CELL = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw"]),
        "source": st.sampled_from(
            [
                DONE,
                STUB,
                CHECK,
                "",
                "## Doubling",
                "%%bash\nls",
                "x = (",
                "double = 3",
                "\x00",
                f"{DONE}\n{CHECK}",
                f"import math\n{DONE}",
                "import os\nimport os as math",
            ]
        ),
        "grade_id": st.sampled_from([None, "double", "double_check", "why", "imports", "foreign"]),
    }
)


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(_CELL, max_size=12))
def test_no_submission_is_fatal(cells: list[dict[str, Any]]) -> None:
    """Whatever cells there are, each task keeps its section,
    and the given cells are the template's.
    """
    make = {"code": nbformat.v4.new_code_cell, "markdown": words, "raw": nbformat.v4.new_raw_cell}
    submission = NotebookNode(cells=[make[c["cell_type"]](c["source"]) for c in cells])
    for cell, drawn in zip(submission.cells, cells, strict=True):
        cell.metadata = NotebookNode(marked(drawn["grade_id"], {"solution": True}))

    rebuilt = rebuild(template(), submission)

    assert [section.task for section in rebuilt.sections] == [None, "double", "why"]
    assert list(range(len(rebuilt.notebook.cells))) == [
        i for section in rebuilt.sections for i in section.cells
    ]
    sources = {
        c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in rebuilt.notebook.cells
    }
    assert (sources["double_check"], sources["imports"]) == (CHECK, "import math")
    nbformat.validate(rebuilt.notebook)
