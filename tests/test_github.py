"""What a GitHub runner makes of a batch: summary, annotations, and no order of a student's."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from test_report import verdict
from toy import CLASS, RIGHT, grade_here, hand_in, toy_course

from autograder.cli.main import main
from autograder.course import Course
from autograder.grading.batch import Graded
from autograder.grading.github import MOST, SUMMARY_LIMIT, Note, notes, write_summary
from autograder.grading.screen import show
from autograder.records import Check, TaskVerdict, Verdict
from autograder.showing import shown

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

KNOWN = {"error", "warning", "notice", "add-mask", "set-output", "stop-commands", "group"}
ORDER = re.compile(r"\s*::(?P<name>[^\s:]+)(?P<rest>.*?)::(?P<data>.*)")
OLD_ORDER = re.compile(r"##\[(?P<name>[^\s\]]+)(?P<rest>[^\]]*)\](?P<data>.*)")


def obeyed(output: str) -> list[tuple[str, str]]:
    """The orders that a runner takes from the output of a step, as actions/runner reads them: name
    and data; while it obeys nothing, only the word that ends this.
    """
    found, word = [], ""
    for line in re.split(r"\r\n|\r|\n", output):
        for pattern in (ORDER.match(line), OLD_ORDER.search(line)):
            if pattern is None:
                continue
            name, data = pattern["name"], pattern["data"]
            if word:
                word = "" if name == word else word
            elif name == "stop-commands":
                word = data
            elif name in KNOWN:
                found.append((name, pattern["rest"] + "::" + data))
            break
    assert word == ""  # it hears again when the step is over
    return found


def graded(*verdicts: Verdict, problems: dict[str, str] | None = None) -> Graded:
    return Graded("toy", verdicts, problems or {})


def broken(student: str, check: str = "sum", found: str = "KeyError: 3") -> Verdict:
    one = Check(check, "broken", 1.0, "It adds.", found=found)
    tasks = (TaskVerdict("add", 0.0, 10.0, (one,)),)
    return dataclasses.replace(verdict(student, 0, "needs_review"), tasks=tasks)


# --- annotations -----------------------------------------------------------------------------


def test_what_an_operator_must_act_on_is_annotated_the_worst_first() -> None:
    """A line for each thing that is wrong, with who is concerned."""
    one = graded(
        verdict("alice", 10),
        broken("bob"),
        broken("carol"),
        verdict("dan", 0, "unreadable"),
        verdict("erin", 0, "missing"),
        problems={"fred": "not graded: no room", "gil": "not graded: no room"},
    )
    assert notes([one], ["gradebook.db: locked"]) == [
        Note("error", "machine or gradebook", "gradebook.db: locked"),
        Note("error", "toy: not complete", "fred, gil: not graded: no room"),
        Note(
            "warning",
            "toy, add: the check sum is broken",
            "waits for a person, bob, carol: KeyError: 3",
        ),
        Note("warning", "toy: unreadable", "dan"),
        Note("notice", "toy: missing", "erin"),
    ]
    assert notes([graded(verdict("alice", 0))]) == []


def test_of_more_than_github_shows_the_last_says_so() -> None:
    """Ten a step."""
    class_ = [broken("alice", f"check {number}") for number in range(12)]
    found = notes([graded(*class_)])
    assert len(found) == MOST == 10
    assert found[-1].title == "3 more"


def test_an_annotation_is_one_line_whatever_stands_in_it() -> None:
    """Escaped as GitHub's own toolkit does."""
    note = Note("error", "a:b,c%\n::error::d", "100 %\r\n::error::e, f: g")
    line = str(note)
    assert line.splitlines() == [line]
    gone = "\N{REPLACEMENT CHARACTER}"
    assert line == (
        f"::error title=a%3Ab%2Cc%25{gone}%3A%3Aerror%3A%3Ad::100 %25{gone}{gone}::error::e, f: g"
    )
    assert obeyed(line) == [("error", line.removeprefix("::error"))]


# --- summary ---------------------------------------------------------------------------------


def summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *found: Graded, before: str = ""
) -> str:
    path = tmp_path / "summary.md"
    path.write_text(before)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    assert write_summary(found, ["gradebook.db: locked"]) == []
    return path.read_bytes().decode()


