"""Answers the graders' questions in the student's kernel, one at a time, into files.

The supervisor loads this module, with those of its neighbours that it imports, as source text
before any student code runs. It depends on nothing else of ours. A message of a type of its own
brings each question: cells, hooks, history and output of the student's don't see it. What it needs
of the kernel, of Python's built-ins and of Keras it holds on to from the start.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import keras
from IPython.utils.text import SList
from keras.src.backend.common import global_state

from autograder.rooms.arguments import NotDefined, function_of, lookup, made
from autograder.rooms.export import export
from autograder.rooms.notices import Watch
from autograder.rooms.settings import Settings
from autograder.rooms.steps import EAGER, Steps, Untraced
from autograder.rooms.structure import Structures
from autograder.rooms.values import Refused, arrays_in, encode, write_arrays

MAX_MESSAGE = 2_000  # characters of an exception's message
MAX_JSON = 16 * 1024 * 1024  # characters of an answer or a configuration
MAX_WAITING = 1024 * 1024  # characters of output that wait to be sent

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_seeded = keras.utils.set_random_seed
_digest = hashlib.sha256
_dumps = json.dumps
_open = open
_replace = os.replace
_clock = time.monotonic
_frames = sys._current_frames  # noqa: SLF001 — of all threads, however they were started
# The files of the answer at hand, by name, with a hash: who changes one later is found out.
_written: dict[str, str] = {}


class View:
    """The student's namespace for snippets, by attribute or by key;
    a missing name ends the question.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> Any:
        return lookup(self._names, name)

    __getitem__ = __getattr__

    def __contains__(self, name: str) -> bool:
        return name in self._names


