"""A process that imports what rooms need once and forks a room per request.

    python -I zygote.py CONTROL stem|cold

    supervisor ──control──► stem ──fork──► zygote ──fork──► porch ──fork──► init ──fork──► main
         │ └────────────control─────────────┘                 │     (pid 1 of the room)
         └──────────────connection────────────────────────────┘         (kernel, or call)

CONTROL is the number of an inherited socket, so nothing can connect to it by name. Each message on
a stem's is the control of a new zygote, and each on a zygote's a connection for one room, whose
request and reports are lines of JSON. The porch stays outside of the room, watches it and ends it;
init and main are inside. A cold process serves a single room, which imports for itself.

Depends on the standard library only, and on its neighbours loaded by path:
nothing of the package is in memory here.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import random
import select
import signal
import site
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.rooms import landlock, processes, sandbox, seccomp
else:

    def _neighbour(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(
            f"room_{name}", Path(__file__).with_name(f"{name}.py")
        )
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    landlock, processes, sandbox, seccomp = map(
        _neighbour, ("landlock", "processes", "sandbox", "seccomp")
    )

_MESSAGE = 1 << 20  # bytes
_LIFELINE = 0  # a pipe that nobody writes to: it hangs up when the supervisor is gone
_LOG, _RESULT = 2, 3  # file numbers in a room's main process
_LOG_BYTES = 64 * 1024
_GPU = "/dev/nvidia"


def grow(control: socket.socket) -> None:
    """Import what the first message names, then fork a zygote for each further one until the
    supervisor is gone.
    """
    with contextlib.suppress(OSError):  # a kernel without it: an orphan ends after its import
        fcntl.fcntl(_LIFELINE, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(_LIFELINE, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    _ready(json.loads(control.recv(_MESSAGE)))
    while True:
        message, handles, _, _ = socket.recv_fds(control, _MESSAGE, 1)
        if not message:
            _wait_for_children()
            return
        with socket.socket(fileno=handles[0]) as theirs:
            _forked(_zygote, control, theirs, json.loads(message))


def _zygote(stem: socket.socket, control: socket.socket, setup: dict[str, Any]) -> None:
    stem.close()
    sandbox.die_with_parent()
    _ready(setup)
    serve(control, None)


def _ready(setup: dict[str, Any]) -> None:
    """Import, and get ready to be forked. If the supervisor goes meanwhile, SIGIO ends it: an
    import takes seconds.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    if select.select([_LIFELINE], [], [], 0)[0]:
        sys.exit()
    _preload(**setup)
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    sandbox.hide_memory()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # porches report by themselves


def serve(control: socket.socket, setup: dict[str, Any] | None) -> None:
    """Fork a room for each message until the supervisor is gone; with a `setup` just one, which
    imports that itself.
    """
    while True:
        message, handles, _, _ = socket.recv_fds(control, 16, 3)
        if not message:  # the supervisor is gone; porches notice too, and close their rooms
            _wait_for_children()
            return
        connection = socket.socket(fileno=handles[0])
        refusal = _unsafe_to_fork()
        if refusal:
            _tell(connection, refused=refusal)
        else:
            _forked(_porch, connection, control, handles[1:], setup)
        connection.close()
        for handle in handles[1:]:
            os.close(handle)
        if setup:
            _wait_for_children()
            return


def _serve_once(control: socket.socket) -> None:
    setup = json.loads(control.recv(_MESSAGE))
    sandbox.hide_memory()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(control, setup)


def _preload(modules: list[str], path: list[str], forget: list[str], env: Any) -> None:
    os.environ.update(env)  # what Keras computes with is settled by its import
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # builds 35 parsers that nothing here uses: 2.8 s
    sys.path[:] = dict.fromkeys([*path, *sys.path])
    if forget:
        _close_ways_to(forget, [*path, *site.getsitepackages()])
    for name in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in [name for name in sys.modules if any(word in name for word in forget)]:
        del sys.modules[name]


def _close_ways_to(packages: list[str], libraries: list[str]) -> None:
    """Let nothing import them: an editable install leads to the instructor's checkout; where they
    lie among the libraries, these stay.
    """
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")
    ]
    kept = set(map(os.path.realpath, libraries))
    sys.path[:] = [
        place
        for place in sys.path
        if os.path.realpath(place) in kept or not (Path(place) / packages[0]).is_dir()
    ]
    sys.meta_path.insert(0, _Forgotten(packages))


