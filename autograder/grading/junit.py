"""The class as JUnit XML, which CI systems show: a suite a student, a case a check.

Failed is `failure`, broken is `error`, blocked is `skipped`; a student without a verdict is a case
with an `error` too. What is said stands in the elements' text: GitLab reads nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograder.files import write
from autograder.grading.batch import Graded
from autograder.grading.results import NEEDS_A_PERSON
from autograder.grading.standing import reasons
from autograder.records import Check, Verdict
from autograder.showing import shown

LIMIT = 30_000_000  # bytes: GitLab takes no larger file
WIDTHS = (4_000, 200)  # characters of one text; the second where the file would be too large
_FRAME = 2_000  # bytes for what stands around the suites
_NAME = 200  # characters
# all that XML 1.0 does not allow, not even as a reference
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Kind = Literal["passed", "failure", "error", "skipped"]
_KINDS: dict[str, Kind] = {"failed": "failure", "broken": "error", "blocked": "skipped"}


@dataclass(frozen=True)
class Case:
    """One thing that was established, or was not."""

    classname: str
    name: str
    kind: Kind = "passed"
    message: str = ""
    text: str = ""


@dataclass(frozen=True)
class Suite:
    """What there is to say of one student's submission."""

    name: str
    seconds: float
    cases: tuple[Case, ...]

    def count(self, kind: Kind) -> int:
        """How many cases ended so."""
        return sum(case.kind == kind for case in self.cases)


def write_junit(path: Path, graded: Sequence[Graded], faults: Sequence[str] = ()) -> None:
    """Write the report; `faults` are of the machine or the gradebook, a line each."""
    write(path, document(graded, faults))


def document(graded: Sequence[Graded], faults: Sequence[str] = (), limit: int = LIMIT) -> bytes:
    """The report in no more than `limit` bytes: long texts are cut shorter for that, then students
    left out, those who need a person last.
    """
    suites = list(_unique([*_of_faults(faults), *(one for all_ in graded for one in _of(all_))]))
    room = limit - _FRAME
    for width in WIDTHS:
        written = [_written(suite, width) for suite in suites]
        if sum(map(len, written)) <= room:
            return _framed(written)
    urgent_first = sorted(suites, key=lambda one: not one.count("error"))
    kept: list[bytes] = []
    for suite in urgent_first:
        kept.append(_written(suite, WIDTHS[-1]))
        room -= len(kept[-1])
        if room < 0:
            kept.pop()
            break
    return _framed([*kept, _written(_left_out(len(suites) - len(kept)), WIDTHS[-1])])


def _of_faults(faults: Sequence[str]) -> Iterator[Suite]:
    if faults:
        told = [
            Case("autograder", f"fault {number}", "error", fault, fault)
            for number, fault in enumerate(dict.fromkeys(faults), 1)
        ]
        yield Suite("autograder", 0.0, tuple(told))


def _of(graded: Graded) -> Iterator[Suite]:
    verdicts = {verdict.student: verdict for verdict in graded.verdicts}
    for student in {**verdicts, **graded.problems}:
        name, verdict = f"{graded.assignment}.{student}", verdicts.get(student)
        cases = [] if verdict is None else list(_of_verdict(verdict, name))
        if why := graded.problems.get(student):
            what = "submission" if verdict is None else "gradebook"
            cases.append(Case(name, what, "error", why, why))
        yield Suite(name, 0.0 if verdict is None else verdict.seconds, tuple(cases))


def _of_verdict(verdict: Verdict, name: str) -> Iterator[Case]:
    checks = [(task.task, check) for task in verdict.tasks for check in task.checks]
    for task, check in checks:
        kind = _KINDS.get(check.ending, "passed")
        text = "" if kind == "passed" else _text(check)
        yield Case(f"{name}.{task}", check.check, kind, check.sentence if text else "", text)
    held = verdict.status in NEEDS_A_PERSON
    if not checks or (held and not any(check.ending == "broken" for _, check in checks)):
        why = "\n".join([verdict.status, *reasons(verdict)])
        yield Case(name, "submission", "error" if held else "failure", verdict.status, why)


def _text(check: Check) -> str:
    said = {
        "expected": check.expected,
        "found": check.found,
        "hint": check.hint,
        "misconception": check.misconception,
    }
    return "\n".join([check.sentence, *(f"{name}: {text}" for name, text in said.items() if text)])


def _unique(suites: Sequence[Suite]) -> Iterator[Suite]:
    """The same, names made fit to be shown, none of them twice: GitLab drops the second."""
    seen: set[tuple[str, str]] = set()
    for suite in suites:
        cases = []
        for case in suite.cases:
            of, name = shown(case.classname, _NAME), shown(case.name, _NAME)
            number, own = 1, name
            while (of, own) in seen:
                number += 1
                own = f"{name} ({number})"
            seen.add((of, own))
            cases.append(replace(case, classname=of, name=own))
        yield replace(suite, name=shown(suite.name, _NAME), cases=tuple(cases))


def _left_out(count: int) -> Suite:
    note = (
        f"{count} suites are left out, because the file would be larger than CI systems read: "
        "the results file (--json) has all of them"
    )
    return Suite("autograder", 0.0, (Case("autograder", "left out", "skipped", note, note),))


def _written(suite: Suite, width: int) -> bytes:
    element = Element(
        "testsuite",
        name=suite.name,
        tests=str(len(suite.cases)),
        failures=str(suite.count("failure")),
        errors=str(suite.count("error")),
        skipped=str(suite.count("skipped")),
        time=f"{suite.seconds:.3f}",
    )
    for case in suite.cases:
        own = SubElement(element, "testcase", classname=case.classname, name=case.name)
        if case.kind != "passed":
            said = SubElement(own, case.kind, message=shown(case.message, width))
            said.text = _cut(case.text, width)
    indent(element, " ")
    data: bytes = tostring(element, encoding="utf-8")
    return data + b"\n"


def _framed(suites: Sequence[bytes]) -> bytes:
    head = b'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="autograder">\n'
    return b"".join([head, *suites, b"</testsuites>\n"])


def _cut(text: str, width: int) -> str:
    clean = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean if len(clean) <= width else f"{clean[: width - 1]}…"
