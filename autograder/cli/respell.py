"""`autograder respell`: the reference in other words, which must get full marks."""

from __future__ import annotations

from typing import Any

import click

from autograder.cli.machine_made import Wish, options, prove
from autograder.proofs.machine import Ending, spellings_of

ENDINGS: tuple[Ending, ...] = ("full marks", "held back", "lost points", "not judged")


@click.command("respell")
@options
def respell_command(**asked: Any) -> None:
    """Prove the graders with the reference in other words.

    A spelling is a solution cell after several rewrites that keep its meaning, drawn at random: an
    operator for a layer, an activation apart, a part as nested model or as a class, other names,
    loops for copies, unused code. Each runs in real rooms and must get full marks, or be held back
    where it can't be established that it is right. What has not changed since an earlier call is
    not run or judged again. Exit status 0 only if none loses points.
    """
    wish = Wish(**asked)
    prove(
        "spelling",
        wish,
        lambda proof, _: spellings_of(proof, wish.most, wish.seed),
        lambda _, __: lambda tried: tried,
        ENDINGS,
        wrong=("lost points", "not judged"),
    )
