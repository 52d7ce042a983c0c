"""The JUnit report: every check of every student, in the form that GitLab and Jenkins read."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_report import verdict
from toy import CLASS, RIGHT, grade_here, hand_in, toy_course

from autograder.cli.main import main
from autograder.course import Course
from autograder.grading.batch import Graded
from autograder.grading.junit import LIMIT, document
from autograder.records import Check, Ending, TaskVerdict, Verdict

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

# Jenkins' junit-10.xsd, as far as we use it: attributes that must be and that may be, and children.
FORM = {
    "testsuites": (set[str](), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file"},
        {"testcase", "properties", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    **dict.fromkeys(("failure", "error", "skipped"), (set[str](), {"type", "message"}, set[str]())),
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def read(data: bytes) -> ET.Element:
    """The report, parsed, after a look at its form and its counts."""
    root = ET.fromstring(data)
    assert root.tag == "testsuites"
    demand_form(root)
    for suite in root:
        kinds = Counter(child.tag for case in suite for child in case)
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == kinds["failure"]
        assert int(suite.get("errors", "")) == kinds["error"]
        assert int(suite.get("skipped", "")) == kinds["skipped"]
        assert all(len(case) <= 1 for case in suite)  # never error and failure in one
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(names) == len(set(names))
    return root


def demand_form(element: ET.Element) -> None:
    needed, allowed, children = FORM[element.tag]
    assert needed <= set(element.keys()) <= needed | allowed
    assert TIME.fullmatch(element.get("time", ""))
    for child in element:
        assert child.tag in children
        demand_form(child)
    if element.tag in {"failure", "error", "skipped"}:  # GitLab does not read the attribute alone
        assert (element.text or "").strip() or not element.get("message")


def cases(root: ET.Element) -> dict[str, tuple[str, str]]:
    """By classname and name, how each case ended and what its text says."""
    return {
        f"{case.get('classname')}: {case.get('name')}": (
            case[0].tag if len(case) else "passed",
            (case[0].text or "") if len(case) else "",
        )
        for case in root.iter("testcase")
    }


def graded(*verdicts: Verdict, problems: dict[str, str] | None = None) -> Graded:
    return Graded("toy", verdicts, problems or {})


def with_checks(student: str, *checks: Check) -> Verdict:
    one = verdict(student, 0)
    return dataclasses.replace(one, tasks=(TaskVerdict("add", 0.0, 10.0, checks),))


def test_each_ending_has_a_kind_of_its_own() -> None:
    """Failed is the student's, broken is ours, blocked was not looked at."""
    checks = [
        Check(ending, ending, 1.0, "It adds.", "4", "5", "Add.", "adds_twice")
        for ending in get_args(Ending)
    ]
    found = cases(read(document([graded(with_checks("alice", *checks))])))
    text = "It adds.\nexpected: 4\nfound: 5\nhint: Add.\nmisconception: adds_twice"
    assert found == {
        "toy.alice.add: passed": ("passed", ""),
        "toy.alice.add: failed": ("failure", text),
        "toy.alice.add: blocked": ("skipped", text),
        "toy.alice.add: broken": ("error", text),
    }


def test_who_has_no_verdict_is_a_case_too() -> None:
    """As is who is not in the gradebook, and what the machine refused."""
    nothing = [
        dataclasses.replace(verdict(name, 0, name), tasks=(TaskVerdict("add", 0.0, 10.0, ()),))
        for name in ("unreadable", "missing")
    ]
    why = {"erin": "not graded: no room", "alice": "not in the gradebook: it takes nothing"}
    one = graded(verdict("alice", 10), *nothing, problems=why)
    found = cases(read(document([one], ["gradebook.db: locked"])))
    assert found == {
        "autograder: fault 1": ("error", "gradebook.db: locked"),
        "toy.alice.add: sum": ("passed", ""),
        "toy.alice: gradebook": ("error", "not in the gradebook: it takes nothing"),
        "toy.unreadable: submission": ("error", "unreadable"),
        "toy.missing: submission": ("error", "missing"),
        "toy.erin: submission": ("error", "not graded: no room"),
    }


