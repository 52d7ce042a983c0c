"""Rooms without walls, in this very process: for tests of graders, and to debug one.

Everything else is as in real rooms: the same code answers the questions and judges the answers.
Nothing that you don't trust may run here.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from autograder.rooms.backend import NAMES, ON_CPU, Backend
from autograder.rooms.kernel import Died
from autograder.rooms.limits import Limits
from autograder.rooms.outputs import Outputs
from autograder.rooms.room import Called, Ended

_ALONE = threading.RLock()  # standard output and the working folder are the whole process's


class RoomsHere:
    """Rooms that are none; `given` is what each notebook finds defined."""

    def __init__(self, isolation: str = "none", given: dict[str, Any] | None = None) -> None:
        self.isolation = isolation
        self._given = given or {}

    @property
    def backend(self) -> Backend:
        """What Keras computes with in this process."""
        import keras

        found: Backend = keras.backend.backend()
        return found

    @property
    def device(self) -> str:
        """The same in words."""
        return f"{NAMES[self.backend]}{ON_CPU}"

    @contextlib.contextmanager
    def seat(self) -> Iterator[RoomsHere]:
        """These: nothing is to be waited for."""
        yield self

    def kernel(self, folder: Path, limits: Limits) -> KernelHere:  # noqa: ARG002 — nothing is limited
        """What runs the cells."""
        return KernelHere(folder, self._given)

    def call(
        self,
        function: str,
        payload: Any,
        folder: Path,
        limits: Limits | None = None,  # noqa: ARG002
        *,
        seconds: float | None = None,  # noqa: ARG002
        readable: Sequence[Path] = (),  # noqa: ARG002
    ) -> Called:
        """The function's value, a JSON value as from a room."""
        module, _, name = function.partition(":")
        with _ALONE, contextlib.chdir(folder):
            value = getattr(importlib.import_module(module), name)(payload)
        return Called(json.loads(json.dumps(value)), Ended(0, "exited"), "", {})


class KernelHere:
    """Runs cells and answers questions in a namespace of its own."""

    def __init__(self, folder: Path, given: dict[str, Any]) -> None:
        self.cpu_seconds = 0.0  # there is no process of its own
        self._folder = folder
        self._count = 0
        self._shell = SimpleNamespace(
            user_ns={"__name__": "__main__", **given},
            compile=SimpleNamespace(get_code_name=lambda raw, code, number: f"<cell {number}>"),  # noqa: ARG005
            kernel=SimpleNamespace(session=SimpleNamespace(send=None), shell_handlers={}),
        )

    async def open(self, seed: int) -> None:
        """Import what answers questions, and seed everything."""
        import keras

        from autograder.rooms.inside import Inside

        keras.utils.set_random_seed(seed)
        self._inside = Inside(self._shell, str(self._folder / "answers"))

    async def execute(self, code: str, seconds: float, outputs: Outputs) -> dict[str, Any]:  # noqa: ARG002
        """Run a cell, for as long as it takes."""
        self._count += 1
        printed, complained = io.StringIO(), io.StringIO()
        with _ALONE, contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
            error = self._run(TransformerManager().transform_cell(code))
        for name, stream in (("stdout", printed), ("stderr", complained)):
            if text := stream.getvalue():
                outputs.take("stream", {"name": name, "text": text}, len(text))
        if error is None:
            return {"status": "ok", "execution_count": self._count}
        told = {"ename": type(error).__name__, "evalue": str(error)}
        lines = traceback.format_exception_only(error)
        outputs.take("error", {**told, "traceback": lines}, len(str(error)))
        return {"status": "error", "execution_count": self._count, **told}

    async def request(self, content: dict[str, Any], seconds: float) -> dict[str, Any]:  # noqa: ARG002
        """What `inside` replies."""
        with _ALONE:
            return self._inside.serve(json.loads(json.dumps(content)))

    async def close(self) -> None:
        """Nothing lives on anyway."""

    def _run(self, code: str) -> Exception | None:
        name = self._shell.compile.get_code_name(code, code, self._count)
        try:
            exec(compile(code, name, "exec"), self._shell.user_ns)  # noqa: S102 — it is what this is for
        except SystemExit:
            raise Died("crashed", "RoomDied", "exit() or quit() ended the Python process") from None
        except Exception as error:
            sys.last_value = error
            return error
        return None