class Given(dict[str, Any]):
    """The arguments of a snippet, by key or by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Inside:
    """What the room keeps in the kernel: which task's cells are which, and how to answer."""

    def __init__(self, shell: Any, folder: str) -> None:
        self.shell = shell
        self.folder = folder
        self.task: str | None = None  # whose section runs
        self.threads = 0  # that ran when it began
        self.cells: dict[str, str] = {}  # file name of a cell's code: its task
        self.structures = Structures()
        self.settings = Settings()
        self.noticed: list[str] = []  # what the student's code tried that a room does not give
        self.explain = _explainer()
        self._watch_cells(shell.compile)
        self._listen(shell.kernel)

    def serve(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what the supervisor asks for: "enter" a section, "leave" it,
        tell the last "error", "ask" a question.
        """
        _leave_scopes()
        if request["do"] == "enter":
            self.structures.settle()
            if self.task is None:
                self.settings.keep()
            else:
                self.settings.put_back()
            self.task, self.threads = request["task"], len(_frames())
            _seeded(request["seed"])  # whatever ran before, or did not
            return {}
        if request["do"] == "leave":
            return {"threads": len(_frames()) > self.threads}
        if request["do"] == "error":
            error = getattr(sys, "last_value", None)
            return {"error": None if error is None else self.told(error)}
        _written.clear()
        return {**self.ask(**request["about"]), "digests": dict(_written)}

    def ask(self, task: str, name: str, question: dict[str, Any], seed: int) -> dict[str, Any]:
        """Answer one question into its files; the outcome is returned, and the tasks whose cells
        each exception came through that is part of the answer.
        """
        start = _clock()
        record: dict[str, Any] = {
            "task": task,
            "question": name,
            "outcome": "error",
            "type": "",
            "detail": "",
        }
        path = f"{self.folder}/{task}/{name}"
        os.makedirs(f"{self.folder}/{task}", exist_ok=True)  # noqa: PTH103 — the folder may be gone by now
        try:
            with contextlib.redirect_stdout(_Sink()), contextlib.redirect_stderr(_Sink()):
                record |= self._answered(question, question.get("seed") or seed, path)
        except NotDefined as missing:
            record |= {"outcome": "missing", "detail": str(missing)}
        except Refused as refused:
            record |= {"outcome": "refused", "detail": str(refused)[:MAX_MESSAGE]}
        except BaseException as error:
            # whatever the student's code raises, SystemExit too, is its answer
            record |= {"outcome": "error", "error": self.told(error)}
        _leave_scopes()
        record["seconds"] = round(_clock() - start, 4)
        text = _dumps(record)
        if len(text) > MAX_JSON:
            text = _dumps(
                {
                    **record,
                    "value": None,
                    "values": None,
                    "outcome": "refused",
                    "detail": "it is too large",
                }
            )
        _write(f"{path}.json", text)
        answers = (record, *(record.get("values") or ()))
        raised = [one["error"]["through"] for one in answers if one.get("error")]
        return {"outcome": record["outcome"], "raised": raised}

    def told(self, error: BaseException) -> dict[str, Any]:
        """An exception as plain text, with the tasks
        whose cells it came through, innermost last.
        """
        through: list[str] = []
        place = error.__traceback__
        while place is not None:
            task = self.cells.get(place.tb_frame.f_code.co_filename)
            if task is not None and (not through or through[-1] != task):
                through.append(task)
            place = place.tb_next
        return {
            "type": _plain(type(error).__name__)[:200],
            "message": _text_of(error)[:MAX_MESSAGE],
            "explanation": self.explain(error),
            "through": through,
        }

    def _answered(self, question: dict[str, Any], seed: int, path: str) -> dict[str, Any]:
        """What a question comes to: as cheaply as it may, else as the student's code does it by
        itself.
        """
        if _about_structure(question):
            with contextlib.suppress(BaseException), self.structures.building():
                found = self._answer(question, seed, path, Steps(eager=False))
                if found["outcome"] == "model" or question["ask"] == "Snippet":
                    return found
        self.structures.settle()
        steps = Steps(eager=EAGER)
        try:
            return self._answer(question, seed, path, steps)
        except BaseException as error:
            if not (steps.used or isinstance(error, Untraced)):
                raise
        return self._answer(question, seed, path, Steps(eager=False))

    def _answer(
        self, question: dict[str, Any], seed: int, path: str, steps: Steps
    ) -> dict[str, Any]:
        _seeded(seed)
        symbols: list[Any] = []
        if question["ask"] == "Calls":
            return self._many(self.shell.user_ns, question)
        result = self._result(question, symbols, steps)
        return {
            "type": _plain(type(result).__name__)[:200],
            **_handed_over(result, symbols, path, question),
        }

    def _result(self, question: dict[str, Any], symbols: list[Any], steps: Steps) -> Any:
        """The object that a question asks for."""
        names = self.shell.user_ns
        if question["ask"] == "Variable":
            return lookup(names, question["name"])
        if question["ask"] == "Call":
            function = function_of(names, question["function"])
            args = made(question["args"], names, symbols)
            kwargs = {key: made(value, names, symbols) for key, value in question["kwargs"].items()}
            return function(*args, **kwargs)
        given = {key: made(value, names, symbols) for key, value in question["given"].items()}
        scope: dict[str, Any] = {
            "notebook": View(names),
            "given": Given(given),
            "fit": steps,
            "answer": None,
            "__name__": "snippet",
        }
        exec(compile(question["code"], "<question>", "exec"), scope)  # noqa: S102 — the grader's code
        return scope["answer"]

    def _many(self, names: dict[str, Any], question: dict[str, Any]) -> dict[str, Any]:
        function = function_of(names, question["function"])
        values: list[dict[str, Any]] = []
        kinds = set()
        for case in made(question["cases"], names, []):
            try:
                result = function(*case)
                kinds.add(_plain(type(result).__name__)[:200])
                values.append({"value": encode(result)})
            except Refused as refused:
                values.append(
                    {
                        "error": {
                            "type": "TypeError",
                            "message": f"it returned {refused}",
                            "through": [],
                        }
                    }
                )
            except BaseException as error:  # as in `ask`: the other cases are still answered
                values.append({"error": self.told(error)})
        return {"outcome": "values", "type": ", ".join(sorted(kinds))[:200], "values": values}

    def _watch_cells(self, compiler: Any) -> None:
        named = compiler.get_code_name

        def get_code_name(raw: str, transformed: str, number: int) -> Any:
            name = named(raw, transformed, number)
            if self.task is not None:
                self.cells[name] = self.task
            return name

        compiler.get_code_name = get_code_name

    def _listen(self, kernel: Any) -> None:
        send = kernel.session.send

        def room_request(stream: Any, ident: Any, parent: Any) -> None:
            try:
                reply = self.serve(parent["content"])
                reply["noticed"], self.noticed[:] = self.noticed[:], []
                # after `exit()` the kernel lives on for a moment
                reply["exits"] = bool(self.shell.exit_now)
            except BaseException as error:
                # the kernel's state is the student's: anything may be broken here
                reply = {"failed": f"{type(error).__name__}: {_text_of(error)}"[:MAX_MESSAGE]}
            send(stream, "room_reply", reply, parent, ident=ident)

        kernel.shell_handlers["room_request"] = room_request


def open_inside(shell: Any, seed: int) -> None:
    """Get ready in a fresh kernel; answers go into the folder
    `answers` of its working directory.
    """
    folder = os.path.join(os.getcwd(), "answers")  # noqa: PTH109, PTH118 — no pathlib: student code may change it
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    _show_figures(shell)
    _take_commands(shell)
    shell.events.register("pre_run_cell", _send_in_pieces)
    _seeded(seed)
    inside = Inside(shell, folder)
    sys.addaudithook(Watch(inside.noticed, os.getcwd()))  # noqa: PTH109


def _send_in_pieces(_: Any = None) -> None:
    """Let `print` wait now and then until it is sent:
    an endless one would come as one message, too large to take.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.write = _Pieces(stream)  # type: ignore[method-assign]  # IPython puts the old one back after each cell


class _Pieces:
    """A stream's `write` that sends what waits when it has become much."""

    def __init__(self, stream: Any) -> None:
        self._write, self._flush = stream.write, stream.flush
        self._waiting = 0

    def __call__(self, text: str) -> Any:
        written = self._write(text)
        self._waiting += len(text)
        if self._waiting > MAX_WAITING:
            self._waiting = 0
            self._flush()
        return written


def _show_figures(shell: Any) -> None:
    """A warm process imported Matplotlib before there was a shell
    in which it could have set itself up.
    """
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None:
        inline.configure_inline_support(shell, "module://matplotlib_inline.backend_inline")


def _take_commands(shell: Any) -> None:
    """What notebooks saved as Python make of a «!» comes to nothing, as that does: a room has no
    terminals.
    """

    def system(command: Any) -> None:
        sys.audit("os.system", command)
        print(f"the command «{str(command)[:60]}» does not run here")

    def getoutput(command: Any, split: bool = True, depth: int = 0) -> Any:  # noqa: ARG001 — IPython's
        system(command)
        return SList() if split else ""

    shell.system = shell.system_piped = shell.system_raw = system
    shell.getoutput = getoutput


def _about_structure(question: dict[str, Any]) -> bool:
    """Whether a question can be answered by a model without arrays."""
    if question["ask"] == "Snippet":
        return bool(question.get("structure"))
    if question["ask"] != "Call" or question["weights"]:
        return False
    return not _draws([question["args"], question["kwargs"]])


def _draws(value: Any) -> bool:
    """Whether arrays are among the arguments, so that some will be the answer."""
    if isinstance(value, dict):
        return value.get("ask") == "Random" or _draws(list(value.values()))
    return isinstance(value, list) and any(map(_draws, value))


def _handed_over(
    result: Any, symbols: list[Any], path: str, question: dict[str, Any]
) -> dict[str, Any]:
    flat = keras.tree.flatten(result) if isinstance(result, list | tuple | dict) else [result]
    if flat and all(isinstance(item, keras.KerasTensor) for item in flat):
        result = keras.Model(symbols if len(symbols) != 1 else symbols[0], result)
    if isinstance(result, keras.Model):
        config, arrays = export(result, weights=question.get("weights", False))
        if len(config) > MAX_JSON:
            raise Refused("a model whose configuration is too large")
        if arrays:
            write_arrays(f"{path}.npz", arrays)
        _write(f"{path}.config.json", config)
        return {"outcome": "model"}
    if (found := arrays_in(result)) is not None:
        write_arrays(f"{path}.npz", found)
        return {"outcome": "array"}
    return {"outcome": "value", "value": encode(result)}


def _leave_scopes() -> None:
    """Take names that TensorFlow refused off Keras' stack of scopes,
    where they would break every later layer.
    """
    stack = global_state.get_global_attribute("name_scope_stack")
    if stack:
        stack.clear()


def _explainer() -> Callable[[BaseException], str | None]:
    try:
        from labkit import explain_error
    except ImportError:
        return lambda _: None

    def explain(error: BaseException) -> str | None:
        try:
            text = explain_error(error)
        except Exception:  # the exception's own attributes are the student's
            return None
        return _plain(text)[:1000] if isinstance(text, str) else None

    return explain


def _text_of(error: BaseException) -> str:
    try:
        return _plain(str(error))
    except BaseException:  # `__str__` is the student's
        return "(an exception whose message can't be shown)"


def _plain(text: str) -> str:
    return _COLOURS.sub("", str(text)).encode("utf-8", "replace").decode()


def _write(path: str, text: str) -> None:
    _written[os.path.basename(path)] = _digest(text.encode()).hexdigest()  # noqa: PTH119
    with _open(f"{path}.part", "w", encoding="utf-8") as stream:
        stream.write(text)
    _replace(f"{path}.part", path)


class _Sink(io.TextIOBase):
    """Swallows what is printed while a question is answered."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True
