"""The command `autograder`. TensorFlow is never imported here: only the rooms have it."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from autograder import __version__
from autograder.cli.stopping import STOPPED, quiet, stopping
from autograder.course import find_course
from autograder.errors import AutograderError, FaultError, IsolationError, UsageError
from autograder.faults import is_fault, told, written_down
from autograder.rooms.backend import is_installed
from autograder.rooms.linux import demand_linux
from autograder.showing import shown

# The module and the line in --help of each command; a module is imported when it is called.
COMMANDS = {
    "alike": "Show which answers of a class are unusually alike.",
    "attack": "Prove the walls with attacks and broken notebooks.",
    "calibrate": "Measure the accuracy thresholds: references, weak solutions, 200 draws.",
    "collect": "Collect a download of submissions from an LMS into submitted/.",
    "data": "Make real images and weights ready, as course.toml says.",
    "demo": "Grade the sample class that comes with the course.",
    "doctor": "Say what this machine can do, and what is missing.",
    "export": "Give grades back: Canvas, Moodle, Gradescope, CSV.",
    "gradescope": "Make what Gradescope's container needs to grade an assignment.",
    "grade": "Grade submissions, up to gradebook, feedback and report.",
    "inspect": "Describe the architecture in a model file.",
    "judge": "Judge one run again and print its checks.",
    "merge": "Take over what other machines have graded.",
    "mutate": "Prove the graders with small wrong changes of the reference.",
    "new": "Make a course, an assignment in one, or what grades it elsewhere.",
    "release": "Make what students get: a folder and a zip.",
    "report": "Write class report and results from what is stored.",
    "respell": "Prove the graders with the reference in other words.",
    "verify": "Grade the graders with known submissions.",
}
ROOMS = {
    "attack", "calibrate", "demo", "doctor", "grade", "judge", "merge", "mutate", "respell",
    "verify",
}  # fmt: skip

SCREEN = {"click", "rich", __name__}  # what writes to it


class Commands(click.Group):
    """The commands, each in a module of its own; wrong names get the nearest right one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All commands, alphabetically."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in ROOMS:
            demand_linux()  # before modules are imported that other systems do not have
        module = importlib.import_module(f"autograder.cli.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            rest = f"did you mean «{near[0]}»?" if near else f"there are: {', '.join(COMMANDS)}"
            ctx.fail(f"there is no command «{shown(args[0])}»; {rest}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in --help, without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__)
def cli() -> None:
    """Grade deep-learning notebooks: students' code and hidden tests never share a process."""
    _demand_folder()
    _demand_names()


def _demand_folder() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the folder you are in is gone: cd elsewhere") from None


def _demand_names() -> None:
    """Students' names are folders, and must come back from there as they were written."""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        raise FaultError(
            f"names of files are read as {encoding} here, which damages students' names: set"
            " LANG=C.UTF-8 (and LC_ALL, where that is set)"
        )


def main(argv: list[str] | None = None) -> None:
    """Run the command line; what we raise on purpose becomes one line and an exit status."""
    if not is_installed("tensorflow"):  # which is Keras' default
        os.environ.setdefault("KERAS_BACKEND", "jax")
    _streams()
    with quiet(), stopping():
        sys.exit(_status(argv))


def _streams() -> None:
    """What is closed leads nowhere, so that no file which is opened later takes its place; a letter
    that the others can't show stops nothing.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _status(argv: list[str] | None) -> int:
    """The exit status of a call."""
    try:
        status: Any = cli.main(argv, prog_name="autograder", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as error:
        status = error.code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        status = 0
    except click.ClickException as error:
        error.show()
        status = 2
    except (KeyboardInterrupt, click.Abort):
        with contextlib.suppress(OSError):  # a terminal that is closed
            click.echo(STOPPED, err=True)
        status = 130
    except Exception as error:
        said, status = _told(error)
        click.echo(f"autograder: {said}", err=True)
    return status if isinstance(status, int) else 0


def _told(error: Exception) -> tuple[str, int]:
    """What is said of an error, in one line, and the exit status."""
    if isinstance(error, AutograderError):
        status = 3 if isinstance(error, IsolationError) else 1
        return str(error), 2 if isinstance(error, UsageError | FaultError) else status
    if isinstance(error, OSError) and is_fault(error):
        return told(error, _refuser(error)), 2
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{said:.300} (not foreseen; more in {written_down(error, _runs())})", 1


def _refuser(error: OSError) -> str:
    """What an error that names no file is about: the screen, where that was written to; else ""."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    writer = str(frame.f_globals["__name__"])
    return "the standard output" if {writer, writer.partition(".")[0]} & SCREEN else ""


def _runs() -> Path | None:
    """Where a course keeps what is written down; None outside of any."""
    with contextlib.suppress(AutograderError, OSError):
        return find_course(Path.cwd()).runs
    return None
