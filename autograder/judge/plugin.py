"""The pytest plugin that turns a grader file and a run into checks.

By hand, on one run of a graded class:

    pytest -p autograder.judge.plugin graders/<a>/<task>.py --run runs/<a>/<student>
"""

from __future__ import annotations

import functools
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.answers.questions import Question, from_data
from autograder.errors import UsageError
from autograder.judge.hidden_side import Records, load, package_of
from autograder.judge.hints import Hint
from autograder.records import Check, Run, read_run

if TYPE_CHECKING:  # imported by name only: by hand, pytest loads this before any Keras
    from autograder.judge.answers import Answers
    from autograder.judge.expectations import Blocked

MARKS = (
    "weight(share): how much the check counts beside the others of its task; 1 where not said",
    "needs(*names): checks of the same file, or whole tasks, that have to pass first",
    "hint(text): what to say where the check fails and nothing more exact is known",
    "reported: the check rests on what was reported from inside the student's process",
    "cases(*questions): the check is made for each of these, and passes if it does for all",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option: the run to judge."""
    group = parser.getgroup("autograder")
    group.addoption("--run", metavar="DIR", help="judge the answers in this run of a submission")


def pytest_configure(config: pytest.Config) -> None:
    """Everything is in the object that is registered for `--run`."""
    if (folder := config.getoption("--run")) is not None:
        config.pluginmanager.register(_by_hand(Path(folder)))


def _by_hand(run_dir: Path) -> Judging:
    from autograder.course import find_course
    from autograder.data.prepared import prepared, use
    from autograder.desk import desk
    from autograder.judge.hidden_side import RECORD, read_calibration
    from autograder.judge.hints import read_hints

    run, course = read_run(run_dir / "run.json"), find_course(run_dir)
    use({"desk": desk(course, run.assignment), "data": prepared(course)})
    folder = course.graders / run.assignment
    return Judging(
        run_dir,
        run,
        course.secret_seed,
        None,
        read_calibration(folder / RECORD),
        read_hints(folder / "hints.toml"),
    )


class GraderFile(pytest.Module):
    """A grader, imported with what it shares with others of its folder."""

    package: str

    def _getobj(self) -> Any:
        return load(self.path, self.package)


@dataclass(eq=False)
class Judging:
    """One judging of one run: offers `answers`, `case`, `hidden`, `calibration` and `secret` to the
    checks, and keeps a record of each.
    """

    run_dir: Path
    run: Run
    seed: int | str
    store: Path | None = None  # where hidden data may be kept
    calibrated: Records = field(default_factory=dict)
    hints: Mapping[str, Hint] = field(default_factory=dict)
    # by task, in the order in which they ran
    checks: dict[str, list[Check]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)  # tasks whose file could not be loaded
    # checks that have to leave a record
    collected: dict[str, set[str]] = field(default_factory=dict)
    cache: dict[tuple[str, str], Any] = field(default_factory=dict)
    # by task, other tasks that were looked at
    leans: dict[str, set[str]] = field(default_factory=dict)
    packages: dict[Path, str] = field(default_factory=dict)  # of folders with graders
    # for each task and check what came of its cases
    parts: dict[tuple[str, str], dict[str, Check]] = field(default_factory=dict)

    @functools.cached_property
    def asked(self) -> dict[str, dict[str, Question]]:
        """What the student room was asked, by task."""
        data = json.loads((self.run_dir / "questions.json").read_text(encoding="utf-8"))
        return {
            task: {name: from_data(question) for name, question in questions.items()}
            for task, questions in data.items()
        }

    def pytest_configure(self, config: pytest.Config) -> None:
        """The marks are ours."""
        for mark in MARKS:
            config.addinivalue_line("markers", mark)

    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> pytest.Module:
        """Graders are imported our way, whatever pytest's mode of importing is."""
        found: GraderFile = GraderFile.from_parent(parent, path=module_path)
        folder = module_path.parent
        if folder not in self.packages:
            self.packages[folder] = package_of(folder)
        found.package = self.packages[folder]
        return found

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A check with cases runs once for each."""
        for mark in metafunc.definition.iter_markers("cases"):
            metafunc.parametrize("case", mark.args, indirect=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """A file that can't be loaded is a broken check of its task, not silence."""
        report = yield
        if report.failed:
            self.problems[Path(collector.path).stem] = str(report.longreprtext)[-500:]
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What was collected has to leave a record."""
        for item in session.items:
            self.collected.setdefault(item.path.stem, set()).add(_name(item))

    @pytest.fixture
    def answers(self, request: pytest.FixtureRequest) -> Any:
        """The answers to the questions of the file's task."""
        from autograder.judge.answers import Answers

        needs = tuple(getattr(request.module, "NEEDS", ()))
        task = request.path.stem
        leans = self.leans.setdefault(task, set())
        leans.update(needs)
        found = Answers(self.run_dir, self.run, task, self.asked, needs, self.cache, leans=leans)
        request.node.stash[_LOOKED] = found
        return found

    @pytest.fixture
    def case(self, request: pytest.FixtureRequest, answers: Any) -> Any:
        """One of the check's cases: a question, with its answer."""
        from autograder.judge.case import Case

        diagnose = getattr(request.module, "diagnose", None)
        return Case(answers, request.param, diagnose)

    @pytest.fixture(scope="session")
    def hidden(self, request: pytest.FixtureRequest) -> Any:
        """Hidden data: `hidden("collection", 1000)` draws so many from the secret seed,
        `hidden.derived("name")` is what `derived.py` makes of them.
        """
        from autograder.judge.hidden import Hidden

        folder = request.session.items[0].path.parent  # one run is judged, by one hidden folder
        return Hidden(self.seed, self.store, folder, self.calibrated)

    @pytest.fixture
    def calibration(self, request: pytest.FixtureRequest) -> Mapping[str, Any]:
        """What was measured for the thresholds of the file's task: the entry of its calibration
        record.
        """
        task = request.path.stem
        if task not in self.calibrated:
            raise UsageError(
                f"there is no calibration record for «{task}»: run autograder calibrate"
            )
        return self.calibrated[task]

    @pytest.fixture(scope="session")
    def secret(self) -> int | str:
        """The secret seed itself."""
        return self.seed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A check whose needs have not passed is blocked before anything of it runs."""
        parts = self.parts.get((item.path.stem, _name(item)), {})
        if any(check.ending != "passed" for check in parts.values()):
            raise _Settled
        self._demand(item, [name for mark in item.iter_markers("needs") for name in mark.args])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Each check leaves one record: the first phase that raised decides, else the call that
        returned.
        """
        excinfo, call.excinfo = call.excinfo, None  # pytest would tell it at length, with sources
        report = yield
        call.excinfo = excinfo
        raised = excinfo.value if excinfo else None
        if isinstance(raised, _Settled):
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, str(raised))
        elif call.when == "call" or raised is not None:
            check = self._keep(item, raised)
            if check.ending != "passed":
                report.outcome, report.longrepr = "failed", _told(check)
        return report

    def _demand(self, item: pytest.Item, needs: Sequence[str]) -> None:
        """Raise Blocked for the first need that has not passed; where one has failed, for that one
        before any that only waits for a person.
        """
        waiting = [blocked for name in needs if (blocked := self._waiting(item, name))]
        if waiting:
            raise min(waiting, key=lambda one: bool(self._held(item.path.stem, one.by)))

    def _waiting(self, item: pytest.Item, name: str) -> Blocked | None:
        """Why a check can't be made yet that needs a task, or another check of its file."""
        from autograder.judge.expectations import Blocked

        task = item.path.stem
        if not name.startswith("test_"):
            self.leans.setdefault(task, set()).add(name)
            if self._passed(name):  # or is not judged here, by hand, and holds nothing up
                return None
            return Blocked(name, "its own checks have to pass first")
        before = self._before(task, name)
        if not before:
            raise UsageError(
                f"{item.name} needs {name}, which has not run before it in {item.path.name}"
            )
        waiting = [check for check in before if check.ending != "passed"]
        return Blocked(name, f"first this has to hold: {waiting[0].sentence}") if waiting else None

    def _before(self, task: str, name: str) -> list[Check]:
        """What came of a check of a task, for each of its parameters."""
        return [
            check
            for check in self.checks.get(task, ())
            if check.check.split("[")[0] == name.removeprefix("test_")
        ]

    def _passed(self, task: str) -> bool:
        return task not in self.problems and all(
            check.ending == "passed" for check in self.checks.get(task, ())
        )

    def _held(self, task: str, name: str) -> str:
        """What is held back, in words, where that is all that speaks against what a check of the
        task waits for; "" where something of it has failed, or nothing is known of it.
        """
        own = name.startswith("test_")
        checks = self._before(task, name) if own else self.checks.get(name, ())
        ours = [check for check in checks if check.ending == "broken"]
        theirs = [check for check in checks if check.ending in {"failed", "blocked"}]
        if theirs or not (ours or name in self.problems):
            return ""
        return f"a check of this task: {ours[0].sentence}" if own else f"«{name}»"

    def _keep(self, item: pytest.Item, raised: BaseException | None) -> Check:
        """The record of what an item came to; the first of a check's cases that has not passed
        decides for the check, and a teardown has the last word on its case.
        """
        from autograder.judge.endings import check_of
        from autograder.judge.expectations import Blocked, Failure

        task, name = item.path.stem, _name(item)
        looked = item.stash.get(_LOOKED, None)
        if looked and isinstance(raised, Failure):
            raised = looked.in_context(raised)
        by = raised.by if isinstance(raised, Blocked) else "test_"
        if not by.startswith("test_"):
            self.leans.setdefault(task, set()).add(by)
        finished = frozenset(task for task in self.checks if self._passed(task))
        seen, said = (looked.seen, looked.remarks) if looked else ((), ())
        held = self._held(task, by)
        check = check_of(announced(item, self.hints), raised, seen, finished, said, held)
        parts = self.parts.setdefault((task, name), {})
        parts[item.name] = check
        remarked = next((part for part in parts.values() if part.hint), check)
        decisive = next((part for part in parts.values() if part.ending != "passed"), remarked)
        records = self.checks.setdefault(task, [])
        records[:] = [record for record in records if record.check != name]
        records.append(decisive)
        return check


