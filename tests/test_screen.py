"""What stands on the screen is read whole, however narrow that is."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autograder.cli.main import COMMANDS, cli
from autograder.grading.screen import class_table, wrapped

NAMES = ["b.lindqvist", "maria-magdalena.von_und_zu@uni-berlin.de", "chen_yuting"]


def printed(names: list[str], tasks: int, width: int) -> list[str]:
    """The lines of a table of these students with as many tasks."""
    rows = [
        [Text(name), Text("timeout"), *[Text("10.25")] * tasks, Text("102.5")] for name in names
    ]
    out = io.StringIO()
    heads = [str(number) for number in range(1, tasks + 1)]
    Console(file=out, width=width).print(class_table("toy: points", heads, rows, width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("tasks", [0, 3, 9])
def test_names_are_whole(width: int, tasks: int) -> None:
    """Or broken after . _ - and @; no line is too wide, and the total is always there."""
    lines = printed(NAMES, tasks, width)
    assert all(cell_len(line) <= width for line in lines)
    begun = [line[1:].split(" ")[0] for line in lines if line.startswith("│")][1:]
    assert "".join(begun) == "".join(NAMES)
    ended = [part for part in begun if part[-1] not in "._-@"]
    assert len(ended) == len(NAMES)
    assert all(map(str.endswith, NAMES, ended))
    assert all(line[0] in "╭│├╰" for line in lines[1:])  # by no name
    assert sum(line.rstrip().endswith("102.5") for line in lines) == len(NAMES)


def test_tasks_leave_where_names_have_no_room() -> None:
    """Nine of them at 60 columns; at 80 they stay, for shorter names whole."""
    assert "10.25" not in "".join(printed(NAMES, 9, 60))
    assert printed(["lindqvist"], 9, 80)[4].split() == [
        "│lindqvist",
        "timeout",
        *["10.25"] * 9,
        "102.5",
    ]


@given(
    st.text(st.characters(exclude_categories=["C"], exclude_characters="\n")), st.integers(1, 40)
)
def test_wrapping_loses_nothing(name: str, width: int) -> None:
    """And breaks only after . _ - and @."""
    lines = wrapped(name, width).split("\n")
    assert "".join(lines) == name
    assert all(line[-1] in "._-@" for line in lines[:-1])


@pytest.mark.parametrize("command", [[], *[[name] for name in COMMANDS], ["new", "assignment"]])
def test_help_fits_eighty_columns(command: list[str]) -> None:
    """Of every command."""
    done = CliRunner().invoke(cli, [*command, "--help"], terminal_width=80)
    assert done.exit_code == 0
    assert all(len(line) <= 80 for line in done.output.splitlines()), done.output
