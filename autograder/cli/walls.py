"""What each layer of the rooms' walls holds, what makes up for it where it is missing,
and what brings it on the machine at hand.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

SYSCTLS = {  # the values with which everyone may make user namespaces, and with which nobody may
    "kernel.apparmor_restrict_unprivileged_userns": ("0", "1"),
    "kernel.unprivileged_userns_clone": ("1", "0"),
    "user.max_user_namespaces": ("15000", "0"),
}
_LANDLOCK_SINCE = (5, 13)
Container = Literal["", "docker", "podman", "kubernetes"]


@dataclass(frozen=True)
class Machine:
    """What a machine is like, as far as it says what can be done about a missing layer."""

    root: bool = False
    container: Container = ""
    confined: bool = False  # by AppArmor
    filtered: bool = False  # by somebody's filter of system calls
    sysctls: Mapping[str, str] | None = None
    systemd: bool = False
    groups: int = 0  # version of control groups, 0 where there are none
    kernel: tuple[int, int] = (0, 0)
    modules: str = ""  # security modules of the kernel, "" where it does not say


@dataclass(frozen=True)
class Layer:
    """One layer, named as rooms report it."""

    name: str
    holds: tuple[str, ...]  # the attempts that are for it to deny
    others: Mapping[str, str]  # which layers do so too, and in which words
    brings: Callable[[Machine], str]


@dataclass(frozen=True)
class Wall:
    """How a layer is, what makes up for it, and what brings it."""

    name: str
    found: str
    stands: bool
    instead: str = ""  # what makes up for it; "" where it stands, or nothing does
    remedy: str = ""


def walls(facts: Mapping[str, str], machine: Machine) -> Iterator[Wall]:
    """All layers in the order in which a room is closed; what brings several is said once."""
    if stands(facts.get("pid", "")) and not stands(facts.get("files", "")):
        # it may make namespaces and not mount anything in them
        machine = replace(machine, confined=True)
    said: set[str] = set()
    for layer in LAYERS:
        found = facts.get(layer.name, "missing: no room opened")
        if stands(found):
            yield Wall(layer.name, found, stands=True)
            continue
        reached = [attempt for attempt in layer.holds if facts.get(attempt, "") == "reached"]
        others = [words for name, words in layer.others.items() if stands(facts.get(name, ""))]
        remedy = layer.brings(machine)
        yield Wall(
            layer.name,
            f"{found}; student code can {', '.join(reached)}" if reached else found,
            stands=False,
            instead="" if reached else ", ".join(others),
            remedy="" if remedy in said else remedy,
        )
        said.add(remedy)


def stands(found: str) -> bool:
    """Whether a layer is there, from what a room says about it."""
    return bool(found) and not found.startswith("missing") and found != "watched"


def read_machine(top: Path = Path("/")) -> Machine:
    """The machine whose files lie in `top`, run as whoever we are."""
    sysctls = {name: _text(top / "proc/sys" / name.replace(".", "/")) for name in SYSCTLS}
    release = _text(top / "proc/sys/kernel/osrelease") or platform.release()
    major, minor = (int(part) for part in release.split("-")[0].split(".")[:2])
    mounts = _text(top / "proc/self/mounts")
    return Machine(
        root=os.geteuid() == 0,
        container=_container(top),
        confined="(enforce)" in _text(top / "proc/self/attr/current"),
        filtered="\nSeccomp:\t2" in _text(top / "proc/self/status"),
        sysctls=sysctls,
        systemd=(top / "run/systemd/system").is_dir(),
        groups=1 if " cgroup " in mounts else 2 if " cgroup2 " in mounts else 0,
        kernel=(major, minor),
        modules=_text(top / "sys/kernel/security/lsm"),
    )


def _container(top: Path) -> Container:
    if (top / "var/run/secrets/kubernetes.io").is_dir():
        return "kubernetes"
    if (top / "run/.containerenv").exists():
        return "podman"
    return "docker" if (top / ".dockerenv").exists() else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _namespaces(machine: Machine) -> str:
    """The narrowest that brings all of them: user namespaces for users, or the right for root."""
    if machine.container:
        return _in_container(machine)
    if machine.root:
        return "start it with the capability SYS_ADMIN: this root does not have it"
    for name, (open_to_all, closed) in SYSCTLS.items():
        if (machine.sysctls or {}).get(name) == closed:
            return f"sudo sysctl -w {name}={open_to_all}"
    if machine.filtered:
        return (
            "start it from outside of what filters its system calls (Seccomp in /proc/self/status)"
        )
    return "a kernel with user namespaces (CONFIG_USER_NS)"


def _in_container(machine: Machine) -> str:
    if machine.container == "kubernetes":
        armor = ", appArmorProfile: {type: Unconfined}" if machine.confined else ""
        return f"securityContext: {{runAsUser: 0, capabilities: {{add: [SYS_ADMIN]}}{armor}}}"
    user = "" if machine.root else " --user root"
    if machine.container == "podman":
        unmasked = "--security-opt unmask=ALL --security-opt label=disable"
        return f"podman run{user} --cap-add SYS_ADMIN {unmasked} …"
    armor = " --security-opt apparmor=unconfined" if machine.confined else ""
    return f"docker run{user} --cap-add SYS_ADMIN{armor} …"


def _landlock(machine: Machine) -> str:
    if machine.kernel < _LANDLOCK_SINCE:
        return "Linux 5.13 or newer; this is {}.{}".format(*machine.kernel)
    if machine.modules and "landlock" not in machine.modules.split(","):
        return f"at boot, on the kernel's command line: lsm=landlock,{machine.modules}"
    if machine.container == "docker":
        return "a newer Docker, whose filter of system calls knows Landlock"
    return "a kernel with Landlock (CONFIG_SECURITY_LANDLOCK), and lsm=landlock,… at boot"


def _groups(machine: Machine) -> str:
    """A group of ours that may have children."""
    if machine.container:
        return _GROUPS_OF[machine.container]
    if machine.groups == 1:
        return "run it as root, or on a machine with control groups of version 2"
    if not machine.groups:
        return "mount -t cgroup2 none /sys/fs/cgroup"
    if machine.systemd:
        user = "" if machine.root else " --user"
        return f"systemd-run{user} --scope -p Delegate=yes autograder grade"
    return "a control group that belongs to whoever grades, with the controllers memory and pids"


def _filter(machine: Machine) -> str:  # noqa: ARG001
    return "a kernel with CONFIG_SECCOMP_FILTER, on x86_64 or aarch64"


_GROUPS_OF: dict[Container, str] = {
    "docker": "docker run --security-opt writable-cgroups=true … (Docker 28; before: --privileged)",
    "podman": "podman run --security-opt unmask=/sys/fs/cgroup …",
    "kubernetes": "a node that makes control groups of pods writable",
}
_WATCHER = {"warm": "whoever watches the room, ten times a second"}
_OF_FILES = ("read a secret file", "read the course", "read another room", "write outside")
_OF_PROCESSES = (
    "signal the supervisor",
    "read the supervisor's environment",
    "trace the supervisor",
)
_OF_NETWORK = ("connect by TCP", "send by UDP", "connect to an abstract socket")
LAYERS = (
    Layer(
        "files",
        (
            *_OF_FILES,
            "see names of hidden files",
            "list other rooms",
            "connect to a socket in a folder",
            "see other processes",
        ),
        {"landlock": "Landlock"},
        _namespaces,
    ),
    Layer(
        "pid",
        ("see other processes", *_OF_PROCESSES, "leave a process behind"),
        {"landlock": "Landlock", "calls": "the filter of calls"},
        _namespaces,
    ),
    Layer(
        "net",
        _OF_NETWORK,
        {"calls": "the filter of calls", "landlock": "Landlock"},
        _namespaces,
    ),
    Layer("ipc", (), {"user": "the room's user, who has nothing there"}, _namespaces),
    Layer("uts", (), {"warm": "no privileges to rename the machine"}, _namespaces),
    Layer(
        "cgroup",
        (),
        {"files": "the namespace of files", "landlock": "Landlock"},
        _namespaces,
    ),
    Layer(
        "user",
        _OF_PROCESSES,
        {"files": "the namespace of files", "landlock": "Landlock", "calls": "the filter of calls"},
        _namespaces,
    ),
    Layer("landlock", _OF_FILES, {"files": "the namespace of files"}, _landlock),
    Layer(
        "calls",
        (*_OF_NETWORK, "trace the supervisor"),
        {"net": "the namespaces", "landlock": "Landlock"},
        _filter,
    ),
    Layer("memory", ("use more memory than allowed",), _WATCHER, _groups),
    Layer("processes", ("fork without end",), _WATCHER, _groups),
)