def test_the_summary_counts_and_says_who_needs_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After what the step has written already."""
    one = graded(
        verdict("alice", 10), verdict("bob", 4), broken("carol"), problems={"dan": "not graded: x"}
    )
    text = summary(tmp_path, monkeypatch, one, before="# Before")
    lines = [line for line in text.splitlines() if line]
    assert lines == [
        "# Before",
        "### toy: 2 graded, 1 needs review, 1 not graded, mean 47 %",
        "- gradebook&#46;db&#58; locked",
        "#### toy by task",
        "| task | points | mean | full marks | zero |",
        "| --- | --- | --- | --- | --- |",
        "| add | 10 | 47 % | 1 | 1 |",
        "#### Who needs a person",
        "| assignment | student | status | why |",
        "| --- | --- | --- | --- |",
        "| toy | dan | not complete | not graded&#58; x |",
        "| toy | carol | needs review | add&#44; sum&#58; KeyError&#58; 3 |",
    ]


@given(text=st.text(min_size=1))
def test_nothing_of_a_students_is_markup(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """No link, no HTML, no further column or row."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("summary")
        one = graded(broken(text, found=text), problems={text: text})
        found = summary(folder, patch, one)
    rows = [line for line in found.splitlines() if line.startswith("| toy |")]
    assert [row.count("|") for row in rows] == [5, 5]
    for row in rows:
        cells = re.sub(r"&#\d+;", "", row.replace("|", ""))
        assert not re.search(r"[!-/:-@\[-`{-~]", cells)


def test_no_more_is_written_than_github_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together with what is there already; the end says that it is one."""
    many = graded(problems={f"s{number}": f"not graded: {'x' * 200}" for number in range(6_000)})
    text = summary(tmp_path, monkeypatch, many, before="#" * 1000)
    assert SUMMARY_LIMIT - 1_000 < len(text.encode()) <= SUMMARY_LIMIT
    assert text.splitlines()[-3].endswith(" |")
    assert text.splitlines()[-2:] == [
        "",
        "_Cut here: GitHub takes 1 MiB a step. The report has all of it._",
    ]
    full = summary(tmp_path, monkeypatch, many, before="#" * SUMMARY_LIMIT)
    assert full == "#" * SUMMARY_LIMIT


def test_a_summary_that_can_not_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a line; and without the variable there is none."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    [said] = write_summary([graded(verdict("alice", 10))])
    assert said.startswith(f"the summary for GitHub: {tmp_path}: Is a directory")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert write_summary([graded(verdict("alice", 10))]) == []


# --- orders ----------------------------------------------------------------------------------

NAMES = ("::error::mine", "  ::add-mask::a", "##[error]mine", "a ##[set-output name=x]y", "right")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course with students whose names are orders to a runner."""
    monkeypatch.chdir(tmp_path)
    found = toy_course(tmp_path)
    for name in NAMES:
        hand_in(found, name, RIGHT)
    hand_in(found, "::warning::torn").write_text("##[error]no notebook\n::error::x")
    for folder in ("::error::left", "##[error]right", "a\n::error::b"):
        (found.root / "submitted" / "right" / folder).mkdir()
    for name in ("::error::mine", "::warning::torn", "right"):
        grade_here(found, name)
    return found


@pytest.mark.parametrize(
    ("arguments", "ours"),
    [
        ([], ["error", "error", "warning"]),  # names for two reasons
        (["--student", "##[error]mine"], ["error"]),
        (["--explain"], []),
        (["--student", "##[error]nobody"], []),
    ],
    ids=["all", "one", "explain", "nobody"],
)
@pytest.mark.parametrize("on_github", [False, True])
def test_a_student_orders_a_runner_nothing(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    ours: list[str],
    on_github: bool,
) -> None:
    """Whatever a name or a file says; our annotations are the only orders, and only on GitHub. It
    holds line by line too, where nobody told the runner to obey nothing.
    """
    if on_github:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(SystemExit):
        main(["grade", *arguments])
    said = capsys.readouterr()
    found = obeyed(said.out) + obeyed(said.err)
    assert [name for name, _ in found] == (ours if on_github else [])


@pytest.mark.parametrize("text", ["##[error]x", "a##[add-mask]b", "##vso[task.complete]", "##[[[x"])
def test_shown_text_orders_no_ci_machine(text: str) -> None:
    """Of GitHub, Azure or TeamCity; other text stays as it is."""
    assert "##" not in shown(text)
    assert shown("## A heading, a[::2] and #[x]") == "## A heading, a[::2] and #[x]"


def test_class_of_the_toy_course_has_no_annotations_where_all_is_well(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failed checks are the students' matter."""
    hand_in(course, "wrong", CLASS["wrong"])
    grade_here(course, "wrong")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(SystemExit) as raised:
        main(["grade", "--student", "wrong", "--student", "right"])
    assert raised.value.code == 0
    assert obeyed(capsys.readouterr().out) == []


def test_an_error_that_tells_what_a_student_wrote_stays_in_its_line() -> None:
    """Whatever an exception of ours quotes."""
    out = io.StringIO()
    why = "not graded: ValueError: bad\n::error::mine\r##[error]mine"
    show(graded(verdict("alice", 10), problems={"bob": why}), Console(file=out, width=30))
    assert obeyed(out.getvalue()) == []
    assert "✘ bob: not graded: ValueError: bad ::error::mine # #[error]mine" in out.getvalue()
