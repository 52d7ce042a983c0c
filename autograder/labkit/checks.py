"""Public checks: kind, shape, range and one case that can be worked by hand.
They name likely mistakes, never answers.

A check prints and never raises, so the notebook runs on: what holds goes to stdout, what doesn't to
stderr. Only where nbgrader runs the notebook to see whether it is done (`nbgrader validate`) it
raises what does not hold: a cell that raises nothing passes there.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .mismatch import explain_error

# One line of a check: whether it holds, what is claimed, the likely mistake where it doesn't.
Line = tuple[bool, str, str]
WIDTH = 80  # columns of what is raised: `nbgrader validate` cuts longer lines off


@dataclass(frozen=True)
class Public:
    """The public check of one task."""

    names: tuple[str, ...]  # what the task asks for, as it is called in the notebook
    lines: Callable[..., Iterator[Line]]  # called with these objects
    needs: tuple[str, ...] = ()  # tasks whose answers it builds on


@dataclass(frozen=True)
class _Outcome:
    lines: tuple[Line, ...]
    trouble: str | None  # why there are no more of them


class CheckFailed(AssertionError):
    """What does not hold, where nbgrader validates."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback, which would be all ours."""
        return [part for line in str(self).split("\n") for part in textwrap.wrap(line, WIDTH)]


def check(task: str, *objects: Any) -> None:
    """Check a task's answer: the objects given,
    or else what goes by the task's names in the notebook.

    Raises:
        CheckFailed: something does not hold, and nbgrader validates or grades the notebook.
    """
    said = list(_said(task, objects))
    wrong = [line for line, well in said if not well]
    if wrong and os.environ.get("NBGRADER_EXECUTION"):
        raise CheckFailed("\n".join(wrong))
    for line, well in said:
        print(line, file=sys.stdout if well else sys.stderr, flush=True)


def ready(*tasks: str) -> bool:
    """Whether a later cell can use these tasks' answers; says which one it waits for if not."""
    for unknown in filter(lambda public: isinstance(public, str), map(_public, tasks)):
        print(unknown, file=sys.stderr, flush=True)
    waits = _unready(tasks)
    if waits:
        print(f"This cell waits for {' and '.join(waits)}.", flush=True)
    return not waits


def takes(seconds: int) -> bool:
    """Whether to run what takes so long only to show something: not where the notebook has set
    `skip_long_cells = True`.
    """
    if _in_notebook("skip_long_cells"):
        print(f"Passed over: it takes about {seconds} seconds.", flush=True)
        return False
    how = "`skip_long_cells = True` in a cell of your own spares you."
    print(f"About {seconds} seconds. {how}", flush=True)
    return True


def is_model(value: Any) -> bool:
    """Whether it is a Keras model."""
    import keras

    return isinstance(value, keras.Model)


def _said(task: str, objects: Sequence[Any]) -> Iterator[tuple[str, bool]]:
    """The lines of a check, and whether each is good news."""
    public = _public(task)
    if isinstance(public, str):
        yield public, False
        return
    outcome = _run(task, public, objects)
    for holds, claim, mistake in outcome.lines:
        yield f"✓ {claim}" if holds else f"✗ {claim}. {mistake}", holds
    if outcome.trouble is not None:
        waits = _unready(public.needs)
        yield f"– {task} waits for {waits[0]}." if waits else f"✗ {outcome.trouble}", False
    elif all(holds for holds, _, _ in outcome.lines):
        yield f"{task}: all public checks hold. The hidden ones ask for more cases.", True


def _public(task: str) -> Public | str:
    """What is known of a task, or why nothing is: `public.py` comes with the assignment."""
    if importlib.util.find_spec(f"{__package__}.public") is None:
        return "– This assignment has no public checks."
    tasks: dict[str, Public] = importlib.import_module(".public", __package__).TASKS
    if task not in tasks:
        near = difflib.get_close_matches(str(task), tasks, 1) or list(tasks)
        return f"✗ There is no task {task!r}. Did you mean {near[0]!r}?"
    return tasks[task]


def _unready(tasks: Sequence[str]) -> list[str]:
    publics = [(task, _public(task)) for task in tasks]
    return [
        task
        for task, public in publics
        if isinstance(public, str) or _run(task, public, ()).trouble is not None
    ]


def _run(task: str, public: Public, objects: Sequence[Any]) -> _Outcome:
    given = list(objects) or [_in_notebook(name) for name in public.names]
    absent = [name for name, value in zip(public.names, given, strict=False) if value is None]
    if absent:
        return _Outcome(
            (), f"{task} is not answered yet: `{absent[0]}` has no value. Run its cell above first."
        )
    done: list[Line] = []
    try:
        done.extend(public.lines(*given))
    except NotImplementedError as error:
        line = explain_error(error)
        return _Outcome(tuple(done), line or f"{task} is not answered yet.")
    except Exception as error:  # an answer may raise anything, and a check must not
        line = explain_error(error) or str(error).strip().split("\n")[0]
        return _Outcome(tuple(done), f"{_who(task, error)} {type(error).__name__}: {line}")
    return _Outcome(tuple(done), None)


def _who(task: str, error: Exception) -> str:
    """Whose error it is: the answer's, or the check's own, with the line."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    if Path(where.filename) == Path(__file__).with_name("public.py"):
        return f"The check itself stopped, at public.py:{where.lineno}:"
    return f"{task} raised"


def _in_notebook(name: str) -> Any:
    """The notebook's variable of that name, or None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    names = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
    return names.get(name)
