"""A class gets the same scores on every machine, at the isolation that is stated there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from machines import missing, run_on
from toy import SCORES, hand_in_all, totals, toy_course

from autograder.rooms import landlock
from autograder.rooms.warm import warm_rooms

OF_ROOT = {"mounts", "cgroups", "delegation", "container", "most of a container"}
# What is missing: what the rooms are then, and what the course demands.
MACHINES = {
    "": ("strong", "strong"),
    "privileges": ("strong", "strong"),
    "cgroups": ("strong", "strong"),
    "landlock": ("strong", "strong"),
    "seccomp": ("strong", "strong"),
    "most of a container,delegation": ("strong", "strong"),
    "newer landlock,namespaces,privileges": ("reduced", "reduced"),
    "apparmor,privileges": ("reduced", "strong"),
    "mounts": ("reduced", "reduced"),
    "container,delegation": ("reduced", "reduced"),
    "landlock,seccomp,namespaces,privileges": ("none", "reduced"),
}


@pytest.fixture(scope="module")
def own() -> str:
    """The isolation on this machine."""
    with warm_rooms(warm=False) as rooms:
        return rooms.isolation


@pytest.mark.slow
@pytest.mark.parametrize("lacks", MACHINES)
def test_a_class_gets_the_same_scores(lacks: str, own: str, tmp_path: Path) -> None:
    """Whatever is missing, nobody is held back for it, nothing survives, and what the rooms are is
    said; where the course demands more, nothing runs until it is told to.
    """
    away, (level, demanded) = lacks.split(","), MACHINES[lacks]
    if OF_ROOT.intersection(away) and os.geteuid() != 0:
        pytest.skip("only root can take that away")
    if level == "strong" and own != "strong":
        missing(f"nothing can be taken away from a machine that gives «{own}»")
    if level == "reduced" and not landlock.abi():
        missing("this kernel has no Landlock")
    course = toy_course(tmp_path / "course", f'isolation = "{demanded}"\n')
    hand_in_all(course)
    if {"mounts", "container", "most of a container"}.intersection(away):
        subprocess.run(["chown", "-R", "1234", course.root], check=True)  # the host's user
    command = ["autograder", "grade"]
    if level != demanded:
        refused = run_on(away, command, course.root)
        assert (refused.returncode, refused.stdout) == (3, ""), refused.stdout + refused.stderr
        assert f"«{demanded}», this machine gives «{level}" in refused.stderr
        assert "autograder doctor" in refused.stderr
        assert refused.stderr.count("\n") == 1
        command.append("--trust-submissions")
    done = run_on(away, command, course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    isolation = done.stdout.partition("\n")[0].removeprefix("isolation of the rooms: ")
    assert isolation.partition(":")[0] == level
    assert ("see other processes" in isolation) == (level == "reduced")
    assert totals(course) == SCORES
    names = subprocess.run(["ps", "-eo", "comm"], capture_output=True, text=True, check=True)
    assert "left-behind" not in names.stdout