class _Settled(Exception):
    """An earlier case of the check has not passed."""


def announced(item: pytest.Item, hints: Mapping[str, Hint]) -> Any:
    """What the record of a check says whatever comes of it."""
    from autograder.judge.endings import Announcement

    weights = [mark.args[0] for mark in item.iter_markers("weight")]
    said = [mark.args[0] for mark in item.iter_markers("hint")]
    sentence = " ".join((getattr(item, "obj", None).__doc__ or "").split())
    return Announcement(
        check=_name(item),
        weight=float(weights[0]) if weights else 1.0,
        sentence=sentence,
        hint=said[0] if said else "",
        hints=hints,
        folder=item.path.parent,
        reported=item.get_closest_marker("reported") is not None,
    )


def _name(item: pytest.Item) -> str:
    """The name of the check that an item is, or is a case of."""
    plain = getattr(item, "originalname", None) or item.name
    one = plain if item.get_closest_marker("cases") else item.name
    return str(one).removeprefix("test_")


_LOOKED: pytest.StashKey[Answers] = pytest.StashKey()


def _told(check: Check) -> str:
    lines = [
        f"{check.ending}: {check.sentence}",
        f"  expected: {check.expected}",
        f"  found: {check.found}",
    ]
    return "\n".join([*lines, f"  hint: {check.hint}", f"  misconception: {check.misconception}"])
