"""Runs made in this process, without rooms: cells are executed and questions answered as the student room would."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course import Assignment, Task
from autograder.graders import Grader, graders
from autograder.judge.room import add_up, run_graders
from autograder.questions import Call, Calls, Question, Snippet, Symbolic, Variable
from autograder.records import CellError, Check, Run, SectionRun, TaskVerdict, Verdict, read_run, to_json

SEED = 20_241
FOLDER = Path(__file__).parent.parent / "autograder" / "graders"


def judged(folder: Path, assignment: str, cells: Mapping[str, str], **others: Any) -> dict[str, TaskVerdict]:
    """The verdict on cells (task to source) for each task that has one, worth one point each."""
    found = {task: grader for task, grader in graders(assignment, FOLDER).items() if task in cells}
    answered(folder, assignment, cells, found, **others)
    return {task.task: task for task in verdict(folder, assignment, tuple(found)).tasks}


def verdict(folder: Path, assignment: str, tasks: tuple[str, ...], graders_folder: Path = FOLDER) -> Verdict:
    """The verdict on a run that lies in `folder`, judged in this process."""
    payload = {
        "run_dir": str(folder),
        "graders": str(graders_folder / assignment),
        "tasks": tasks,
        "secret": "of the tests",
        "store": str(folder.parent / "hidden"),
    }
    worth = Assignment(assignment, tuple(Task(task, 1.0, manual=False) for task in tasks), folder, folder)
    checks = {task: [Check(**check) for check in found] for task, found in run_graders(payload).items()}
    return add_up(read_run(folder / "run.json"), worth, checks)


def answered(
    folder: Path,
    assignment: str,
    cells: Mapping[str, str],
    found: Mapping[str, Grader],
    given: Mapping[str, Any] | None = None,
) -> None:
    """Execute the cells in one namespace, which holds `given`, and write run.json and the answers."""
    namespace: dict[str, Any] = dict(given or {})
    sections = tuple(_section(task, source, namespace) for task, source in cells.items())
    for task, grader in found.items():
        questions = grader.module.questions(np.random.default_rng([SEED, *task.encode()]))
        for name, question in questions.items():
            place = folder / "artefacts" / task
            place.mkdir(parents=True, exist_ok=True)
            answer = {"task": task, "question": name, **_answer(question, namespace, cells, place / name)}
            (place / f"{name}.json").write_text(json.dumps(answer))
    run = Run(assignment, "alice", "key", SEED, "graded", "none", 1.0, 1.0, sections)
    (folder / "run.json").write_text(to_json(run))


def _section(task: str, source: str, namespace: dict[str, Any]) -> SectionRun:
    try:
        exec(compile(source, f"«{task}»", "exec"), namespace)
    except Exception as error:
        return SectionRun(task, "error", 0.1, _error(error, (task,)))
    return SectionRun(task, "done", 0.1)


def _error(error: Exception, tasks: Any) -> CellError:
    frames = [frame.filename.strip("«»") for frame in traceback.extract_tb(error.__traceback__)]
    through = tuple(name for name in frames if name in tasks)
    return CellError(type(error).__name__, str(error), None, through)


def _answer(question: Question, namespace: dict[str, Any], cells: Mapping[str, str], path: Path) -> dict[str, Any]:
    nothing = {"type": None, "seconds": 0.1, "value": None, "values": [], "error": None, "detail": ""}
    name = getattr(question, "function", None) or getattr(question, "name", None)
    if not isinstance(question, Snippet) and name not in namespace:
        return {**nothing, "outcome": "missing"}
    try:
        if isinstance(question, Variable):
            return {**nothing, **_written(namespace[question.name], question.weights, path)}
        if isinstance(question, Calls):
            function = namespace[question.function]
            values = [_value(function, case, cells) for case in question.cases]
            return {**nothing, "outcome": "values", "type": "list", "values": values}
        assert isinstance(question, Call), question
        return {**nothing, **_called(question, namespace, path)}
    except Exception as error:
        return {**nothing, "outcome": "error", "error": asdict(_error(error, tuple(cells)))}


def _value(function: Any, case: Any, cells: Mapping[str, str]) -> dict[str, Any]:
    try:
        return {"value": _plain(function(*case))}
    except Exception as error:
        return {"error": asdict(_error(error, tuple(cells)))}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic | np.ndarray) and value.size == 1 else value


def _called(question: Call, namespace: dict[str, Any], path: Path) -> dict[str, Any]:
    import keras

    inputs = {
        key: keras.Input(value.shape, name=value.name, dtype=value.dtype)
        for key, value in [*enumerate(question.args), *question.kwargs.items()]
        if isinstance(value, Symbolic)
    }
    args = [inputs.get(n, value) for n, value in enumerate(question.args)]
    kwargs = {key: inputs.get(key, value) for key, value in question.kwargs.items()}
    result = namespace[question.function](*args, **kwargs)
    if isinstance(result, keras.KerasTensor):
        result = keras.Model(list(inputs.values()), result)
    return _written(result, question.weights, path)


def _written(result: Any, weights: bool, path: Path) -> dict[str, Any]:
    import keras

    if not isinstance(result, keras.Model):
        return {"outcome": "value", "type": type(result).__name__, "value": _plain(result)}
    path.with_suffix(".config.json").write_text(result.to_json())
    if weights:
        np.savez(path.with_suffix(".npz"), **_arrays(result, ""))
    return {"outcome": "model", "type": type(result).__name__}


def _arrays(model: Any, prefix: str) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            arrays |= _arrays(layer, f"{prefix}{layer.name}/")
        else:
            arrays |= {f"{prefix}{layer.name}:{n}": np.asarray(weight) for n, weight in enumerate(layer.weights)}
    return arrays
