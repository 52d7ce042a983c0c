"""The hidden side of an assignment, whole: a folder with its graders, what they share, its hints.

graders/<assignment>/
├─ <task>.py          one pytest file a task: `questions(rng)` above, claims below
├─ _mistakes.py       what lies behind a failure: its functions return ids of hints.toml;
│                     of several files all end like this: _unet_mistakes.py
├─ _*.py              what else graders share, by relative imports
├─ hints.toml         what is said to each misconception
├─ public.py          what labkit.check knows; goes beside the notebook
├─ derived.py         what is worked out from hidden data once for all submissions
└─ calibration.toml   how thresholds are measured; calibration.json: what came of it;
                      scores.py: measures of its own
"""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import sys
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import numpy as np

from autograder.answers.questions import Question, to_data
from autograder.errors import UsageError
from autograder.judge.hints import Hint, read_hints
from autograder.showing import shown
from autograder.tables import read_text

HINTS, PUBLIC, SCORES, MISTAKES = "hints.toml", "public.py", "scores.py", "_mistakes.py"
DERIVED = "derived.py"
PLAN, RECORD, PLOT = "calibration.toml", "calibration.json", "calibration.svg"
Records = Mapping[str, Mapping[str, Any]]  # calibration records by task
_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Grader:
    """What the rooms need to know of a grader: its task, the tasks that it needs, its questions."""

    task: str
    path: Path
    module: Any

    @property
    def needs(self) -> tuple[str, ...]:
        """The tasks on whose answers this one builds."""
        return tuple(getattr(self.module, "NEEDS", ()))

    def questions(self, seed: int) -> dict[str, dict[str, Any]]:
        """Its questions as data; the same seed gives the same ones.

        Raises:
            UsageError: its `questions` raises, or is not there.
        """
        try:
            rng = np.random.default_rng([seed, *self.task.encode()])
            asked: Mapping[str, Question] = self.module.questions(rng)
            return {name: to_data(question) for name, question in asked.items()}
        except Exception as error:
            raise UsageError(_told(error, self.path)) from None


@dataclass(frozen=True, eq=False)
class HiddenSide:
    """The hidden folder of one assignment, read and checked."""

    folder: Path
    graders: Mapping[str, Grader]
    hints: Mapping[str, Hint] = field(default_factory=dict)
    calibration: Records = field(default_factory=dict)

    def questions(self, seed: int) -> dict[str, dict[str, Any]]:
        """All questions as data, by task."""
        return {task: grader.questions(seed) for task, grader in self.graders.items()}

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """The tasks that each task needs."""
        return {task: grader.needs for task, grader in self.graders.items()}


def read_hidden_side(folder: Path) -> HiddenSide:
    """Everything in a hidden folder, the graders imported.

    Raises:
        UsageError: there are no graders, one of its files can't be read or imported, questions
            can't be drawn, or a grader names a misconception for which there is no hint. The
            message says file and line.
    """
    files = grader_files(folder)
    if not files:
        raise UsageError(
            f"there are no graders in {folder}: expected a file <task>.py for each task"
        )
    hints = read_hints(folder / HINTS)
    for file in sorted(folder.glob("*.py")):
        for name, line in _named(file):
            if name not in hints:
                raise UsageError(
                    f"{file}:{line}: no hint explains the misconception «{name}»; expected a table"
                    f" [{name}] in {folder / HINTS}"
                )
    package = package_of(folder)
    graders = {file.stem: Grader(file.stem, file, _imported(package, file)) for file in files}
    found = HiddenSide(folder, graders, hints, read_calibration(folder / RECORD))
    found.questions(seed=0)  # that they can be drawn is said before anything runs
    return found


def grader_files(folder: Path) -> list[Path]:
    """The files in a hidden folder that are graders, by name."""
    return sorted(
        path for path in folder.glob("[!_]*.py") if path.name not in {PUBLIC, SCORES, DERIVED}
    )


def load(path: Path, package: str | None = None) -> Any:
    """A module of a hidden folder, imported with what it shares with others there: anew, or as one
    of a `package` made by `package_of`.

    Raises:
        UsageError: it raises.
    """
    return _imported(package or package_of(path.parent), path)


def read_calibration(path: Path) -> Records:
    """The records that `autograder calibrate` has written, by task; none without a file.

    Raises:
        UsageError: the file is not what it writes.
    """
    if not path.exists():
        return {}
    try:
        records = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {shown(error)}") from None
    if not isinstance(records, dict) or not all(isinstance(one, dict) for one in records.values()):
        raise UsageError(f"{path}: expected an object with a record for each task")
    for task, one in records.items():
        if not _is_record(one):
            raise UsageError(
                f"{path}: the record of {shown(task)} is not as `autograder calibrate` writes it;"
                " measure it again"
            )
    return records


def _is_record(one: Mapping[str, Any]) -> bool:
    """Whether a record says what is drawn for it, and what is wrong with it, as it should."""
    sets = [[one.get("collection"), one["scenes"]]] if "scenes" in one else []
    also, about = one.get("also", []), one.get("record", {"edition": "", "problems": []})
    if not isinstance(also, list) or not isinstance(about, dict):
        return False
    problems = about.get("problems")
    return (
        all(map(_is_set, [*sets, *also]))
        and (isinstance(about.get("edition"), str) or "edition" not in about)
        and isinstance(problems, list)
        and all(isinstance(problem, str) for problem in problems)
    )


def _is_set(pair: Any) -> bool:
    """A collection, and how many of it."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
        return False
    return type(pair[1]) is int and 0 < pair[1] < 1 << 31


def dependents(tasks: set[str], needs: Mapping[str, Collection[str]]) -> set[str]:
    """The tasks together with all that need one of them, directly or through others."""
    grown = tasks | {task for task, needed in needs.items() if tasks & set(needed)}
    return grown if grown == tasks else dependents(grown, needs)


def package_of(folder: Path) -> str:
    """A package of that folder under a name of its own, so that what was edited is read anew."""
    name = f"hidden_side_{next(_numbers)}"
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[name] = module_from_spec(spec)
    return name


def _imported(package: str, file: Path) -> Any:
    # Bytecode is taken for current by the second and the size: a quick edit would not be seen.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module(f"{package}.{file.stem}")
    except Exception as error:
        raise UsageError(_told(error, file)) from None
    finally:
        sys.dont_write_bytecode = before


def _told(error: Exception, file: Path) -> str:
    """An error in one line: where in the folder it was raised last, and what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == file.parent]
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    else:
        place = f"{own[-1].filename}:{own[-1].lineno}" if own else str(file)
    said = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    return f"{place}: {type(error).__name__}: {said}"


def _named(file: Path) -> Iterator[tuple[str, int]]:
    """The misconceptions that a file names, and the lines: by `mistake="…"`, and in
    …_mistakes.py by what its functions return.
    """
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return  # said when it is imported
    for node in ast.walk(tree):
        named = isinstance(node, ast.keyword) and node.arg == "mistake"
        if named or (isinstance(node, ast.Return) and file.name.endswith(MISTAKES)):
            yield from _alternatives(node.value)  # type: ignore[attr-defined]


def _alternatives(node: ast.expr | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.IfExp):
        yield from _alternatives(node.body)
        yield from _alternatives(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
