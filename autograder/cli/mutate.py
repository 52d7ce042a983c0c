"""`autograder mutate`: small wrong changes of the reference, each of which must lose points."""

from __future__ import annotations

from typing import Any

import click

from autograder.cli.machine_made import Wish, options, prove
from autograder.proofs.machine import Ending, mutants_of, read_survivors

ENDINGS: tuple[Ending, ...] = (
    "lost points", "held back", "equivalent", "allowed", "full marks", "not judged",
)  # fmt: skip


@click.command("mutate")
@options
def mutate_command(**asked: Any) -> None:
    """Prove the graders with small wrong changes of the reference.

    A mutant is a solution cell with one change: another activation, a constant for an argument, a
    layer left out, one tensor for another. Each runs in real rooms and must lose points; those
    that may keep all are listed in mutants.toml of the bank, each with its reason. What has not
    changed since an earlier call is not run or judged again. Exit status 0 only if no other mutant
    gets full marks.
    """
    wish = Wish(**asked)
    prove(
        "mutant",
        wish,
        lambda proof, bank: mutants_of(
            proof, read_survivors(bank, proof).constants, wish.most, wish.seed
        ),
        lambda proof, bank: read_survivors(bank, proof).explained,
        ENDINGS,
        wrong=("full marks", "not judged"),
    )