class _Forgotten:
    """Refuses to import what is beside the libraries that student code needs, and not for it."""

    def __init__(self, packages: list[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        if name.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _unsafe_to_fork() -> str:
    """Why a fork of this process could hang: a started TensorFlow or JAX has threads that a fork
    leaves behind, and a started CUDA serves no child.
    """
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    context = getattr(sys.modules.get("tensorflow.python.eager.context"), "_context", None)
    if getattr(context, "_context_handle", None) is not None:
        return "TensorFlow has started"
    started = getattr(sys.modules.get("jax._src.xla_bridge"), "backends_are_initialized", None)
    if started is not None and started():
        return "JAX has started"
    if _holds_a_gpu():
        return "a GPU is in use"
    return f"{threads} threads are running" if threads > 2 else ""


def _holds_a_gpu() -> bool:
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists them is gone
            if str(one.readlink()).startswith(_GPU):
                return True
    return False


def _wait_for_children() -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)  # with SIGCHLD ignored it returns when the last one is gone


def _porch(
    connection: socket.socket,
    control: socket.socket,
    handles: list[int],
    setup: dict[str, Any] | None,
) -> None:
    """Open one room, watch it to its end, and report both."""
    control.close()
    os.dup2(handles[0], _LOG)
    sandbox.die_with_parent()
    sandbox.adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = {**json.loads(_read_line(connection)), "preload": setup}
    walls = _walls(request["walls"])
    owner, layers = Path(walls.folder).stat(), {"warm": request["warm"]}
    user = sandbox.part_company(walls, layers)
    sandbox.hide_memory()
    if user is not None:
        _give(walls, user, user)
    shared = processes.memory([os.getpid()])
    report, reporting = os.pipe()
    # no file of the outside's is open to writing in the room
    words, saying = os.pipe()
    os.set_blocking(words, False)
    init = _forked(_init, request, walls, user, layers, connection, reporting, saying, handles)
    os.close(reporting)
    os.close(saying)
    with os.fdopen(report, encoding="utf-8") as lines:
        first = lines.readline()
        if first:
            layers = json.loads(first)
            _tell(connection, opened={"init": init, "layers": layers})
            reason, cpu = _watch(connection, lines.fileno(), words, init, request, layers, shared)
        last = lines.readline()
    status = os.waitstatus_to_exitcode(os.waitpid(init, 0)[1])
    _end_stragglers()
    _write_down(words)
    if user is not None:
        _give(walls, owner.st_uid, owner.st_gid)
    if first:
        if not last and reason == "exited":
            reason = "lost"  # init was killed: by nobody in its process namespace
        used = os.times()
        cpu = round(max(cpu, used.children_user + used.children_system), 3)
        status = int(last) if last else status
        _tell(connection, ended={"status": status, "reason": reason, "cpu_seconds": cpu})


def _walls(given: dict[str, Any]) -> sandbox.Walls:
    lists = {name: tuple(given[name]) for name in ("readable", "hidden", "path", "devices")}
    return sandbox.Walls(**{**given, **lists})


def _watch(
    connection: socket.socket,
    report: int,
    words: int,
    init: int,
    request: dict[str, Any],
    layers: dict[str, str],
    shared: int,
) -> tuple[str, float]:
    """Follow the supervisor's orders and the limits that nobody else keeps,
    until the room's init is no more.

    Returns why it ended, and the CPU time of what was killed.
    """
    reason, looks, used, look = "exited", 0, 0.0, 0.0
    counting = layers["memory"] != "cgroup" or layers["processes"] == "watched"
    every = 0.1 if counting else 1.0
    poll = select.poll()
    for handle in (connection, report, words):
        poll.register(handle, select.POLLIN)
    while True:
        ready = dict(poll.poll(1000 * every))
        if words in ready and not _write_down(words):
            poll.unregister(words)
        if report in ready:
            return reason, used
        excess = _ordered(connection, init) if connection.fileno() in ready else ""
        if reason != "exited":
            continue
        if not excess and time.monotonic() >= look:
            looks, look = looks + 1, time.monotonic() + every
            often = looks % 10 == 0 or not counting
            excess = _excess(init, request, layers, shared, folder=often)
        if excess:
            reason, used = excess, processes.cpu_seconds(processes.tree(init))
            poll.unregister(connection)
            os.kill(init, signal.SIGKILL)


def _write_down(words: int) -> bool:
    """Put what the room's processes said into the log, of which only the end is kept; whether they
    may say more.
    """
    try:
        said = os.read(words, _LOG_BYTES)
    except BlockingIOError:
        return True
    end = os.fstat(_LOG).st_size
    if end > _LOG_BYTES:
        os.ftruncate(_LOG, 0)
        end = 0
    os.pwrite(_LOG, said, end)
    return bool(said)


def _ordered(connection: socket.socket, init: int) -> str:
    """Pass an order of the supervisor's on; the reason to end where it is none that can be."""
    order = connection.recv(1)
    if order not in (b"i", b"t"):
        return "killed"
    os.kill(init, signal.SIGINT if order == b"i" else signal.SIGTERM)
    return ""


def _excess(
    init: int, request: dict[str, Any], layers: dict[str, str], shared: int, *, folder: bool
) -> str:
    limits = request["limits"]
    if layers["memory"] != "cgroup" or layers["processes"] == "watched":
        pids = processes.tree(init)
        if processes.memory(pids, shared) > limits["memory_bytes"]:
            return "out_of_memory"
        if processes.threads(pids) > limits["processes"] + 2:
            return "too_many_processes"
    if folder:
        size, count = processes.folder_use(request["walls"]["folder"], limits["folder_files"])
        if size > limits["folder_bytes"] or count > limits["folder_files"]:
            return "folder_full"
    return ""


def _end_stragglers() -> None:
    """Where there is no process namespace, what outlives init comes to the porch;
    none may outlive that.
    """
    while True:
        for pid in processes.tree(os.getpid())[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _init(
    request: dict[str, Any],
    walls: sandbox.Walls,
    user: int | None,
    layers: dict[str, str],
    connection: socket.socket,
    reporting: int,
    saying: int,
    handles: list[int],
) -> None:
    """Close the room from inside, start its main process, adopt orphans,
    and end when the main process does.
    """
    sandbox.die_with_parent()
    connection.close()
    os.dup2(saying, _LOG)
    _close_from_inside(request, walls, user, layers)
    with os.fdopen(reporting, "w", encoding="utf-8") as report:
        report.write(json.dumps(layers) + "\n")
        report.flush()
        orders = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, orders)
        main = _forked(_main, request, walls, layers, handles)
        while True:
            order = signal.sigwait(orders)
            if order != signal.SIGCHLD:
                os.kill(main, order)
            for pid, status in iter(_reap, None):
                if pid == main:
                    report.write(f"{os.waitstatus_to_exitcode(status)}\n")
                    return


def _close_from_inside(
    request: dict[str, Any], walls: sandbox.Walls, user: int | None, layers: dict[str, str]
) -> None:
    """Close what only the room's first process can, each layer noted with what became of it."""
    layers |= {"memory": "watched", "processes": "watched"}
    for name, place in request["cgroups"].items():
        with contextlib.suppress(OSError):
            Path(place).write_text("0", encoding="ascii")
            layers[name] = "cgroup"
    sandbox.enter(walls, user, layers, trusted=request["target"] == "call")
    whole = layers["files"] == "namespace"
    readable = ("/",) if whole else tuple(sandbox.visible((*walls.readable, "/proc"), walls.hidden))
    writable = (
        walls.folder,
        walls.runtime,
        *sandbox.DEVICES,
        *walls.devices,
        *(sandbox.SCRATCH if whole else ()),
    )
    # CUDA gives up (error 304) where it can't name its threads, in files below /proc that no rule
    # can name: they are there once the threads are
    changeable = ("/proc",) if walls.devices else ()
    listed = () if whole else sandbox.listed((*walls.path, *sys.path), walls)
    layers["landlock"] = landlock.close_paths(readable, writable, changeable, listed)
    layers["calls"] = seccomp.close_calls()
    if sandbox.counted_alone(layers):
        layers["processes"] = "limit" if layers["processes"] == "watched" else layers["processes"]


def _reap() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


def _main(
    request: dict[str, Any], walls: sandbox.Walls, layers: dict[str, str], handles: list[int]
) -> None:
    """What the room is for, with nothing left of the process that it was forked from."""
    os.setsid()
    sandbox.die_with_parent()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGIO):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if len(handles) > 1:
        os.dup2(handles[1], _RESULT)
    os.closerange(_RESULT + (len(handles) > 1), 65536)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(_LOG, 1)
    sandbox.hide_memory(hidden=False)
    with contextlib.suppress(OSError):
        # to be chosen before the room's init
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    sandbox.limit(walls, layers)
    os.umask(0o077)
    os.chdir(walls.folder)
    _settle(
        request["env"], walls.folder, sandbox.SCRATCH[0] if layers["files"] == "namespace" else ""
    )
    if request["preload"]:
        _preload(**{**request["preload"], "env": ()})
    if "gpu_memory" in request:
        _keep_to_a_share(request["gpu_memory"])
    _TARGETS[request["target"]](request)


