"""The package as users have it: its wheel, installed into an environment outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPTS = ("nbgrader", "alembic", "jupyter")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it."""

    folder: Path

    def run(
        self, command: list[str], cwd: Path, timeout: float = 900
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as a user of the environment would, with nothing of ours in reach."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PYTEST", "COV", "VIRTUAL_ENV"))
        }
        path = os.pathsep.join([str(self.folder / "bin"), os.environ.get("PATH", os.defpath)])
        env = {**kept, "PATH": path, "COLUMNS": "120", "TF_CPP_MIN_LOG_LEVEL": "3"}
        return subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=timeout
        )


def install(folder: Path) -> Installed:
    """Build the wheel, and install it beside the libraries of this environment: linked where they
    lie on the same disk, else copied, since nothing may be downloaded.
    """
    wheels = folder / "wheels"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    place = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    there = _site_packages(place)
    shutil.rmtree(there)
    _bring(Path(sysconfig.get_path("purelib")), there)
    _bring(Path(sys.prefix) / "share", place / "share")  # Jupyter's templates
    for ours in [*there.glob("*vision_autograder*"), *there.glob("__editable__*")]:
        shutil.rmtree(ours) if ours.is_dir() else ours.unlink()
    [wheel] = wheels.glob("*.whl")
    python = place / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True,
    )
    for name in SCRIPTS:
        script = Path(sys.executable).parent / name
        if script.is_file():
            lines = script.read_text(encoding="utf-8").split("\n")
            target = place / "bin" / name
            target.write_text("\n".join([f"#!{python}", *lines[1:]]), encoding="utf-8")
            target.chmod(0o755)
    return Installed(place)


def _bring(source: Path, target: Path) -> None:
    for options in ("-al", "-a"):
        done = subprocess.run(["cp", options, source, target], capture_output=True, check=False)
        if done.returncode == 0:
            return
        shutil.rmtree(target, ignore_errors=True)
    raise OSError(f"{source} can't be copied to {target}: {done.stderr.decode()}")


def _site_packages(place: Path) -> Path:
    [found] = (place / "lib").glob("python*/site-packages")
    return found
