"""nbgrader with our stages inside: its commands give the verdict's points,
and everything else is as it knows it.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from toy import RIGHT, grade_here, grades, hand_in, metadata, scores, toy_course, write

from autograder.course import Course, read_assignment
from autograder.grading.address import course_directory, nbgrader_config
from autograder.grading.gradebook import import_verdicts

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's use of it

FULL = {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The toy course, its release made by nbgrader."""
    return toy_course(tmp_path)


def autograde(course: Course, student: str = "*", **settings: object) -> None:
    """`nbgrader autograde toy --force`, by nbgrader's own converter;
    the rooms stay closed, verdicts are stored.
    """
    config = nbgrader_config(course)
    for name, value in settings.items():
        config.LateSubmissionPlugin[name] = value
    directory = course_directory(course, config)
    directory.assignment_id, directory.student_id = "toy", student
    Autograde(coursedir=directory, config=config).start()


def test_points_are_the_verdicts(course: Course) -> None:
    """Each check cell gets what its task earned."""
    hand_in(course, "alice", RIGHT)
    hand_in(course, "carol", {**RIGHT, "double": "def double(x):\n    return 3 * x\n"})
    for student in ("alice", "carol"):
        grade_here(course, student)
    autograde(course)
    assert scores(course, "alice") == FULL
    assert scores(course, "carol") == {"double_check": 2.0, "triple_check": 0.0, "why": 0.0}


def test_what_is_printed_to_stderr_never_changes_a_score(course: Course) -> None:
    """Nbgrader itself takes one line there for a failure."""
    hand_in(
        course,
        "alice",
        {**RIGHT, "double": f"import sys\nprint('W0000', file=sys.stderr)\n{RIGHT['double']}"},
    )
    grade_here(course, "alice")
    autograde(course)
    assert scores(course, "alice") == FULL


def test_printed_numbers_and_forged_outputs_never_change_a_score(course: Course) -> None:
    """Nbgrader itself reads the points off an output; here outputs are only shown."""
    path = hand_in(course, "mallory", {"double": "print(8)\n8"})
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                nbformat.v4.new_output("execute_result", {"text/plain": "8"}, execution_count=1)
            ]
    write(path, notebook)
    grade_here(course, "mallory")
    autograde(course)
    assert scores(course, "mallory") == {"double_check": 0.0, "triple_check": 0.0, "why": 0.0}


def test_both_routes_give_the_same_scores_cell_by_cell(course: Course) -> None:
    """`nbgrader autograde` and the import of `autograder grade` are one engine."""
    sources = {
        "alice": RIGHT,
        "bob": None,
        "carol": {**RIGHT, "triple": "def triple(x):\n    return x\n"},
    }
    for student, cells in sources.items():
        hand_in(course, student, cells)
        grade_here(course, student)
    fresh = course.gradebook.read_bytes()
    autograde(course)
    by_nbgrader = {student: scores(course, student) for student in sources}
    course.gradebook.write_bytes(fresh)
    assert import_verdicts(course, read_assignment(course, "toy"), sources) == {}
    assert {student: scores(course, student) for student in sources} == by_nbgrader


