"""The pytest plugin that turns a grader file and a run into checks;
without `--run` it does nothing.

By hand: `pytest autograder/graders/residual_networks/residual_block.py --run
runs/residual_networks/alice`.
"""

from __future__ import annotations

import functools
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import UsageError
from autograder.records import Check, Run

MARKS = (
    "weight(share): how much the check counts beside the others of its task; 1 where not said",
    "needs(*names): checks of the same file, or whole tasks, that have to pass first",
    "hint(text): what to say where the check fails and nothing more exact is known",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option: the run to judge."""
    group = parser.getgroup("autograder")
    group.addoption(
        "--run",
        metavar="DIR",
        help="judge the answers in this run of a submission with grader files",
    )
    group.addoption(
        "--secret",
        metavar="SEED",
        default="demo",
        help="the secret seed of the hidden data, by hand",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marks are known everywhere; everything else is in the object
    that is registered for `--run`.
    """
    _register_marks(config)
    folder = config.getoption("--run", default=None)
    if folder is not None:
        from autograder.judge.calibration import calibration_records
        from autograder.records import read_run

        run_dir = Path(folder)
        run = read_run(run_dir / "run.json")
        records = calibration_records(run.assignment)
        config.pluginmanager.register(
            Judging(run_dir, run, config.getoption("--secret"), None, records)
        )


@dataclass(eq=False)
class Judging:
    """One judging of one run: offers `answers`, `hidden` and `secret`
    to the checks and keeps a record of each.
    """

    run_dir: Path
    run: Run
    seed: int | str
    store: Path | None = None  # where hidden data may be kept
    # calibration records by task
    calibrated: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    # by task, in the order in which they ran
    checks: dict[str, list[Check]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)  # tasks whose file could not be loaded
    # checks that have to leave a record
    collected: dict[str, set[str]] = field(default_factory=dict)
    cache: dict[tuple[str, str], Any] = field(default_factory=dict)

    def pytest_configure(self, config: pytest.Config) -> None:
        """The marks are ours."""
        _register_marks(config)

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
            self.collected.setdefault(item.path.stem, set()).add(item.name.removeprefix("test_"))

    @pytest.fixture
    def answers(self, request: pytest.FixtureRequest) -> Any:
        """The answers to the questions of the file's task."""
        from autograder.judge.answers import Answers

        module, task = request.module, request.path.stem
        questions = module.questions(np.random.default_rng([self.run.seed, *task.encode()]))
        found = Answers(
            self.run_dir, self.run, task, questions, tuple(getattr(module, "NEEDS", ())), self.cache
        )
        request.node.stash[_SEEN] = found.seen
        return found

    @pytest.fixture(scope="session")
    def hidden(self) -> Any:
        """Hidden data: `hidden("shapes", 1000)` gives that many scenes from the secret seed."""
        from autograder.judge.hidden import hidden_scenes

        return functools.partial(hidden_scenes, secret=self.seed, store=self.store)

    @pytest.fixture
    def calibration(self, request: pytest.FixtureRequest) -> Mapping[str, float]:
        """What was measured for the thresholds of the file's task:
        the entry of its calibration record.
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
        for mark in item.iter_markers("needs"):
            for name in mark.args:
                self._need(item, name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Each check leaves one record: the first phase that raised decides,
        else the call that returned.
        """
        report = yield
        raised = call.excinfo.value if call.excinfo else None
        if call.when == "call" or raised is not None:
            check = self._keep(item, raised)
            if check.ending != "passed":
                report.outcome, report.longrepr = "failed", _told(check)
        return report

    def _need(self, item: pytest.Item, name: str) -> None:
        from autograder.judge.expectations import Blocked

        if not name.startswith("test_"):
            if not self._passed(name):  # a task that is not judged here, by hand, holds nothing up
                raise Blocked(name, "its own checks have to pass first")
            return
        before = [
            c
            for c in self.checks.get(item.path.stem, ())
            if c.check.split("[")[0] == name.removeprefix("test_")
        ]
        if not before:
            raise UsageError(
                f"{item.name} needs {name}, which has not run before it in {item.path.name}"
            )
        if waiting := [c for c in before if c.ending != "passed"]:
            raise Blocked(name, f"first this has to hold: {waiting[0].sentence}")

    def _passed(self, task: str) -> bool:
        return task not in self.problems and all(
            check.ending == "passed" for check in self.checks.get(task, ())
        )

    def _keep(self, item: pytest.Item, raised: BaseException | None) -> Check:
        from autograder.judge.endings import check_of

        finished = frozenset(task for task in self.checks if self._passed(task))
        check = check_of(claim_of(item), raised, item.stash.get(_SEEN, ()), finished)
        records = self.checks.setdefault(item.path.stem, [])
        # a teardown has the last word
        records[:] = [record for record in records if record.check != check.check]
        records.append(check)
        return check


def _register_marks(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def claim_of(item: pytest.Item) -> Any:
    """What the record of a check says whatever comes of it."""
    from autograder.judge.endings import Claim

    weights = [mark.args[0] for mark in item.iter_markers("weight")]
    hints = [mark.args[0] for mark in item.iter_markers("hint")]
    sentence = " ".join((getattr(item, "obj", None).__doc__ or "").split())
    return Claim(
        assignment=item.path.parent.name,
        check=item.name.removeprefix("test_"),
        weight=float(weights[0]) if weights else 1.0,
        sentence=sentence,
        hint=hints[0] if hints else "",
    )


_SEEN: pytest.StashKey[Sequence[Any]] = pytest.StashKey()


def _told(check: Check) -> str:
    lines = [
        f"{check.ending}: {check.sentence}",
        f"  expected: {check.expected}",
        f"  found: {check.found}",
    ]
    return "\n".join([*lines, f"  hint: {check.hint}", f"  misconception: {check.misconception}"])
