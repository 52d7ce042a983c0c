"""Long commands say who is being run and how long there is to go, in a terminal and without."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from autograder.progress import EVERY, Work, progress_bar, span, tell


class Clock:
    """A time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """What it is."""
        return self.now

    def until(self, end: float, meanwhile: Callable[[], None]) -> Callable[[float], bool]:
        """What waits, and says whether the end has come."""

        def wait(seconds: float) -> bool:
            self.now += seconds
            meanwhile()
            return self.now >= end

        return wait


class Terminal(io.StringIO):
    """One that a person looks at."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_after_ten_seconds_a_line_says_who_is_run_and_how_long_it_takes_yet() -> None:
    """What is left is reckoned from those that are done."""
    clock, said = Clock(), list[str]()
    work = Work("toy", 9, completed=3, clock=clock)

    def one_more() -> None:
        work.completed += 3 * (clock.now == 20)

    with work.on("alice"):
        tell(work, said.append, clock.until(30, one_more))
    assert EVERY == 10
    assert said == [
        "toy: 3 of 9 in 10 s; now alice (10 s)",
        "toy: 6 of 9 in 20 s; about 20 s to go; now alice (20 s)",
    ]


def test_each_that_is_done_has_a_line_in_a_log() -> None:
    """With what came of it, however narrow the log is said to be."""
    out = io.StringIO()
    with progress_bar(Console(file=out, width=20)) as progress:
        work = progress.add_task("toy", total=3)
        progress.advance(work, "alice: graded 9 of 10")
        progress.advance(work, "bob: missing 0 of 10")
    assert [line.partition(";")[0] for line in out.getvalue().splitlines()] == [
        "toy: 1 of 3, alice: graded 9 of 10",
        "toy: 2 of 3, bob: missing 0 of 10",
    ]


def test_a_log_that_grows_need_not_be_told_that_it_goes_on() -> None:
    """Not until nothing was said for ten seconds."""
    clock, said = Clock(), list[str]()
    work = Work("toy", 9, clock=clock)

    def one_more() -> None:
        if clock.now == 10:
            work.completed, work.said = 3, clock.now

    tell(work, said.append, clock.until(30, one_more))
    assert said == ["toy: 3 of 9 in 20 s; about 40 s to go"]


def test_of_many_that_are_run_at_once_some_are_named() -> None:
    """A line stays a line."""
    work = Work("toy", 9, clock=Clock())
    with work.on("a"), work.on("b"), work.on("c"), work.on("d"), work.on("e"), work.on("f"):
        assert work.note() == "now a (0 s), b (0 s), c (0 s), d (0 s), 2 more"
    assert work.note() == ""


def test_who_fails_is_no_longer_run() -> None:
    """Whatever the error."""
    work = Work("toy", 1, clock=Clock())
    with pytest.raises(ZeroDivisionError), work.on("a"):
        _ = 1 / 0
    assert work.note() == ""


@pytest.mark.parametrize("forced", [False, True])
def test_without_a_terminal_nothing_but_text_is_written(
    monkeypatch: pytest.MonkeyPatch,
    forced: bool,
) -> None:
    """Not even where colours are asked for, as many CI machines do."""
    monkeypatch.setattr("autograder.progress.EVERY", 0.01)
    out = io.StringIO()
    with progress_bar(Console(file=out, force_terminal=forced)) as progress:
        work = progress.add_task("[toy]", total=2)
        progress.advance(work)
        while out.getvalue().count("\n") < 2:
            pass
    assert out.getvalue().splitlines()[-1].startswith("[toy]: 1 of 2 in 0 s; about 0 s to go")
    assert "\x1b" not in out.getvalue()
    assert "\r" not in out.getvalue()


def test_in_a_terminal_the_line_moves() -> None:
    """And shows the same."""
    out = Terminal()
    console = Console(file=out, force_terminal=True, width=120)
    with progress_bar(console) as progress:
        work = progress.add_task("[toy]", total=2)
        with work.on("alice"):
            progress.advance(work)
            while "alice" not in out.getvalue():
                pass
    assert "[toy]" in out.getvalue()
    assert "1/2" in out.getvalue()
    assert "to go; now alice" in out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.7, "1 min"), (200, "3 min 20 s"), (1234, "20 min"), (7500, "2 h 5 min")],
)
def test_a_time_is_said_as_people_do(seconds: float, said: str) -> None:
    """To no more than two units."""
    assert span(seconds) == said