def test_a_manual_score_survives_regrading_and_asks_to_be_looked_at(course: Course) -> None:
    """As nbgrader users know it."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    autograde(course)
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        gradebook.find_grade("double_check", "toy", "toy", "alice").manual_score = 5
        gradebook.find_grade("why", "toy", "toy", "alice").manual_score = 4
        gradebook.find_comment("double", "toy", "toy", "alice").manual_comment = "Well done."
        gradebook.db.commit()
    autograde(course)
    assert scores(course, "alice") == {"double_check": 5.0, "triple_check": 2.0, "why": 4.0}
    assert grades(course, "alice")["double_check"].needs_manual_grade
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        assert gradebook.find_comment("double", "toy", "toy", "alice").comment == "Well done."


def test_words_of_a_written_answer_wait_for_a_person(course: Course) -> None:
    """Also where its cell was deleted or left as it was; who wrote nothing has nothing to wait
    for.
    """
    code = {"double": RIGHT["double"], "triple": RIGHT["triple"]}
    for student in ("alice", "bob", "carol"):
        path = hand_in(course, student, code)
        notebook = nbformat.read(path, as_version=4)
        if student != "carol":
            notebook.cells.append(nbformat.v4.new_markdown_cell("Because <b>it</b> is so."))
        if student == "bob":
            del notebook.cells[-2]
        write(path, notebook)
        grade_here(course, student)
    autograde(course)
    waits = {one: grades(course, one)["why"].needs_manual_grade for one in ("alice", "bob")}
    assert waits == {"alice": True, "bob": True}
    assert not grades(course, "carol")["why"].needs_manual_grade
    for student in waits:
        path = course.root / "autograded" / student / "toy" / "toy.ipynb"
        (cell,) = (c for c in nbformat.read(path, as_version=4).cells if "is so." in c.source)
        assert cell.metadata.nbgrader.grade_id == "why"
        assert cell.metadata.autograder.text == "student"  # so that pages escape it


def test_late_penalties_are_nbgraders(course: Course) -> None:
    """With the method `zero`, who hands in late loses everything; the scores of the cells stay."""
    due = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        gradebook.update_or_create_assignment("toy", duedate=due.replace(tzinfo=None))
    for student, seconds in (("alice", 0), ("bob", 1)):
        path = hand_in(course, student, RIGHT)
        path.with_name("timestamp.txt").write_text((due + timedelta(seconds=seconds)).isoformat())
        grade_here(course, student)
    autograde(course, penalty_method="zero")
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        lost = {
            s: gradebook.find_submission("toy", s).late_submission_penalty for s in ("alice", "bob")
        }
    assert lost == {"alice": 0, "bob": 10.0}
    assert scores(course, "bob") == FULL


def test_an_unreadable_submission_stops_nobody_and_waits_for_a_person(course: Course) -> None:
    """Its student is in the gradebook with a status, and without a silent zero."""
    hand_in(course, "alice", RIGHT)
    hand_in(course, "aaron").write_bytes(b'{"cells": [\xff')
    for student in ("aaron", "alice"):
        grade_here(course, student)
    autograde(course)
    assert scores(course, "alice") == FULL
    assert metadata(course, "aaron")["status"] == "unreadable"
    held = grades(course, "aaron")
    assert {
        name: (row.auto_score, row.needs_manual_grade) for name, row in held.items()
    } == dict.fromkeys(held, (None, True))


def test_locked_cells_are_restored_and_that_is_said(course: Course) -> None:
    """The check in the autograded notebook is the course's, whatever the student made of it."""
    path = hand_in(course, "alice", {**RIGHT, "double_check": "print('passed, 8 points')"})
    grade_here(course, "alice")
    autograde(course)
    notebook = nbformat.read(course.root / "autograded/alice/toy/toy.ipynb", as_version=4)
    check = next(
        c
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade_id") == "double_check"
    )
    assert "callable(double)" in check.source
    assert "passed, 8 points" in path.read_text()
    assert any("double_check" in remark for remark in metadata(course, "alice")["remarks"])


def test_a_check_that_can_not_be_judged_waits_for_a_person(course: Course) -> None:
    """What the other checks of the task earned is kept;
    nothing is given or taken for the broken one, nor for a task that needs this one.
    """
    hand_in(course, "alice", RIGHT)
    double, triple = (course.graders / "toy" / f"{name}.py" for name in ("double", "triple"))
    double.write_text(
        double.read_text().replace('expect(answers.values("none") == [0]', "expect(1 / 0")
    )
    needing = triple.read_text().replace("def test_", '@needs("double")\ndef test_')
    triple.write_text(needing.replace("Answers, expect", "Answers, expect, needs"))
    assert grade_here(course, "alice").status == "needs_review"
    autograde(course)
    rows = grades(course, "alice")
    found = {name: (rows[name].auto_score, rows[name].needs_manual_grade) for name in rows}
    assert found["double_check"] == (6.0, True)
    assert found["triple_check"] == (None, True)


