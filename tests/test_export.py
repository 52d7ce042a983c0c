"""`autograder export` and `nbgrader export` on a class that is really graded: by our stages, by a
person, with a late penalty.
"""

import csv
import dataclasses
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from downloads import DUE, canvas_gradebook, learners, moodle_worksheet, plain_roster
from limits import largest_file
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from test_nbgrader_bridge import run
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.cli.main import main
from autograder.course import Course, find_course, read_assignment
from autograder.files import contents, digest_of_file
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts, set_due_date
from autograder.grading.grades import Mark, read_grades
from autograder.lms.filling import Wish
from autograder.lms.giving import Given, for_csv, write_given
from autograder.nbgrader_bridge.exporting import ChecksExportPlugin
from autograder.records import Verdict, to_json

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

CLASS = learners(40)
RIGHT_, WRONG, LATE, CHANGED, UNMARKED, BROKEN, UNREAD, NEW, MORE = (x.login for x in CLASS[:9])
GRADED = (RIGHT_, WRONG, LATE, CHANGED, MORE)
FINAL = {RIGHT_: 14.0, WRONG: 3.5, LATE: 13.0, CHANGED: 11.5, MORE: 10.0}
CANVAS = ("--canvas", "{}/gradebook.csv", "--roster", "{}/roster.csv")
MOODLE = ("--moodle", "{}/Grades-Toy-31.csv", "--roster", "{}/roster.csv")
TWO_POINTS = """
from nbgrader.plugins import LateSubmissionPlugin

class TwoPoints(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0

get_config().AssignLatePenalties.plugin_class = TwoPoints
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Nine of forty have handed in: five are done, four wait for one reason each."""
    course = toy_course(tmp_path_factory.mktemp("graded"))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(TWO_POINTS)
    set_due_date(course, read_assignment(course, "toy"), DUE)
    wrong = RIGHT | {"double": "def double(x):\n    return x + 2\n"}
    cells = {WRONG: wrong, MORE: {name: RIGHT[name] for name in ("double", "triple")}}
    for student in (*GRADED, UNMARKED, BROKEN, UNREAD, NEW):
        path = hand_in(course, student, cells.get(student, RIGHT))
        when = DUE + timedelta(hours=1 if student == LATE else -1)
        path.with_name("timestamp.txt").write_text(when.isoformat())
        if student == UNREAD:
            path.write_text("no notebook")
        if student != NEW:
            verdict = grade_here(course, student)
        if student == BROKEN:
            _break(course, verdict)
    everyone = [*GRADED, UNMARKED, BROKEN, UNREAD]
    assert import_verdicts(course, read_assignment(course, "toy"), everyone) == {}
    _mark(course)
    assert "the points it is taken off changed" in read_grades(course, "toy").students[LATE].why
    assert import_verdicts(course, read_assignment(course, "toy"), [LATE]) == {}
    return course


def _break(course: Course, verdict: Verdict) -> None:
    """One of its checks could not be carried out."""
    task = verdict.tasks[0]
    check = dataclasses.replace(task.checks[0], ending="broken", found="OSError: hidden/7.npy")
    task = dataclasses.replace(task, score=2.0, checks=(check, *task.checks[1:]))
    tasks = (task, *verdict.tasks[1:])
    made = dataclasses.replace(verdict, status="needs_review", score=4.0, tasks=tasks)
    (course.run_dir("toy", verdict.student) / "verdict.json").write_text(to_json(made))


def _mark(course: Course) -> None:
    """What the formgrader does."""
    marks = {RIGHT_: 4, WRONG: 3.5, LATE: 5, CHANGED: 3, BROKEN: 5}
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        for student, mark in marks.items():
            grade = gradebook.find_grade("why", "toy", "toy", student)
            grade.manual_score, grade.needs_manual_grade = mark, False
        grade = gradebook.find_grade("double_check", "toy", "toy", CHANGED)
        grade.manual_score, grade.extra_credit = 6, 0.5
        gradebook.db.commit()


