"""Gradescope's results.json, made from a verdict."""

import dataclasses
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from toy import RIGHT, bare_course, grade_here, hand_in

from autograder.grading.grades import Mark
from autograder.grading.points import shared_out
from autograder.lms.gradescope import gradescope_results
from autograder.records import Check, Ending, TaskVerdict, Verdict

ROW = {"name", "number", "score", "max_score", "status", "output", "visibility"}
TOP = {
    *("score", "execution_time", "output", "output_format", "test_output_format"),
    *("test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"),
}


def check(name: str, ending: Ending, weight: float = 1.0, **texts: str) -> Check:
    """A check that ended so."""
    return Check(name, ending, weight, f"It is {name}.", **texts)  # type: ignore[arg-type]


def verdict(*tasks: TaskVerdict, remarks: tuple[str, ...] = ()) -> Verdict:
    """A verdict on these tasks."""
    sums = sum(task.score for task in tasks), sum(task.max_score for task in tasks)
    return Verdict("toy", "alice", "k", "graded", "strong", *sums, 3.6, tasks, remarks)


def exact(value: float) -> Fraction:
    """The number as it is written."""
    return Fraction(repr(value))


TASK = TaskVerdict(
    "double",
    2.6667,
    8.0,
    (
        check("small", "passed", expected="6", hint="nothing more"),
        check("large", "failed", expected="6", found="5\nor so", hint="Add.", misconception="m"),
        check("huge", "blocked", found="small failed"),
    ),
)


def test_a_check_is_a_row_and_says_what_the_feedback_page_says() -> None:
    """Sentence, ending, expected, found and hint; what is blocked counts as failed."""
    found = gradescope_results(verdict(TASK))
    assert found["tests"] == [
        {
            "name": "double: It is small.",
            "number": "1.1",
            "output": "passed\nremark: nothing more",
            "status": "passed",
            "score": 2.6667,
            "max_score": 2.6667,
            "visibility": "visible",
        },
        {
            "name": "double: It is large.",
            "number": "1.2",
            "output": "failed\nexpected: 6\nfound: 5\nor so\nhint: Add.",
            "status": "failed",
            "score": 0.0,
            "max_score": 2.6667,
            "visibility": "visible",
        },
        {
            "name": "double: It is huge.",
            "number": "1.3",
            "output": "blocked\nfound: small failed",
            "status": "failed",
            "score": 0.0,
            "max_score": 2.6666,
            "visibility": "visible",
        },
    ]
    assert (found["score"], found["output"], found["execution_time"]) == (2.6667, "Graded.", 4)


def test_only_fields_that_gradescope_knows() -> None:
    """Of the submission, and of a row."""
    found = gradescope_results(verdict(TASK), visibility="after_published")
    assert found.keys() <= TOP
    assert all(row.keys() <= ROW for row in found["tests"])
    assert {row["visibility"] for row in found["tests"]} == {"after_published"}


@given(st.integers(0, 1_000_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_shares_have_exactly_the_sum(units: int, weights: list[float]) -> None:
    """To the last digit, whatever the weights; no share is off by more than that digit."""
    points = units / 10_000
    shares = shared_out(points, weights)
    assert sum(map(exact, shares)) == exact(points)
    wanted = [points * weight / sum(weights) for weight in weights]
    assert all(abs(a - b) < 1.01e-4 for a, b in zip(shares, wanted, strict=True))


@given(
    st.lists(
        st.tuples(st.sampled_from(["passed", "failed", "blocked"]), st.integers(1, 9)),
        min_size=1,
        max_size=9,
    ),
    st.integers(1, 97),
)
def test_the_rows_come_to_score_and_maximum(ends: list[tuple[Ending, int]], points: int) -> None:
    """As the judge added it up, four digits."""
    checks = tuple(check(f"c{n}", ending, weight) for n, (ending, weight) in enumerate(ends))
    share = sum(c.weight for c in checks if c.ending == "passed") / sum(c.weight for c in checks)
    task = TaskVerdict("t", round(points * share, 4), points, checks)
    found = gradescope_results(verdict(task))
    assert sum(exact(row["score"]) for row in found["tests"]) == exact(found["score"])
    assert exact(found["score"]) == exact(task.score)
    assert sum(exact(row["max_score"]) for row in found["tests"]) == points


def test_a_persons_marks_take_the_place_of_the_checks_points() -> None:
    """The checks stay to be read; a written task has a row of its own."""
    marks = (Mark("double", 7.0, 8.0), Mark("why", 3.5, 5.0))
    found = gradescope_results(verdict(TASK), marks=marks)
    assert [(row["number"], row.get("score")) for row in found["tests"]] == [
        ("1", 7.0),
        ("1.1", None),
        ("1.2", None),
        ("1.3", None),
        ("2", 3.5),
    ]
    assert found["score"] == 10.5


def test_a_late_penalty_is_said_and_taken_off() -> None:
    """Never below nothing."""
    found = gradescope_results(verdict(TASK), penalty=1.0)
    assert found["score"] == 1.6667
    assert "Late: 1 of 2.6667 points are taken off." in found["output"]
    assert gradescope_results(verdict(TASK), penalty=5.0)["score"] == 0.0


def test_what_waits_for_a_person_has_no_points_and_tells_nothing_of_ours() -> None:
    """An error of ours may quote hidden data."""
    broken = check("odd", "broken", found="ValueError: hidden labels [3, 1]")
    task = TaskVerdict("t", 1.0, 2.0, (check("even", "passed"), broken))
    row = gradescope_results(verdict(task))["tests"][1]
    assert not row.keys() & {"score", "max_score", "status"}
    assert "hidden labels" not in row["output"]
    assert "not decided yet" in row["output"]


def test_what_only_the_instructor_reads_stays_away() -> None:
    """Incidents, misconceptions' ids, keys."""
    one = dataclasses.replace(
        verdict(TASK, remarks=("a cell was put back",)), incidents=("looked for data",)
    )
    text = str(gradescope_results(one))
    assert "a cell was put back" in text
    assert "looked for data" not in text
    assert "'m'" not in text


def test_nothing_that_steers_a_terminal_or_a_database_gets_through() -> None:
    """Line ends stay, other control characters do not."""
    task = TaskVerdict("t", 0.0, 2.0, (check("odd", "failed", found="a\x00b\x1b[2J\nc"),))
    output = gradescope_results(verdict(task))["tests"][0]["output"]
    assert output == "failed\nfound: a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[2J\nc"


def test_a_submission_that_never_ran_says_why(tmp_path: Path) -> None:
    """A row for each task, without points reached."""
    course = bare_course(tmp_path)
    hand_in(course, "alice", RIGHT).write_text("no notebook")
    found = gradescope_results(grade_here(course, "alice"))
    assert [(row["score"], row["max_score"]) for row in found["tests"]] == [(0.0, 8.0), (0.0, 2.0)]
    assert found["output"].startswith("Your file could not be read as a notebook")