def test_nothing_rich_from_a_student_reaches_the_autograded_notebook(course: Course) -> None:
    """Only text and pixels of the outputs do; the formgrader shows this notebook to a person."""
    hand_in(course, "mallory", RIGHT)
    grade_here(course, "mallory")
    executed = course.run_dir("toy", "mallory") / "executed.ipynb"
    notebook = nbformat.read(executed, as_version=4)
    evil = {"text/html": "<script>1</script>", "text/plain": "plain", "application/javascript": "1"}
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", evil)]
    write(executed, notebook)
    autograde(course)
    found = nbformat.read(course.root / "autograded/mallory/toy/toy.ipynb", as_version=4)
    assert found.cells[1].outputs[0].data == {"text/plain": "plain"}


def test_nothing_beside_a_submitted_notebook_is_copied(course: Course) -> None:
    """A link to the gradebook would hand everybody's grades to its student with the feedback; hard
    links, pipes, sockets and large files are left where they are, too.
    """
    folder = hand_in(course, "mallory", RIGHT).parent
    (folder / "data.db").symlink_to(course.gradebook)
    (folder / "deep").mkdir()
    (folder / "deep" / "other.ipynb").symlink_to(course.template("toy"))
    (folder / "all").symlink_to(course.root)
    os.link(course.gradebook, folder / "hard.db")
    os.mkfifo(folder / "pipe")
    (folder / "notes.txt").write_text("mine")
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    grade_here(course, "mallory")
    assert import_verdicts(course, read_assignment(course, "toy"), ["mallory"]) == {}
    for stage in ("autograded", "feedback"):
        found = sorted(path.name for path in (course.root / stage / "mallory").rglob("*"))
        of_ours = {"autograded": ["toy.ipynb"], "feedback": ["submission_secret.txt", "toy.html"]}
        assert found == sorted(["timestamp.txt", "toy", *of_ours[stage]]), stage


@pytest.mark.parametrize("what", ["the notebook", "the folder"])
def test_a_link_to_anothers_work_is_no_submission(course: Course, what: str) -> None:
    """Neither a linked notebook nor a linked folder is read."""
    path = hand_in(course, "alice", RIGHT)
    own = course.submission("toy", "mallory")
    if what == "the notebook":
        own.parent.mkdir(parents=True)
        own.symlink_to(path)
    else:
        own.parent.parent.mkdir(parents=True)
        own.parent.symlink_to(path.parent)
    verdict = grade_here(course, "mallory")
    assert (verdict.status, verdict.score) == ("unreadable", 0.0)
    assert "is a link" in verdict.remarks[0]


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "no time", "no date", "large"])
def test_when_it_was_handed_in_is_read_with_suspicion(course: Course, what: str) -> None:
    """What leads elsewhere is not followed, a pipe is not waited for, and what is no time stops
    nobody: then it is not known when it was, and the instructor is told.
    """
    stamp = hand_in(course, "mallory", RIGHT).with_name("timestamp.txt")
    if what == "link":
        stamp.symlink_to(course.root / "course.toml")
    elif what == "pipe":
        os.mkfifo(stamp)
    elif what == "folder":
        stamp.mkdir()
    else:
        texts = {"no time": "yesterday", "no date": "0001-01-01 00:00 +14:00", "large": "9" * 2000}
        stamp.write_text(texts[what])
    verdict = grade_here(course, "mallory")
    assert import_verdicts(course, read_assignment(course, "toy"), ["mallory"]) == {}
    assert scores(course, "mallory")["double_check"] == 8.0
    copied = course.root / "autograded/mallory/toy/timestamp.txt"
    assert copied.exists() == (what in {"no time", "no date"})
    assert any("when it was handed in is not known" in one for one in verdict.incidents) != (
        copied.exists()
    )


