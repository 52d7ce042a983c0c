"""What a room keeps in, and what ends it; rooms without TensorFlow, for speed."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from machines import missing, run_on

from autograder.errors import UsageError
from autograder.rooms import cgroup, landlock, sandbox
from autograder.rooms.limits import MIB, Limits
from autograder.rooms.room import Called
from autograder.rooms.warm import WarmRooms, warm_rooms

SMALL = Limits(
    memory_bytes=192 * MIB,
    processes=48,
    file_bytes=8 * MIB,
    folder_bytes=32 * MIB,
    folder_files=200,
)


@pytest.fixture(scope="module")
def rooms() -> Iterator[WarmRooms]:
    with warm_rooms() as rooms:
        yield rooms


def run(
    rooms: WarmRooms, folder: Path, body: str, *, seconds: float = 20, limits: Limits = SMALL
) -> Called:
    """Run the body of a function in a bare student room."""
    source = "import os, signal, sys, time\ndef tried(payload):\n" + textwrap.indent(
        textwrap.dedent(body), "    "
    )
    return rooms.run_code(source, "tried", None, folder, limits, seconds=seconds, bare=True)


def test_canaries_find_nothing_to_reach(rooms: WarmRooms) -> None:
    """On a machine with namespaces every attempt from inside is denied,
    and the rooms are called strong.
    """
    if rooms.layers["files"] != "namespace":
        missing("this machine has no namespaces for us")
    reached = [name for name, outcome in rooms.layers.items() if outcome.startswith("reached")]
    assert reached == []
    assert rooms.isolation == "strong"


def test_every_wall_stands(rooms: WarmRooms) -> None:
    """On CI, without which the other tests could be green although nothing was tried."""
    wanted = {
        "files": "namespace",
        "pid": "namespace",
        "net": "namespace",
        "calls": "filter",
        "landlock": f"Landlock {landlock.abi()}",
    }
    if os.geteuid() == 0:
        wanted |= {"memory": "cgroup", "processes": "cgroup"}
    for layer, outcome in wanted.items():
        if rooms.layers[layer] != outcome:
            missing(f"{layer}: {rooms.layers[layer]}, not {outcome}")


def test_only_what_is_not_for_students_is_forgotten(tmp_path: Path) -> None:
    """An installed package lies among the libraries that students need: it alone can't be imported
    beside their code, whatever stands in front of the path.
    """
    for name in ("autograder", "needed"):
        (tmp_path / "site" / name).mkdir(parents=True)
        (tmp_path / "site" / name / "__init__.py").touch()
    script = f"""
        import site, sys
        sys.argv = ["zygote"]
        sys.path.insert(0, {str(Path(sandbox.__file__).parent)!r})
        import zygote
        sys.path[0] = {str(tmp_path / "site")!r}
        site.getsitepackages = lambda: [sys.path[0]]
        names = ["needed", "autograder"]
        zygote._preload(modules=names, path=[], forget=["autograder"], env=[])
        assert "needed" in sys.modules
        for name in ("autograder", "autograder.rooms"):
            try:
                __import__(name)
            except ModuleNotFoundError:
                continue
            raise AssertionError(name)
    """
    subprocess.run([sys.executable, "-I", "-c", textwrap.dedent(script)], check=True, timeout=60)


def test_without_namespaces_the_isolation_says_what_is_missing(tmp_path: Path) -> None:
    """Where namespaces are forbidden, Landlock and the filter still keep files and network shut;
    the rest is named.
    """
    if not landlock.abi():
        missing("this kernel has no Landlock")
    script = """
        from autograder.rooms.warm import warm_rooms
        with warm_rooms() as rooms:
            assert rooms.isolation.startswith("reduced: student code can"), rooms.isolation
            assert "see other processes" in rooms.isolation
            for closed in ("read", "TCP", "names"):
                assert closed not in rooms.isolation, rooms.isolation
    """
    done = run_on(["namespaces"], [sys.executable, "-c", textwrap.dedent(script)], tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_value_comes_back(rooms: WarmRooms, tmp_path: Path) -> None:
    """What the called function returns arrives as JSON,
    and what it wrote lies in the folder, owned by us again.
    """
    called = run(rooms, tmp_path, "open('left', 'w').write('here')\nreturn {'is': [1, 2.5, None]}")
    assert called.value == {"is": [1, 2.5, None]}
    assert (tmp_path / "left").read_text() == "here"
    assert (tmp_path / "left").stat().st_uid == os.geteuid()


def test_an_exception_leaves_its_traceback(rooms: WarmRooms, tmp_path: Path) -> None:
    """No value then, exit status 1, and the log says what happened."""
    called = run(rooms, tmp_path, "raise ValueError('seven')")
    assert (called.value, called.ended.status, called.ended.reason) == (None, 1, "exited")
    assert called.log.endswith("ValueError: seven")


def test_nothing_of_the_course_can_be_imported(rooms: WarmRooms, tmp_path: Path) -> None:
    """Neither by import, nor by a path that student code guesses."""
    clone = Path(sandbox.__file__).parents[2]
    called = run(rooms, tmp_path, f"sys.path.insert(0, {str(clone)!r})\nimport autograder")
    assert "No module named 'autograder'" in called.log


@pytest.mark.parametrize("way", ["site", "link", "behind/site"])
def test_what_is_hidden_inside_the_readable_is_not_there(
    rooms: WarmRooms, tmp_path: Path, way: str
) -> None:
    """As when the package is installed in site-packages instead of being linked to; also where the
    environment is a link, or lies behind one.
    """
    (tmp_path / "site" / "graders").mkdir(parents=True)
    (tmp_path / "site" / "graders" / "secret.py").touch()
    (tmp_path / "site" / "library.py").touch()
    (tmp_path / "link").symlink_to("site")
    (tmp_path / "behind").symlink_to(tmp_path)
    (tmp_path / "room").mkdir()
    site = str(tmp_path / way)
    closed = WarmRooms(
        rooms.new_place(), warm=False, threads=1, hidden=[tmp_path / "site" / "graders"]
    )
    closed.student = dataclasses.replace(closed.student, readable=(*closed.student.readable, site))
    body = f"return [sorted(os.listdir({site!r})), os.path.exists({site + '/graders/secret.py'!r})]"
    assert run(closed, tmp_path / "room", body).value == [["graders", "library.py"], False]


def test_landlock_is_given_paths_around_what_is_hidden(tmp_path: Path) -> None:
    """Landlock can't take away what lies in a permitted folder, so such folders are opened up; what
    is permitted by a link is permitted where it leads to.
    """
    for name in ("a/hidden/x", "a/b", "c"):
        (tmp_path / name).mkdir(parents=True)
    for link, to in (("b", "b"), ("self", "."), ("x", "hidden/x"), ("up", ".."), ("c", "../c")):
        (tmp_path / "a" / f"to_{link}").symlink_to(to)
    (tmp_path / "to_a").symlink_to("a")
    paths = tuple(str(tmp_path / name) for name in ("a", "c", "to_a", "a/hidden/x"))
    found = set(sandbox.visible(paths, (str(tmp_path / "a" / "hidden"),)))
    free = {"a/b", "a/to_b", "a/to_c", "c", "a/hidden/x"}
    assert found == {str(tmp_path / name) for name in free}


def test_libraries_that_rooms_can_not_import_are_said(rooms: WarmRooms) -> None:
    """Before anybody is graded: a student would lose points for it."""
    closed = WarmRooms(rooms.new_place(), warm=False, threads=1, hidden=())
    modules = (*closed.student.modules, "nowhere.to_be_found")
    closed.student = dataclasses.replace(closed.student, modules=modules)
    with pytest.raises(UsageError, match=r"rooms can't import nowhere: .* one environment"):
        closed.isolation  # noqa: B018 — asks


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",
        "libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)",
        "libc.ptrace(0, 0, 0, 0)",
        "libc.syscall(425, 1, 0)",
    ],
)
def test_calls_that_escapes_are_made_of_are_refused(
    rooms: WarmRooms, tmp_path: Path, call: str
) -> None:
    """User namespaces, mounts, tracing and io_uring do not exist for student code."""
    body = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"return [{call}, ctypes.get_errno()]"
    )
    assert run(rooms, tmp_path, body).value == [-1, 1]


def test_a_loop_that_ignores_signals_ends_at_the_deadline(rooms: WarmRooms, tmp_path: Path) -> None:
    """SIGKILL does not ask; the time that it took is accounted for."""
    body = "for number in (2, 15):\n    signal.signal(number, signal.SIG_IGN)\nwhile True: pass"
    ended = run(rooms, tmp_path, body, seconds=0.5).ended
    assert (ended.status, ended.reason) == (-9, "killed")
    assert 0 < ended.cpu_seconds < 5


def test_nothing_survives_the_end_of_a_room(rooms: WarmRooms, tmp_path: Path) -> None:
    """A process in a session of its own, whose parents are gone, ends with the room."""
    source = Path(sandbox.__file__).with_name("probes.py").read_text()
    rooms.run_code(
        source, "stay_behind", str(tmp_path / "lock"), tmp_path, SMALL, seconds=20, bare=True
    )
    with (tmp_path / "lock").open() as lock:
        # raises BlockingIOError if somebody still holds it
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_fork_bomb_is_contained_and_others_work_on(rooms: WarmRooms, tmp_path: Path) -> None:
    """One room forks without end; another one, opened meanwhile, starts processes as it likes."""
    (tmp_path / "bomb").mkdir()
    (tmp_path / "other").mkdir()
    bomb = "while True:\n    try: os.fork()\n    except OSError: pass"
    found: list[Called] = []
    thread = threading.Thread(
        target=lambda: found.append(run(rooms, tmp_path / "bomb", bomb, seconds=1.5))
    )
    thread.start()
    other = run(
        rooms, tmp_path / "other", "import subprocess\nreturn subprocess.run('true').returncode"
    )
    thread.join()
    assert other.value == 0
    assert found[0].ended.reason in ("killed", "too_many_processes")


def test_too_much_memory_is_told_from_a_crash(rooms: WarmRooms, tmp_path: Path) -> None:
    """Out of memory, a segmentation fault and a kill by its own hand are three different ends."""
    bomb = "taken = []\nwhile True: taken.append(bytearray(1 << 20))"
    assert run(rooms, tmp_path, bomb).ended.reason == "out_of_memory"
    ended = run(rooms, tmp_path, "import ctypes\nctypes.string_at(0)").ended
    assert (ended.status, ended.reason) == (-signal.SIGSEGV, "exited")
    ended = run(rooms, tmp_path, "os.kill(os.getpid(), 9)").ended
    assert (ended.status, ended.reason) == (-9, "exited")


def test_files_are_limited(rooms: WarmRooms, tmp_path: Path) -> None:
    """A file too large is an error for who writes it;
    a folder too full, in size or number, ends the room.
    """
    large = run(rooms, tmp_path, "open('large', 'wb').write(bytes(9 << 20))")
    assert "File too large" in large.log
    full = "for number in range(20): open(str(number), 'wb').write(bytes(4 << 20))\ntime.sleep(20)"
    assert run(rooms, tmp_path, full).ended.reason == "folder_full"
    many = "for number in range(300): open(str(number), 'w')\ntime.sleep(20)"
    assert run(rooms, tmp_path, many).ended.reason == "folder_full"


def test_a_room_dies_with_its_supervisor(tmp_path: Path) -> None:
    """If the grading process is killed, so is everything in its rooms."""
    lock = tmp_path / "lock"
    script = f"""
        import os, threading
        from pathlib import Path
        from autograder.rooms.limits import Limits
        from autograder.rooms.warm import warm_rooms
        source = '''
        import fcntl, os, time
        def hold(path):
            fcntl.flock(os.open(path, os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
            os.mkfifo(path + ".held")
            os.open(path + ".held", os.O_WRONLY)
            time.sleep(600)
        '''
        import textwrap
        with warm_rooms() as rooms:
            code, folder = textwrap.dedent(source), Path({str(tmp_path)!r})
            arguments = (code, "hold", {str(lock)!r}, folder, Limits())
            options = dict(seconds=60, bare=True)
            threading.Thread(target=rooms.run_code, args=arguments, kwargs=options).start()
            while not os.path.exists({str(lock)!r} + ".held"):
                threading.Event().wait(0.02)
            open({str(lock)!r} + ".held").close()
            os.kill(os.getpid(), 9)
    """
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    signal.alarm(20)  # ends the tests if the lock is never given up
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
    signal.alarm(0)


def test_judge_rooms_see_the_package_and_write_only_into_their_folder(
    rooms: WarmRooms, tmp_path: Path
) -> None:
    """They have no network either, and nothing of the course but what they are given."""
    quick = WarmRooms(rooms.new_place(), warm=False, threads=1, hidden=())
    quick.judge = dataclasses.replace(quick.judge, modules=())
    (tmp_path / "room").mkdir()
    (tmp_path / "given").write_text("42")

    def call(function: str, payload: object, readable: Sequence[Path] = ()) -> Called:
        return quick.call(
            function, payload, tmp_path / "room", SMALL, seconds=20, readable=readable
        )

    assert "Error" in call("os:mkdir", str(tmp_path / "made")).log
    assert not (tmp_path / "made").exists()
    assert call("os:mkdir", str(tmp_path / "room" / "made")).ended.status == 0
    assert call("os.path:isfile", str(tmp_path / "given")).value is False
    assert call("os.path:isfile", str(tmp_path / "given"), readable=[tmp_path]).value is True
    assert 1 in call("autograder.rooms.processes:tree", 1).value


def test_a_kill_for_memory_is_read_from_either_version_of_control_groups(tmp_path: Path) -> None:
    """Version 1 counts in memory.oom_control, version 2 in memory.events."""
    group = cgroup.Cgroup({"memory": tmp_path})
    assert not group.killed_for_memory()
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    assert group.killed_for_memory()
    (tmp_path / "memory.events").write_text("low 0\nmax 3\noom 1\noom_kill 0\n")
    assert not group.killed_for_memory()


def test_a_delegated_group_makes_room_for_children(tmp_path: Path) -> None:
    """Version 2 allows children only where no process is,
    so the supervisor moves into one of its own first.
    """
    own = tmp_path / "user.slice" / "job"
    own.mkdir(parents=True)
    (own / "cgroup.controllers").write_text("cpu memory pids\n")
    assert cgroup._delegated(tmp_path, own, "memory") == own
    assert (own / "supervisor" / "cgroup.procs").read_text() == str(os.getpid())
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"
    (own / "cgroup.subtree_control").write_text("memory pids\n")  # as the kernel shows it then
    assert cgroup._delegated(tmp_path, own / "supervisor", "pids") == own


def test_what_is_started_already_moves_along() -> None:
    """Warm processes are there before the first room is: one that stayed would be enough to have no
    children.
    """
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    tops = [Path(place) for _, place, kind, *_ in mounts if kind == "cgroup2"]
    if not tops or not os.access(tops[0], os.W_OK):
        pytest.skip("no control groups of version 2 for us")
    own = tops[0] / f"test-{uuid.uuid4().hex[:12]}"
    (own / "supervisor").mkdir(parents=True)
    shell = subprocess.Popen(["sleep", "60"])  # as in a container, where all in the group may move
    (own / "cgroup.procs").write_text(str(shell.pid))
    script = f"""
        import subprocess
        from pathlib import Path
        from autograder.rooms import cgroup
        own = Path({str(own)!r})
        (own / "cgroup.procs").write_text("0")
        started = subprocess.Popen(["sleep", "60"])
        for others in ((), cgroup._words(own / "cgroup.procs")):
            cgroup._move_to(own / "supervisor", others)
            groups = own, own / "supervisor"
            print([(group / "cgroup.procs").read_text().count("\\n") for group in groups])
        started.kill()
        started.wait()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    shell.kill()
    shell.wait()
    for group in (own / "supervisor", own):
        group.rmdir()
    assert done.stdout == "[1, 2]\n[0, 3]\n", done.stderr


def test_a_room_does_not_see_the_groups_around_it(rooms: WarmRooms, tmp_path: Path) -> None:
    """It joins its own before that becomes the root of all that it sees. The other way round the
    kernel lets nobody in where systemd delegates: there is no way from inside to the outside.
    """
    called = run(rooms, tmp_path, "return open('/proc/self/cgroup').read().split()")
    if called.layers["cgroup"] != "namespace":
        missing(f"a namespace of control groups: {called.layers['cgroup']}")
    assert {line.split(":", 2)[2] for line in called.value} == {"/"}


def test_nothing_is_limited_by_groups_that_are_not_ours(tmp_path: Path) -> None:
    """Where the controller is not available, there is an error for the caller to fall back on."""
    with pytest.raises(FileNotFoundError):
        cgroup._delegated(tmp_path, tmp_path / "session.scope", "memory")
