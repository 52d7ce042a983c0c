"""What is stored between the stages, damaged on disk: it is run again, or one line says what is
damaged; the student gets what is theirs.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import damaged, examples, mangled, values, written
from toy import RIGHT, bare_course, hand_in

from autograder.bench import Bench, open_bench
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.booking import entered
from autograder.grading.publishing import SUMMARY, summaries
from autograder.grading.report import Summary, write_report
from autograder.grading.results import results, write_results
from autograder.grading.seen import read_seen, seen_path
from autograder.grading.stages import due, ensure_verdict, judge_again, stored_verdict
from autograder.nbgrader_bridge.checks import checks_html
from autograder.records import Damaged, read_run, read_verdict, to_json
from autograder.rooms.here import RoomsHere

FILES = ["run.json", "depends.json", "verdict.json", "questions.json"]
OTHERS = ["executed.ipynb", "rebuilt.ipynb", "artefacts/double/some.json"]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One student, graded."""
    made = bare_course(tmp_path_factory.mktemp("course"))
    hand_in(made, "ann", RIGHT)
    ensure_verdict(open_bench(made, "toy"), "ann", RoomsHere("strong"))
    shutil.copytree(made.run_dir("toy", "ann"), made.root / "whole")
    return made


@pytest.fixture(scope="module")
def bench(course: Course) -> Bench:
    return open_bench(course, "toy")


def spoil(data: st.DataObject, file: Path) -> None:
    """Damage the file, as a disk, an editor or another program would."""
    draw = data.draw
    whole = file.read_bytes()
    how = draw(st.sampled_from(["parts", "parts", "bytes", "other", "gone", "folder"]))
    if how == "parts":
        file.write_bytes(written(draw(mangled(json.loads(whole)))))
    elif how == "bytes":
        file.write_bytes(draw(damaged(whole)))
    elif how == "other":
        file.write_bytes(written(draw(values())))
    else:
        file.unlink()
        if how == "folder":
            file.mkdir()


def fresh(course: Course) -> Path:
    """The student's folder as it was stored."""
    folder = course.run_dir("toy", "ann")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(course.root / "whole", folder)
    return folder


def look(course: Course, bench: Bench) -> None:
    """Everything that reads what is stored, and runs nothing."""
    folder = course.run_dir("toy", "ann")
    work = due(bench, "ann")
    entered(course, "toy", "ann")
    try:
        verdict = stored_verdict(course, "toy", "ann")
    except UsageError as error:
        said = str(error)
    else:
        show(course, bench, verdict)
        return
    assert work.do != "nothing"
    assert "\n" not in said
    assert str(folder) in said


def show(course: Course, bench: Bench, verdict: Any) -> None:
    """Report, results and page of it."""
    write_results(course.root / "toy.json", results("toy", [verdict]))
    write_report(course.root / "toy.html", bench.assignment, [verdict])
    for task in verdict.tasks:
        checks_html(task)


@given(st.data(), st.sampled_from([*FILES, *OTHERS]))
def test_anything_damaged_is_noticed(
    course: Course, bench: Bench, data: st.DataObject, name: str
) -> None:
    """What is due is known, and nothing is shown that is not a verdict."""
    folder = fresh(course)
    spoil(data, folder / name)
    look(course, bench)


@given(mangled({"a": 1}) | values(), st.sampled_from(FILES))
@example("text", "run.json")
@example([], "depends.json")
@example({"run": "the submission as rebuilt"}, "depends.json")
@example({"double": []}, "questions.json")
def test_any_value_in_the_place_of_a_record(
    course: Course, bench: Bench, value: Any, name: str
) -> None:
    """A record is read as it was written, or not at all."""
    folder = fresh(course)
    (folder / name).write_bytes(written(value))
    look(course, bench)
    for reader in (read_run, read_verdict):
        with pytest.raises(Damaged):
            reader(folder / name)


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity", "9" * 400])
def test_numbers_that_no_report_wrote_are_not_read(course: Course, number: str) -> None:
    """Else each report would fail on them, until somebody finds the file."""
    look = {"key": "", "status": "graded", "scores": {"double": 0.5}, "endings": {}}
    seen = json.dumps({"ann": {"now": look, "before": None, "when": ""}})
    seen_path(course, "toy").parent.mkdir(parents=True, exist_ok=True)
    seen_path(course, "toy").write_text(seen)
    assert read_seen(course, "toy")
    seen_path(course, "toy").write_text(seen.replace("0.5", number))
    assert read_seen(course, "toy") == {}
    known = Summary("toy", "", 2, 0.5, 1, 0, 0)
    (course.runs / "toy.html").touch()
    path = seen_path(course, "toy").with_name(SUMMARY)
    path.write_text(to_json(known))
    assert summaries(course) == [known]
    path.write_text(to_json(known).replace("0.5", number))
    assert summaries(course) == []


def test_what_is_nested_too_deeply_is_damaged(course: Course, bench: Bench) -> None:
    """In any of the files."""
    for name in FILES:
        (fresh(course) / name).write_text("[" * 100_000)
        look(course, bench)


def test_a_record_of_another_student_is_not_taken_for_ones_own(
    course: Course, bench: Bench
) -> None:
    """A folder that was copied by hand."""
    folder = fresh(course)
    for name in ("run.json", "verdict.json"):
        text = (folder / name).read_text().replace('"student": "ann"', '"student": "bob"')
        (folder / name).write_text(text)
    assert due(bench, "ann").do == "run"
    with pytest.raises(UsageError, match="another submission"):
        stored_verdict(course, "toy", "ann")


@pytest.mark.slow
@examples(0.2)
@given(st.data(), st.sampled_from([*FILES, *OTHERS]))
def test_grading_goes_on_from_whatever_is_stored(
    course: Course, bench: Bench, data: st.DataObject, name: str
) -> None:
    """The student gets all points, or the answers that are there are judged as they are."""
    folder = fresh(course)
    spoil(data, folder / name)
    verdict = ensure_verdict(bench, "ann", RoomsHere("strong"))
    show(course, bench, verdict)
    assert due(bench, "ann").do == "nothing"
    if name in FILES and name != "verdict.json":
        assert verdict.max_score == 10.0


@pytest.mark.slow
@examples(0.2)
@given(st.data(), st.sampled_from([*FILES, *OTHERS]))
def test_judging_again_whatever_is_stored(
    course: Course, bench: Bench, data: st.DataObject, name: str
) -> None:
    """A verdict, or one line."""
    folder = fresh(course)
    spoil(data, folder / name)
    try:
        show(course, bench, judge_again(bench, "ann", RoomsHere("strong")))
    except UsageError as error:
        said = str(error)
        assert "\n" not in said