def _settle(env: dict[str, str], folder: str, temporary: str) -> None:
    """A new environment and home; what modules read from the old ones
    when they were imported is put right.
    """
    home = f"{folder}/.home"
    places = {
        "HOME": home,
        "TMPDIR": temporary or f"{home}/temporary",
        "KERAS_HOME": f"{home}/keras",
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "XDG_CACHE_HOME": f"{home}/cache",
    }
    os.environ.clear()
    os.environ.update({**env, **places})
    for place in places.values():
        Path(place).mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = None
    keras = sys.modules.get("keras.src.backend.config")
    if keras is not None:
        keras._KERAS_DIR = places["KERAS_HOME"]  # type: ignore[attr-defined]  # noqa: SLF001
    jax = sys.modules.get("jax")
    if jax is not None:
        jax.config.update("jax_platforms", env.get("JAX_PLATFORMS") or None)
    for name in ("get_configdir", "get_cachedir"):
        forget = getattr(getattr(sys.modules.get("matplotlib"), name, None), "cache_clear", None)
        if forget:
            forget()
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _keep_to_a_share(memory: float) -> None:
    """TensorFlow's arrays on a GPU take no more than this fraction of its memory, as they need it.
    JAX reads that from its environment. Nothing is started by it.
    """
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        from tensorflow.python.framework import ops

        v1 = tensorflow.compat.v1
        options = v1.GPUOptions(per_process_gpu_memory_fraction=memory, allow_growth=True)
        ops.enable_eager_execution_internal(config=v1.ConfigProto(gpu_options=options))


