"""What lies behind a model that is not as it should be: ids of hints.toml."""

from __future__ import annotations

from autograder.judge import Case


def hidden_mistake(case: Case) -> str | None:
    """Why the hidden layer is not as asked for."""
    return "relu_forgotten" if case.says('path("dense:32 dense softmax?")') else None


def output_mistake(case: Case) -> str | None:
    """Why the output is no probability for each class."""
    _, classes = case.args
    return "softmax_missing" if case.says(f"head(units={classes})") else None
