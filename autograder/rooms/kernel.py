"""A kernel in a room: cells to run and questions to ask,
each with a deadline that ends the room.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import zmq
import zmq.asyncio

from autograder.errors import RoomError
from autograder.rooms.limits import Limits
from autograder.rooms.outputs import Flood, Outputs

Cause = Literal["timeout", "out_of_memory", "crashed"]

_SOURCES = (
    "values", "initial", "arguments", "export", "structure", "steps", "notices",
    "settings", "inside",
)  # fmt: skip
_READY_SECONDS = 180  # until a cold kernel on a busy machine has imported TensorFlow
_BEGIN_SECONDS = 20.0  # until a kernel begins with what it is asked, if nothing else holds it
_IDLE_SECONDS = 1.0  # how long outputs may come in after the reply
_LOOK_SECONDS = 0.25  # how often a silent kernel is looked at
_MESSAGE_BYTES = 32 * 1024 * 1024  # text comes in pieces of about 1
_MESSAGES = 16  # that may wait to be read
# what garbage raises
_NO_MESSAGE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, ArithmeticError,
)  # fmt: skip

NOT_BEGUN = "NotBegun"
FOLDER_FULL = "it wrote more files, or larger ones, than a room may hold; the room was ended"

# Loads our modules under their own names, which are gone again before student code runs.
_BOOTSTRAP = """
def _load(sources, seed):
    import builtins, sys, types
    names = ["autograder", "autograder.rooms"] + ["autograder.rooms." + name for name in sources]
    kept = {name: sys.modules.get(name) for name in names}
    for name in names:
        module = types.ModuleType(name)
        module.__path__ = []
        module.__dict__["__builtins__"] = dict(vars(builtins))
        sys.modules[name] = module
    for name, source in sources.items():
        exec(compile(source, "<room>", "exec"), sys.modules["autograder.rooms." + name].__dict__)
    sys.modules["autograder.rooms.inside"].open_inside(get_ipython(), seed)
    for name, module in kept.items():
        del sys.modules[name]
        if module is not None:
            sys.modules[name] = module