def test_no_two_cases_have_one_name() -> None:
    """Whatever makes them equal: GitLab would drop the second."""
    twice = [Check("sum", "failed", 1.0, "It adds.")] * 2
    one = graded(with_checks("a\x01", *twice), with_checks("a\x02", *twice))
    assert list(cases(read(document([one])))) == [
        f"toy.a\N{REPLACEMENT CHARACTER}.add: sum{number}"
        for number in ("", " (2)", " (3)", " (4)")
    ]


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4))
def test_whatever_students_write_it_is_xml(texts: list[tuple[str, str, str]]) -> None:
    """Control characters, lone surrogates, markup; what can be shown comes back unchanged."""
    verdicts = [
        with_checks(student, Check("sum", "failed", 1.0, "It adds.", "4", found, hint))
        for student, found, hint in texts
    ]
    problems = {student: f"not graded: {found}" for student, found, _ in texts}
    root = read(document([graded(*verdicts, problems=problems)], [found for _, found, _ in texts]))
    said = {text for _, text in cases(root).values()}
    for _, found, hint in texts:
        if (found + hint).isprintable() and found and hint:
            assert f"It adds.\nexpected: 4\nfound: {found}\nhint: {hint}" in said


def test_a_file_as_large_as_gitlab_takes_it_says_what_is_left_out() -> None:
    """Texts are cut first, then students left out, those who need a person last."""
    long = [Check(f"c{n}", "failed", 1.0, "It adds.", "4", "x" * 3_000) for n in range(20)]
    class_ = [with_checks(f"s{number:03}", *long) for number in range(100)]
    held = with_checks("zoe", Check("sum", "broken", 1.0, "It adds."))
    whole = document([graded(*class_, held)])
    assert 6_000_000 < len(whole) < LIMIT
    shorter = document([graded(*class_, held)], limit=2_000_000)
    assert len(shorter) < 2_000_000
    assert cases(read(shorter)).keys() == cases(read(whole)).keys()
    cut = document([graded(*class_, held)], limit=100_000)
    assert len(cut) < 100_000
    found = cases(read(cut))
    assert found["toy.zoe.add: sum"][0] == "error"
    kept = len({name.partition(":")[0] for name in found}) - 1
    assert found["autograder: left out"][1].startswith(f"{101 - kept} suites are left out")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A class of the toy course, judged: right, wrong, unreadable, missing."""
    monkeypatch.chdir(tmp_path)
    found = toy_course(tmp_path)
    for student in ("right", "wrong"):
        hand_in(found, student, CLASS[student])
    hand_in(found, "torn").write_text("no notebook")
    hand_in(found, "late").unlink()
    for student in ("right", "wrong", "torn", "late"):
        grade_here(found, student)
    return found


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as raised:
        main(["grade", *arguments])
    return int(raised.value.code or 0)


def test_a_graded_class_as_the_command_writes_it(course: Course) -> None:
    """Even where the gradebook takes nothing."""
    course.gradebook.write_bytes(b"no database" * 100)
    assert call("--junit", "out/junit.xml", "--json", "out/results.json") == 2
    found = cases(read(Path("out/junit.xml").read_bytes()))
    ends = {name: kind for name, (kind, _) in found.items()}
    assert ends == {
        "autograder: fault 1": "error",
        "toy.late: submission": "error",
        "toy.right.double: doubles": "passed",
        "toy.right.double: nothing": "passed",
        "toy.right.triple: triples": "passed",
        "toy.right: gradebook": "error",
        "toy.torn: submission": "error",
        "toy.torn: gradebook": "error",
        "toy.wrong.double: doubles": "failure",
        "toy.wrong.double: nothing": "failure",
        "toy.wrong.triple: triples": "failure",
        "toy.wrong: gradebook": "error",
    }
    assert "gradebook.db" in found["autograder: fault 1"][1]
    assert "toy.ipynb is not JSON" in found["toy.torn: submission"][1]
    assert "hint: Multiply by 2." in found["toy.wrong.double: doubles"][1]
    checks = json.loads(Path("out/results.json").read_text())["students"]
    assert sum(len(t["checks"]) for s in checks for t in s["tasks"]) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--junit", "."], "--junit .: nothing can be written there: .: Is a directory"),
        (["--json", "o", "--junit", "./o"], "--json and --junit both name o"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told_first(
    course: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Before anything is graded; and two files need two places."""
    hand_in(course, "right", {**RIGHT, "double": "1"})
    assert call(*arguments) == 2
    assert capsys.readouterr().err.startswith(f"autograder: {said}")
    assert not (course.runs / "toy.json").exists()


def test_a_name_that_xml_can_not_hold_is_no_harm() -> None:
    """The rest of the class would be lost with it."""
    graded = Graded("toy", (), {"a\uffff": "no notebook «\ufffe.ipynb»"})
    assert len(list(read(document([graded])).iter("error"))) == 1