@pytest.fixture
def course(graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """The class, which no export changes, and beside it the files that the systems hand out."""
    canvas_gradebook(tmp_path, CLASS)
    moodle_worksheet(tmp_path, CLASS)
    plain_roster(tmp_path, CLASS)
    monkeypatch.chdir(graded.root)
    before = stands(graded.root)
    yield graded
    assert stands(graded.root) == before


def stands(root: Path) -> dict[str, str]:
    """What is in the course, but for what is locked and logged."""
    return {name: digest_of_file(file) for name, file in contents([root])}


def export(*arguments: object) -> int:
    """The exit status of a call."""
    with pytest.raises(SystemExit) as raised:
        main(["export", *map(str, arguments)])
    return int(raised.value.code or 0)


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file by its headings."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_broken_course_is_one_line_of_nbgraders_export(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Said in its log, as everything else that keeps it from writing."""
    (tmp_path / "course.toml").write_text("jobs = [")
    parent = NbGrader(coursedir=CourseDirectory(root=str(tmp_path)), log=logging.getLogger("here"))
    with pytest.raises(SystemExit) as raised:
        ChecksExportPlugin(parent=parent).export(None)
    assert raised.value.code == 2
    [said] = caplog.messages
    assert said.startswith(f"{tmp_path}/course.toml:1")


def test_grades_are_the_gradebooks(course: Course) -> None:
    """With marks, extra credit and the penalty; whoever waits says why; the others are absent."""
    found = read_grades(course, "toy")
    states = {name: grade.state for name, grade in found.students.items()}
    assert {name: g.score for name, g in found.students.items() if g.state == "final"} == FINAL
    assert found.max_score == 15
    assert {name for name, state in states.items() if state == "waiting"} == {
        *(UNMARKED, BROKEN, UNREAD, NEW),
    }
    assert found.students[CHANGED].marks == (Mark("double", 6.5, 8.0), Mark("why", 3.0, 5.0))
    assert found.students[LATE].penalty == 2
    whys = {name: found.students[name].why for name in (UNMARKED, BROKEN, NEW)}
    assert whys == {
        UNMARKED: "why: not marked yet",
        BROKEN: "double: could not be judged",
        NEW: "not graded yet (autograder grade toy)",
    }
    assert "why: could not be judged" not in found.students[UNREAD].why
    assert "double: could not be judged" in found.students[UNREAD].why


def test_an_older_verdict_in_the_gradebook_is_no_grade(graded: Course) -> None:
    """As after `autograder grade --shard`, which leaves the gradebook alone."""
    path = graded.run_dir("toy", RIGHT_) / "verdict.json"
    before = path.read_text()
    path.write_text(before + "\n")
    try:
        assert "older verdict" in read_grades(graded, "toy").students[RIGHT_].why
    finally:
        path.write_text(before)


def test_canvas_moodle_gradescope_and_csv_in_one_call(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1, since four wait; each is listed with the reason; the files that came stay."""
    files = ("--canvas", tmp_path / "gradebook.csv", "--moodle", tmp_path / "Grades-Toy-31.csv")
    came = [files[1].read_bytes(), files[3].read_bytes()]
    folders = ("--gradescope", tmp_path / "gs", "--csv", tmp_path / "checks.csv")
    assert export(*files, *folders, "--roster", tmp_path / "roster.csv") == 1
    assert came == [files[1].read_bytes(), files[3].read_bytes()]
    by_canvas = table(tmp_path / "gradebook.filled.csv")[1:]
    assert {row["SIS Login ID"]: float(row["Toy (4711)"]) for row in by_canvas} == FINAL
    by_moodle = table(tmp_path / "Grades-Toy-31.filled.csv")
    assert {r["Email address"]: float(r["Grade"]) for r in by_moodle if r["Grade"]} == {
        f"{student}@example.org": score for student, score in FINAL.items()
    }
    by_gradescope = {
        p.parent.name: json.loads(p.read_text()) for p in (tmp_path / "gs").rglob("*.json")
    }
    assert {student: one["score"] for student, one in by_gradescope.items()} == FINAL
    by_check = table(tmp_path / "checks.csv")
    assert {row["student"]: float(row["score"]) for row in by_check} == FINAL
    out = capsys.readouterr().out
    unread = "double: could not be judged; triple: could not be judged; why: not marked yet"
    for student, why in {
        UNMARKED: "why: not marked yet",
        BROKEN: "double: could not be judged",
        UNREAD: unread,
        NEW: "not graded yet (autograder grade toy)",
    }.items():
        assert out.count(f"  left out, 1: waits for a person: {why}: {student}\n") == 4
    assert "  no grade, 31: handed in nothing: li16; " in out


def test_rows_of_gradescope_and_csv_add_up(course: Course, tmp_path: Path) -> None:
    """Points of checks and marks, less the penalty, are the grade."""
    assert export("--gradescope", tmp_path / "gs", "--csv", tmp_path / "c.csv") == 1
    rows = table(tmp_path / "c.csv")
    for student, score in FINAL.items():
        data = json.loads((tmp_path / "gs" / student / "results.json").read_text())
        late = 2 if student == LATE else 0
        assert sum(row.get("score", 0) for row in data["tests"]) - late == score
        assert (f"Late: 2 of {score + 2:g} points" in data["output"]) == bool(late)
        own = [row for row in rows if row["student"] == student]
        tasks = {row["task"]: float(row["task_score"]) for row in own}
        assert sum(tasks.values()) - late == score
        assert {float(row["late_penalty"]) for row in own} == {late}
        for task, points_of_task in tasks.items():
            points = [row["points"] for row in own if row["task"] == task and row["points"]]
            marked = {row["by_person"] for row in own if row["task"] == task} == {"yes"}
            assert bool(points) != marked
            assert not points or sum(map(float, points)) == points_of_task
    changed = [row for row in rows if (row["student"], row["task"]) == (CHANGED, "double")]
    assert [(row["check"], row["ending"], row["task_score"]) for row in changed] == [
        ("doubles", "passed", "6.5"),
        ("nothing", "passed", "6.5"),
    ]


def test_a_verdict_that_is_not_what_the_gradebook_has_is_not_given(
    course: Course, tmp_path: Path
) -> None:
    """Rows would not add up to the grade."""
    found = read_grades(course, "toy")
    other = dataclasses.replace(found.students[RIGHT_], points=12.0)
    given = for_csv(
        course,
        dataclasses.replace(found, students={**found.students, RIGHT_: other}),
        tmp_path / "c.csv",
        Wish(),
    )
    assert given.entered == len(FINAL) - 1
    assert "come to different points" in given.left[RIGHT_]


def test_a_second_call_writes_the_same_and_takes_back_what_is_not_final_any_more(
    course: Course, tmp_path: Path
) -> None:
    """A student who waits now has no results.json of before."""
    files = ("--moodle", tmp_path / "Grades-Toy-31.csv", "--roster", tmp_path / "roster.csv")
    arguments = (*files, "--gradescope", tmp_path / "gs", "--csv", tmp_path / "c.csv")
    assert export(*arguments) == 1
    before = stands(tmp_path)
    assert export(*arguments) == 1
    assert stands(tmp_path) == before
    (tmp_path / "gs" / UNMARKED).mkdir()
    (tmp_path / "gs" / UNMARKED / "results.json").write_text("{}")
    assert export(*arguments) == 1
    assert stands(tmp_path) == before


def test_whom_nobody_waits_for_makes_status_0(course: Course, tmp_path: Path) -> None:
    """Those who handed in nothing make no difference; with --student only these count."""
    arguments = [part for student in GRADED for part in ("--student", student)]
    assert export("--canvas", tmp_path / "gradebook.csv", *arguments) == 0
    found = table(tmp_path / "gradebook.filled.csv")[1:]
    assert {row["SIS Login ID"] for row in found} == set(GRADED)


def test_absent_students_are_no_zeros_unless_asked_for(course: Course, tmp_path: Path) -> None:
    """Nbgrader's own export books them as 0."""
    file = tmp_path / "gradebook.csv"
    assert export("toy", "--canvas", file, "--absent-zero", "--output", tmp_path / "o.csv") == 1
    found = {row["SIS Login ID"]: row["Toy (4711)"] for row in table(tmp_path / "o.csv")[1:]}
    waiting = {UNMARKED, BROKEN, UNREAD, NEW}
    assert found.keys() == {one.login for one in CLASS} - waiting
    assert {found[one.login] for one in CLASS[9:]} == {"0.00"}


def test_feedback_goes_back_unless_it_is_older_than_the_marks(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a person has marked since is not on the page: the command that makes it anew is said."""
    arguments = ["--moodle", tmp_path / "Grades-Toy-31.csv", "--roster", tmp_path / "roster.csv"]
    assert export(*arguments, "--feedback", tmp_path / "f.zip") == 1
    said = "the feedback page has older marks: autograder grade toy"
    assert f"  left out, 3: the grade is in, but {said}: " in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {
        f"{one.name}_{one.moodle}_assignsubmission_file/toy.html": feedback_page(
            course, "toy", one.login
        ).read_bytes()
        for one in CLASS
        if one.login in {LATE, MORE}
    }


@pytest.mark.slow
def test_a_page_made_anew_goes_back_to_who_was_late_too(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its total is what the late penalty leaves."""
    monkeypatch.chdir(shutil.copytree(course.root, tmp_path / "copy"))
    run(find_course(Path.cwd()), "generate_feedback", "toy", "--force", f"--student={LATE}")
    arguments = ["--moodle", tmp_path / "Grades-Toy-31.csv", "--roster", tmp_path / "roster.csv"]
    assert export(*arguments, "--feedback", tmp_path / "f.zip") == 1
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        numbers = {int(re.findall("_([0-9]+)_", name)[0]) for name in archive.namelist()}
    assert numbers == {one.moodle for one in CLASS if one.login in {LATE, MORE}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say for whom: --canvas FILE"),
        (("--csv", "c.csv", "--output", "o.csv"), "go with --canvas or --moodle"),
        (("--csv", "c.csv", "--feedback", "f.zip"), "--feedback goes with --moodle"),
        (("--csv", "c.csv", "--student", "nobody"), "nobody"),
        (("other", "--csv", "c.csv"), "there is no assignment «other»"),
        (("--canvas", "{}/gradebook.csv", "--moodle", "{}/x.csv", "--column", "a"), "call twice"),
        (("--canvas", "{}/none.csv"), "none.csv"),
        (("--canvas", "{}/gradebook.csv", "--output", "{}/gradebook.csv"), "another file of this"),
        (("--canvas", "{}/gradebook.csv", "--csv", "{}/gradebook.csv"), "another file of this"),
        (("--canvas", "{}/Grades-Toy-31.csv", "--csv", "{}/c.csv"), "no gradebook of Canvas"),
        (("--csv", "{}/c.csv", "--moodle", "{}/Grades-Toy-31.csv"), "knows nobody of this class"),
        (("--csv", "{}/c.csv", "--roster", "{}/checks.txt", "--canvas", "{}/gradebook.csv"), "PK"),
        (
            (
                "--moodle",
                "{}/Grades-Toy-31.csv",
                "--roster",
                "{}/roster.csv",
                "--gradescope",
                "{}/x.csv",
            ),
            "x.csv",
        ),
        (("--csv", "{}/c.csv", "--gradescope", "{}/x.csv"), "a folder is expected"),
        (("--csv", "{}/c.csv", "--gradescope", "{}/c.csv"), "lies below another file"),
        ((*CANVAS, "--output", "{}/x.csv", "--csv", "{}/folder"), "a file is expected"),
        ((*MOODLE, "--output", "{}/x.csv", "--feedback", "{}/folder"), "a file is expected"),
        (("--csv", "{}/x.csv", "--gradescope", "{}/folder"), "a file is expected"),
        (("--csv", "{}/x.csv", "--gradescope", "{}/files"), "a folder is expected"),
        (("--csv", "{}/x.csv", "--gradescope", "{}/gone"), "a folder is expected"),
    ],
)
def test_what_does_not_go_is_said_before_anything_is_written(
    course: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    """One line, status 2, and every file as before."""
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "checks.txt").write_bytes(b"PK\x03\x04")
    (tmp_path / "folder" / LATE / "results.json").mkdir(parents=True)
    for place in (tmp_path / "files" / LATE, tmp_path / "gone" / NEW):
        place.parent.mkdir()
        place.touch()
    before = stands(tmp_path)
    assert export(*[one.format(tmp_path) for one in arguments]) == 2
    err = capsys.readouterr().err
    assert said.replace("PK", "not a CSV file") in err
    assert "Traceback" not in err
    assert stands(tmp_path) == before


def test_a_disk_that_refuses_the_last_file_keeps_the_first(tmp_path: Path) -> None:
    """All are there in full before the first takes its place."""
    old, large = tmp_path / "old.csv", tmp_path / "large.csv"
    old.write_text("what was there")
    given = [Given(old, 1, files={old: "new"}), Given(large, 1, files={large: 9_000 * "x"})]
    with largest_file(4_000), pytest.raises(OSError, match=f"File too large: '{large}'"):
        write_given(given, [])
    assert old.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [old]


def test_nobody_graded_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no gradebook is made for it."""
    course = toy_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    course.gradebook.unlink()
    hand_in(course, "alice", RIGHT)
    assert export("--csv", "c.csv") == 2
    assert not course.gradebook.exists()


def test_a_gradebook_that_is_none_is_said(
    graded: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one line, with what to do."""
    monkeypatch.chdir(graded.root)
    before = graded.gradebook.read_bytes()
    graded.gradebook.write_bytes(b"no database" * 1000)
    try:
        assert export("--csv", tmp_path / "c.csv") == 2
    finally:
        graded.gradebook.write_bytes(before)
    assert "it is no gradebook" in capsys.readouterr().err


def test_texts_of_students_are_no_formulas(course: Course, tmp_path: Path) -> None:
    """Whatever field they stand in."""
    verdict = json.loads((course.run_dir("toy", WRONG) / "verdict.json").read_text())
    assert verdict["tasks"][0]["checks"][0]["ending"] == "failed"
    assert export("--csv", tmp_path / "c.csv") == 1
    with io.StringIO((tmp_path / "c.csv").read_text("utf-8"), newline="") as stream:
        for row in csv.reader(stream):
            assert not any(field.startswith(("=", "+", "-", "@")) for field in row)


# --- nbgrader's command ------------------------------------------------------------------------


def nbgrader(course: Course, exporter: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`nbgrader export` with one of our exporters."""
    plugin = f"autograder.nbgrader_bridge.exporting.{exporter}ExportPlugin"
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--exporter", plugin, *arguments],
        cwd=course.root,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exporter", "template", "option"),
    [
        ("Canvas", "gradebook.csv", "--canvas"),
        ("Moodle", "Grades-Toy-31.csv", "--moodle"),
        ("Checks", "", "--csv"),
        ("Gradescope", "", "--gradescope"),
    ],
)
def test_nbgraders_export_gives_the_same_files(
    course: Course, tmp_path: Path, exporter: str, template: str, option: str
) -> None:
    """By its own options, and with the same exit status."""
    name = f"{exporter}ExportPlugin"
    given = [f"--{name}.template={tmp_path / template}"] if template else []
    given += [f"--{name}.roster={tmp_path / 'roster.csv'}"] if template else []
    done = nbgrader(course, exporter, "--assignment", "toy", "--to", str(tmp_path / "by"), *given)
    assert done.returncode == 1, done.stderr
    assert f"waits for a person: why: not marked yet: {UNMARKED}" in done.stderr
    ours = tmp_path / "ours"
    if template:
        file, roster = tmp_path / template, tmp_path / "roster.csv"
        assert export(option, file, "--output", ours, "--roster", roster) == 1
    else:
        assert export(option, ours) == 1
    by_nbgrader = [data for _, data in stands(tmp_path / "by").items()]
    assert by_nbgrader == [data for _, data in stands(ours).items()]
    assert by_nbgrader


@pytest.mark.slow
def test_nbgraders_export_says_what_does_not_go(course: Course, tmp_path: Path) -> None:
    """In one line of its log."""
    done = nbgrader(course, "Canvas", "--assignment", "toy", "--to", str(tmp_path / "by"))
    assert done.returncode == 2
    assert "say which file to fill in: --CanvasExportPlugin.template FILE" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "by").exists()
