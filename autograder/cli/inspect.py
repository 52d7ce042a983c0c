"""`autograder inspect`: what a model is made of, as facts, a picture, JSON, or against an
expression.
"""

from __future__ import annotations

import inspect as inspect_module
from pathlib import Path

import click

from autograder.architecture import expression
from autograder.architecture.inspect import inspect
from autograder.errors import ArchitectureError, UsageError


def _grammar(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(inspect_module.cleandoc(expression.__doc__ or ""))
        context.exit()


@click.command("inspect")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--expect",
    metavar="EXPRESSION",
    help="Exit with 1 unless the model is as this branch expression says.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture to this file."
)
@click.option(
    "--grammar",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_grammar,
    help="Say what expressions can claim, and exit.",
)
def inspect_command(file: Path, expect: str | None, as_json: bool, svg: Path | None) -> int:
    """Describe the architecture in FILE, a .keras archive or what model.to_json() gave.

    Nothing in FILE is run. Exit status: 0, or 1 if the model is not as EXPRESSION says, 2 if FILE
    or EXPRESSION can't be read.
    """
    try:
        return inspect(file, expect, as_json, svg)
    except ArchitectureError as error:
        raise UsageError(str(error)) from error