def _kernel(request: dict[str, Any]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["kernel"]
    # labkit is there; last, so that a file of the student's can't shadow a module
    sys.path.append(str(Path.cwd()))
    IPKernelApp.launch_instance(request["argv"])


def _call(request: dict[str, Any]) -> None:
    module, _, name = request["function"].partition(":")
    _answer(getattr(importlib.import_module(module), name), request["payload"])


def _code(request: dict[str, Any]) -> None:
    namespace: dict[str, Any] = {"__name__": "room"}
    exec(compile(request["source"], "room", "exec"), namespace)  # noqa: S102 — it is what rooms are for
    _answer(namespace[request["function"]], request["payload"])


def _answer(function: Callable[[Any], Any], payload: Any) -> None:
    value = json.dumps(function(payload)).encode()
    with os.fdopen(_RESULT, "wb") as stream:
        stream.write(value)


_TARGETS: dict[str, Callable[[dict[str, Any]], None]] = {
    "kernel": _kernel,
    "call": _call,
    "code": _code,
}


def _give(walls: sandbox.Walls, uid: int, gid: int) -> None:
    """Make the room's folders another user's, links and all, without following any."""
    todo = [walls.folder, walls.runtime]
    while todo:
        place = todo.pop()
        with contextlib.suppress(OSError):  # too deep to have a path: it keeps its user
            os.lchown(place, uid, gid)
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        os.lchown(entry.path, uid, gid)


def _forked(function: Callable[..., None], *args: Any) -> int:
    """Run `function` in a child process, which ends with it whatever it raises:
    nothing of ours may run on in it.
    """
    child = os.fork()
    if child:
        return child
    status = 0
    try:
        function(*args)
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        status = 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.__stderr__.flush()  # type: ignore[union-attr]
            sys.stdout.flush()
        os._exit(status & 0xFF)


def _tell(connection: socket.socket, **report: Any) -> None:
    with contextlib.suppress(OSError):  # the supervisor may have left
        connection.sendall(json.dumps(report).encode() + b"\n")


def _read_line(connection: socket.socket) -> bytes:
    parts = b""
    while not parts.endswith(b"\n"):
        part = connection.recv(1 << 20)
        if not part:
            sys.exit(0)
        parts += part
    return parts


if __name__ == "__main__":
    {"stem": grow, "cold": _serve_once}[sys.argv[2]](socket.socket(fileno=int(sys.argv[1])))
