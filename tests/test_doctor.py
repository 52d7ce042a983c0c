"""What `autograder doctor` says about walls, on this machine and on others, and what is said where
there can be none.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from machines import missing, run_on
from toy import toy_course

from autograder.cli.doctor import Finding, _gradebook
from autograder.cli.main import ROOMS
from autograder.cli.walls import LAYERS, Machine, read_machine, walls
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.stages import open_rooms
from autograder.rooms import landlock
from autograder.rooms.warm import warm_rooms

CLOSED = dict.fromkeys([layer.name for layer in LAYERS], "namespace") | {
    "landlock": "Landlock 7",
    "calls": "filter",
    "memory": "cgroup",
    "processes": "limit",
    "warm": "cold",
}
NO_NAMESPACES = dict.fromkeys(
    ("files", "pid", "net", "ipc", "uts", "cgroup", "user"), "missing: Operation not permitted"
)
CLONE, ARMOR, MOST = (
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
    "user.max_user_namespaces",
)
NEW = (6, 8)


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine(sysctls={ARMOR: "1", MOST: "96365"}), f"sudo sysctl -w {ARMOR}=0"),
        (Machine(sysctls={CLONE: "0"}), f"sudo sysctl -w {CLONE}=1"),
        (Machine(sysctls={ARMOR: "", MOST: "0"}), f"sudo sysctl -w {MOST}=15000"),
        (Machine(sysctls={MOST: "15000"}, filtered=True), "from outside of what filters"),
        (Machine(root=True), "the capability SYS_ADMIN"),
        (Machine(root=True, container="docker"), "docker run --cap-add SYS_ADMIN …"),
        (
            Machine(container="docker", confined=True),
            "docker run --user root --cap-add SYS_ADMIN --security-opt apparmor=unconfined …",
        ),
        (Machine(root=True, container="podman"), "podman run --cap-add SYS_ADMIN"),
        (Machine(container="kubernetes"), "capabilities: {add: [SYS_ADMIN]}"),
    ],
)
def test_namespaces_are_brought_by_one_thing(machine: Machine, words: str) -> None:
    """It is chosen by what the machine is like, and said once for all of them."""
    found = list(walls(CLOSED | NO_NAMESPACES, machine))
    [said] = [wall.remedy for wall in found if wall.remedy]
    assert words in said


@pytest.mark.parametrize(
    ("missing_layer", "machine", "words"),
    [
        ("landlock", Machine(kernel=(5, 4)), "Linux 5.13 or newer; this is 5.4"),
        ("landlock", Machine(kernel=NEW, modules="capability,yama"), "landlock,capability,yama"),
        ("landlock", Machine(kernel=NEW), "CONFIG_SECURITY_LANDLOCK"),
        ("landlock", Machine(kernel=NEW, container="docker"), "a newer Docker"),
        ("calls", Machine(), "CONFIG_SECCOMP_FILTER"),
        ("memory", Machine(groups=2, systemd=True), "systemd-run --user --scope -p Delegate=yes"),
        ("memory", Machine(groups=2, systemd=True, root=True), "systemd-run --scope -p Delegate"),
        ("memory", Machine(groups=1), "as root"),
        ("memory", Machine(), "mount -t cgroup2"),
        ("processes", Machine(container="docker"), "writable-cgroups=true"),
        ("processes", Machine(container="podman"), "unmask=/sys/fs/cgroup"),
    ],
)
def test_each_other_layer_is_brought_by_one_thing(
    missing_layer: str, machine: Machine, words: str
) -> None:
    """And made up for by another that stands."""
    gone = "watched" if missing_layer in ("memory", "processes") else "missing: so it is"
    found = {wall.name: wall for wall in walls(CLOSED | {missing_layer: gone}, machine)}
    wall = found.pop(missing_layer)
    assert not wall.stands
    assert words in wall.remedy
    assert wall.instead
    assert all(other.stands for other in found.values())


def test_what_was_reached_is_made_up_for_by_nothing() -> None:
    """Whatever stands besides: an attempt that got through says more than a layer's name."""
    facts = CLOSED | {"net": "missing: so it is", "send by UDP": "reached"}
    [net] = [wall for wall in walls(facts, Machine()) if not wall.stands]
    assert (net.name, net.instead) == ("net", "")
    assert net.found == "missing: so it is; student code can send by UDP"


def test_namespaces_without_mounts_are_those_of_apparmor() -> None:
    """Docker gave the right, and its profile forbids to use it."""
    facts = CLOSED | {"files": "missing: Permission denied"}
    found = {wall.name: wall for wall in walls(facts, Machine(root=True, container="docker"))}
    assert "--security-opt apparmor=unconfined" in found["files"].remedy


def test_every_attempt_is_for_some_layer_to_deny() -> None:
    """But for one that no layer has to do with: the environment is made anew."""
    with warm_rooms(warm=False) as rooms:
        facts = rooms.layers
    attempts = {name for name, found in facts.items() if found.startswith(("denied", "reached"))}
    held = {attempt for layer in LAYERS for attempt in layer.holds}
    assert attempts - held == {"see the supervisor's environment variables"}
    assert held <= attempts