@pytest.mark.slow
def test_feedback_and_export_are_nbgraders_commands(course: Course) -> None:
    """They run as its manual says, from the command line."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    autograde(course)
    run(course, "generate_feedback", "toy")
    run(course, "export")
    assert (course.root / "feedback/alice/toy/toy.html").exists()
    assert ",alice," in (course.root / "grades.csv").read_text()


@pytest.mark.slow
def test_validate_does_not_take_stderr_for_a_failure(course: Course, tmp_path: Path) -> None:
    """TensorFlow writes there whenever it starts."""
    path = hand_in(
        course, "alice", {**RIGHT, "double_check": "import sys\nprint('W0000', file=sys.stderr)"}
    )
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).pop("checksum", None)
    write(path, notebook)
    assert "Success" in run(course, "validate", str(path.relative_to(tmp_path)))


@pytest.mark.slow
def test_nbgrader_stops_at_a_broken_configuration_where_it_is_told_to(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself it goes on without our rooms; docs/operator.md names the variable."""
    ran = course.root / "ran"
    hand_in(course, "alice", {"double": f"open({str(ran)!r}, 'w').close()"})
    (course.root / "nbgrader_config.py").write_text("def (:\n")
    monkeypatch.setenv("TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR", "1")
    with pytest.raises(AssertionError, match="SyntaxError"):
        run(course, "autograde", "toy")
    assert not ran.exists()


def run(course: Course, *arguments: str) -> str:
    """An nbgrader command in the course's folder, without the virtual environment on the path."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, cwd=course.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_new_gradebook_is_filled_from_the_source_and_the_release_stays(course: Course) -> None:
    """Whoever grades a fresh clone need not generate the assignment first."""
    course.gradebook.unlink()
    before = course.template("toy").stat().st_mtime_ns
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    assert import_verdicts(course, read_assignment(course, "toy"), ["alice"]) == {}
    assert scores(course, "alice") == FULL
    assert course.template("toy").stat().st_mtime_ns == before


def test_what_is_imported_already_is_left_alone(course: Course) -> None:
    """The second import touches neither notebook nor page; a new verdict does."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    assignment = read_assignment(course, "toy")
    page = course.root / "feedback/alice/toy/toy.html"
    import_verdicts(course, assignment, ["alice"])
    first = page.stat().st_mtime_ns
    import_verdicts(course, assignment, ["alice"])
    assert page.stat().st_mtime_ns == first
    hand_in(course, "alice", {"double": RIGHT["double"]})
    grade_here(course, "alice")
    import_verdicts(course, assignment, ["alice"])
    assert scores(course, "alice")["double_check"] == 8.0
    assert page.stat().st_mtime_ns != first


def test_the_formgraders_page_shows_a_students_html_as_text(course: Course) -> None:
    """A person marks written answers there, logged in as the instructor; code that takes for ever
    to be coloured as a line for the shell is plain.
    """
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    hand_in(
        course,
        "mallory",
        {
            **RIGHT,
            "why": "<script>steal()</script>\n\n<img src=x onerror=steal()>",
            "double": RIGHT["double"] + "\nx = 1 !$'" + 40 * "\\00",
        },
    )
    grade_here(course, "mallory")
    autograde(course)
    config = nbgrader_config(course)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = dict.fromkeys(
        ["assignment_id", "notebook_id", "submission_id", "base_url", "student"], "toy"
    )
    page, _ = HTMLExporter(config=config).from_filename(
        str(course.root / "autograded/mallory/toy/toy.ipynb"),
        resources={**resources, "index": 0, "total": 1},
    )
    assert "steal()" in page
    assert "<script>steal" not in page
    assert "<img src=x" not in page
    assert '<img src="x"' not in page


def test_feedback_pages_are_written_by_generate_feedback_itself(course: Course) -> None:
    """With a remark for the student about what was put right, and the table under the check."""
    hand_in(
        course,
        "alice",
        {**RIGHT, "double_check": "pass", "triple": "def triple(x):\n    return x\n"},
    )
    grade_here(course, "alice")
    autograde(course)
    config = nbgrader_config(course)
    directory = course_directory(course, config)
    directory.assignment_id = "toy"
    GenerateFeedback(coursedir=directory, config=config).start()
    page = (course.root / "feedback/alice/toy/toy.html").read_text()
    assert "your change to it was undone" in page
    assert "Three times the number comes back." in page
    assert json.dumps("expected")[1:-1] in page
