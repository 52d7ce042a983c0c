"""Grading where the system gives no namespaces: many containers, Ubuntu's AppArmor."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from toy import RIGHT, hand_in, toy_course

from autograder.rooms import landlock

TAKEN_AWAY = """
    from autograder.rooms import seccomp
    seccomp._REFUSED = {"unshare": (272, 97)}
    seccomp._SOCKET = seccomp._SOCKETPAIR = (4096, 4096)
    assert seccomp.close_calls() == "filter"
"""


@pytest.mark.slow
def test_a_class_is_graded_at_reduced_isolation(tmp_path: Path) -> None:
    """Landlock shows the judge its graders and nothing above them, and that holds nobody back."""
    if not landlock.abi():
        pytest.skip("this kernel has no Landlock")
    course = toy_course(tmp_path / "course", 'isolation = "reduced"\n')
    hand_in(course, "alice", RIGHT)
    script = f"""
        import os
        {textwrap.indent(textwrap.dedent(TAKEN_AWAY), " " * 8).strip()}
        os.chdir({str(course.root)!r})
        from autograder.cli.main import main
        main(["grade"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "COLUMNS": "120"},
        check=False,
    )
    assert "reduced: student code can" in done.stdout, done.stderr
    assert "alice" in done.stdout
    assert "graded" in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