def test_a_machine_is_read_from_its_files(tmp_path: Path) -> None:
    """An Ubuntu with Docker on it, from inside a container."""
    for name, text in {
        "proc/sys/kernel/osrelease": "6.8.0-45-generic\n",
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
        "proc/sys/user/max_user_namespaces": "63001\n",
        "proc/self/attr/current": "docker-default (enforce)\n",
        "proc/self/status": "Name:\tcat\nSeccomp:\t2\nSeccomp_filters:\t1\n",
        "proc/self/mounts": "cgroup /sys/fs/cgroup cgroup2 ro,nosuid 0 0\n",
        "sys/kernel/security/lsm": "lockdown,capability,landlock,yama,apparmor\n",
        ".dockerenv": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = read_machine(tmp_path)
    assert (found.container, found.confined, found.filtered) == ("docker", True, True)
    assert (found.kernel, found.groups, found.systemd) == ((6, 8), 2, False)
    assert found.sysctls == {ARMOR: "1", CLONE: "", MOST: "63001"}
    assert "landlock" in found.modules
    assert read_machine(tmp_path / "nothing").container == ""


def test_no_missing_layer_is_called_ok(tmp_path: Path) -> None:
    """Three marks, on eighty columns; the way out stands on a line of its own."""
    if not landlock.abi():
        missing("this kernel has no Landlock")
    done = run_on(["apparmor", "privileges"], ["autograder", "doctor"], tmp_path, columns=80)
    assert done.returncode == 1, done.stderr
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert max(len(line) for line in lines if "→" not in line) <= 80
    marks = {line[15:27].strip(): line[:13].strip() for line in lines if line[:1] in "✔✘–"}
    assert marks["isolation"] == "✘ look"
    assert [marks[name] for name in ("files", "pid", "ipc")] == 3 * ["✘ look"]
    assert [marks[name] for name in ("net", "uts", "cgroup")] == 3 * ["– made up for"]
    assert [marks[name] for name in ("landlock", "calls")] == 2 * ["✔ ok"]
    for line in lines:
        assert not (line.startswith("✔ ok") and line[29:].startswith(("missing", "watched")))
    after_files = lines.index(next(line for line in lines if line[15:].startswith("  files"))) + 1
    assert any(line.startswith("   → ") for line in lines[after_files : after_files + 3])


def test_what_another_layer_holds_is_no_reason_to_worry(tmp_path: Path) -> None:
    """Without the filter of calls the namespaces hold: exit status 0 on an otherwise good
    machine.
    """
    done = run_on(["seccomp"], ["autograder", "doctor"], tmp_path, columns=80)
    if "isolation     strong" not in done.stdout:
        missing("this machine has no namespaces for us")
    [line] = [line for line in done.stdout.splitlines() if "calls" in line]
    assert line.startswith("– made up for    calls       missing: Invalid argument; by")


def gradebook(course: Course) -> Finding:
    [found] = list(_gradebook(course))
    return found


def test_a_gradebook_is_looked_into_wherever_it_lies(tmp_path: Path) -> None:
    """A # in its path cuts the address of a file short."""
    root = tmp_path / "vision #1 100%"
    root.mkdir()
    course = toy_course(root)
    assert gradebook(course).found == f"{course.gradebook}: 0 submissions, check: ok"


def test_what_keeps_from_a_gradebook_says_what_to_do(tmp_path: Path) -> None:
    """A locked one needs no copy."""
    course = toy_course(tmp_path)
    with contextlib.closing(sqlite3.connect(course.gradebook)) as holding:
        holding.execute("BEGIN EXCLUSIVE")
        found = gradebook(course)
    assert found.found == f"{course.gradebook}: database is locked"
    assert found.remedy.startswith("another program holds it")
    course.gradebook.write_bytes(b"no database at all " * 500)
    assert "bring back a copy" in gradebook(course).remedy


def test_a_broken_configuration_of_nbgraders_is_a_reason_to_worry(tmp_path: Path) -> None:
    """Nbgrader by itself goes on without it, and without rooms."""
    (tmp_path / "nbgrader_config.py").write_text("def (:\n")
    found = gradebook(Course(tmp_path))
    assert not found.good
    assert "SyntaxError" in found.found
    assert "outside of all rooms" in found.remedy


@pytest.mark.parametrize(("platform", "name"), [("darwin", "macOS"), ("win32", "Windows")])
def test_other_systems_get_one_sentence(platform: str, name: str, tmp_path: Path) -> None:
    """And the container that works there, from every command that opens rooms, with exit status 2,
    although modules are missing that only Linux has; what needs no room works.
    """
    script = f"""
import os, sys
import click  # before: it has a part for each system
sys.platform = {platform!r}
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
del os.geteuid, os.sched_getaffinity
from autograder.cli.main import main
for command in {sorted(ROOMS)!r}:
    try:
        main([command])
    except SystemExit as leaving:
        print(command, leaving.code)
main(["new", "course", "made"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = done.stderr.splitlines()
    assert done.returncode == 0, done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines()[: len(ROOMS)]] == len(ROOMS) * [
        "2"
    ]
    assert len(said) == len(ROOMS)
    assert set(said) == {said[0]}
    assert said[0].startswith("autograder: student code runs in rooms whose walls need Linux")
    assert f"this is {name}" in said[0]
    assert "docker run" in said[0]
    assert (tmp_path / "made" / "course.toml").is_file()


def test_nbgrader_gets_that_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens rooms by the same way."""
    monkeypatch.setattr(sys, "platform", "darwin")
    course = Course(tmp_path)
    with pytest.raises(UsageError, match="need Linux, and this is macOS"), open_rooms(course):
        pass