_load(SOURCES, SEED)
del _load
"""


class Died(Exception):
    """The room is gone, or had to be ended."""

    def __init__(self, status: Cause, name: str, text: str, *, from_outside: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.from_outside = from_outside  # it may have been killed by somebody else
        self.name = name  # in the place of an exception's type
        self.text = text


class _Message(NamedTuple):
    """What came from a kernel; of kind "garbage" if it belongs to no request of ours."""

    kind: str
    content: dict[str, Any]
    size: int  # bytes


@dataclass
class _Response:
    """What has come back of one request: its reply, and how far the kernel is with it."""

    wanted: str  # kind of the reply
    reply: dict[str, Any] | None = None
    begun: bool = False
    idle: bool = False
    outputs_until: float = 0.0  # they don't come by the way of the reply, and may be late

    def complete(self, now: float) -> dict[str, Any] | None:
        """The reply, once no more outputs are waited for."""
        return self.reply if self.idle or now > self.outputs_until else None

    def answered(self, message: _Message) -> None:
        """Something came by the way of replies."""
        if message.kind == self.wanted:
            self.reply, self.outputs_until = message.content, time.monotonic() + _IDLE_SECONDS
        self.begun |= message.kind != "garbage"

    def heard(self, message: _Message) -> None:
        """Something came by the way of outputs."""
        self.begun |= message.kind != "garbage"
        if message.kind == "status" and message.content.get("execution_state") == "idle":
            self.idle = True


class RoomKernel:
    """One room's kernel. `close` must be called in any case;
    nothing of the room lives on after it.
    """

    def __init__(self, manager: Any, limits: Limits) -> None:
        self._manager = manager
        self._limits = limits
        self._client: Any = None

    @property
    def cpu_seconds(self) -> float:
        """CPU time of everything in the room, once it is closed."""
        ended = self._manager.ended
        return ended.cpu_seconds if ended is not None else 0.0

    async def open(self, seed: int) -> None:
        """Start the kernel and put into it what answers questions.

        Raises:
            RoomError: it does not start.
        """
        try:
            await self._manager.start_kernel()
            self._client = self._manager.client()
            self._client.context.setsockopt(zmq.MAXMSGSIZE, _MESSAGE_BYTES)
            self._client.context.setsockopt(zmq.RCVHWM, _MESSAGES)
            self._client.start_channels(hb=False, stdin=False)
            await self._connect()
            code = _BOOTSTRAP.replace("SOURCES", repr(_sources())).replace("SEED", repr(seed))
            message = self._client.session.msg("execute_request", _execution(code, silent=True))
            reply = await self._exchange(
                message,
                "execute_reply",
                _READY_SECONDS,
                Outputs(0, _MESSAGE_BYTES),
                begins=_READY_SECONDS,
            )
        except (Died, TimeoutError, RuntimeError) as error:
            raise RoomError(f"a student room did not open: {error}; {self._last_words()}") from None
        if reply.get("status") != "ok":
            raise RoomError(
                f"a student room could not be prepared: {reply.get('ename')}: {reply.get('evalue')}"
            )

    async def execute(self, code: str, seconds: float, outputs: Outputs) -> dict[str, Any]:
        """Run a cell; its outputs are collected in `outputs`.

        Raises:
            Died: the room ended, or had to be ended because of a limit.
        """
        message = self._client.session.msg("execute_request", _execution(code, silent=False))
        return await self._exchange(message, "execute_reply", seconds, outputs)

    async def request(self, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request to `inside` and wait for its reply.

        Raises:
            Died: the room ended, or had to be ended because of a limit.
        """
        message = self._client.session.msg("room_request", content)
        outputs = Outputs(0, 16 * self._limits.output_bytes)
        reply = await self._exchange(message, "room_reply", seconds, outputs)
        if reply.get("exits"):
            raise await self._ended(
                Died("crashed", "RoomDied", "exit() or quit() ended the Python process")
            )
        return reply

    async def close(self) -> None:
        """End the room and everything in it."""
        if self._client is not None:
            self._client.stop_channels()
        with contextlib.suppress(RuntimeError, TimeoutError, ProcessLookupError):
            await self._manager.shutdown_kernel(now=True)
        with contextlib.suppress(zmq.ZMQError):
            self._manager.context.destroy(linger=0)

    async def _connect(self) -> None:
        """Wait until the kernel replies and its outputs arrive: a subscription takes its time."""
        shell, iopub = self._client.shell_channel.socket, self._client.iopub_channel.socket
        poller = _poller(shell, iopub)
        replied = heard = False
        end = time.monotonic() + _READY_SECONDS
        self._client.kernel_info()
        while not (replied and heard):
            ready = await poller.poll(1000)
            for socket, _ in ready:
                await socket.recv_multipart()
                replied, heard = replied or socket is shell, heard or socket is iopub
            if not ready:
                if not await self._manager.is_alive():
                    raise Died("crashed", "RoomDied", "the kernel ended before it was ready")
                if time.monotonic() > end:
                    raise TimeoutError("the kernel did not get ready")
                self._client.kernel_info()

    async def _exchange(
        self,
        message: Any,
        wanted: str,
        seconds: float,
        outputs: Outputs,
        begins: float | None = None,
    ) -> dict[str, Any]:
        """Send a request and take what comes, up to the reply and the outputs before it."""
        shell, iopub = self._client.shell_channel, self._client.iopub_channel
        poller = _poller(shell.socket, iopub.socket)
        begin, begins = time.monotonic(), begins or _BEGIN_SECONDS
        shell.send(message)
        ident = message["header"]["msg_id"]
        response = _Response(wanted)
        while (reply := response.complete(now := time.monotonic())) is None:
            left = begin + (seconds if response.begun else min(begins, seconds)) - now
            if left < 0:
                raise await self._ended(_late(seconds if response.begun else None))
            ready = dict(await poller.poll(1000 * min(_LOOK_SECONDS, max(0.001, left))))
            if not ready and response.reply is None and not await self._manager.is_alive():
                raise self._cause()
            if shell.socket in ready:
                response.answered(await self._received(shell, ident))
            if iopub.socket in ready:
                told = await self._received(iopub, ident)
                response.heard(told)
                await self._take(told, outputs)
        return reply

    async def _take(self, message: _Message, outputs: Outputs) -> None:
        try:
            outputs.take(*message)
        except Flood:
            text = (
                f"printed more than {outputs.received // 1024 // 1024} MiB and did not end; stopped"
            )
            raise await self._ended(Died("timeout", "TooMuchOutput", text)) from None

    async def _received(self, channel: Any, ident: str) -> _Message:
        """The next message: garbage, if it is none or does not belong to the request `ident`."""
        frames = await channel.socket.recv_multipart()
        size = sum(len(frame) for frame in frames)
        try:
            _, parts = self._client.session.feed_identities(frames)
            message = self._client.session.deserialize(parts)
            kind, content = message["header"]["msg_type"], message["content"]
            theirs = message["parent_header"].get("msg_id") != ident
        except _NO_MESSAGE:  # student code can write to the kernel's sockets
            return _Message("garbage", {}, size)
        if theirs or not isinstance(content, dict) or not isinstance(kind, str):
            return _Message("garbage", {}, size)
        return _Message(kind, content, size)

    async def _ended(self, cause: Died) -> Died:
        await self._manager.shutdown_kernel(now=True)
        return cause

    def _cause(self) -> Died | RoomError:
        ended = self._manager.ended
        if ended is not None and ended.reason in {"killed", "lost"}:  # not by the student's code
            return RoomError(f"a student room was {ended.reason} from outside")
        if ended is not None and ended.reason == "out_of_memory":
            return Died(
                "out_of_memory",
                "OutOfMemory",
                "it needed more memory than a room has; the room was ended",
            )
        if ended is not None and ended.reason == "folder_full":
            return Died("crashed", "TooManyFiles", FOLDER_FULL)
        status = "" if ended is None else f" (exit status {ended.status})"
        return Died(
            "crashed",
            "RoomDied",
            f"the Python process ended{status}",
            from_outside=ended is not None and ended.from_outside,
        )

    def _last_words(self) -> str:
        try:
            return str(self._manager.last_words())[-500:]
        except (OSError, AttributeError):
            return ""


def _late(seconds: float | None) -> Died:
    """What ends a room in which something goes on for too long; None: what ran before does."""
    if seconds is None:
        text = "not begun in time, since what ran before it holds the kernel; stopped"
        return Died("timeout", NOT_BEGUN, text)
    return Died("timeout", "TimedOut", f"still running after {seconds:.0f} s; stopped")


def _execution(code: str, *, silent: bool) -> dict[str, Any]:
    fixed = {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
    return {"code": code, "silent": silent, "store_history": not silent, **fixed}


def _poller(*sockets: Any) -> zmq.asyncio.Poller:
    poller = zmq.asyncio.Poller()
    for socket in sockets:
        poller.register(socket, zmq.POLLIN)
    return poller


def _sources() -> dict[str, str]:
    folder = files("autograder.rooms")
    return {name: (folder / f"{name}.py").read_text(encoding="utf-8") for name in _SOURCES}


def run_alone(work: Any) -> Any:
    """Run a coroutine to its end, in a thread of its own
    where this one has a running loop already.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
