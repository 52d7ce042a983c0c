"""Judging: hidden graders make claims about answers that are data; no student code runs here.

What a grader needs is here by one import.
"""

from autograder.answers.questions import (
    Call,
    Calls,
    Network,
    Notebook,
    Question,
    Random,
    Snippet,
    Symbolic,
    Variable,
)
from autograder.judge.answers import Answers
from autograder.judge.case import Case
from autograder.judge.expectations import (
    Blocked,
    Failure,
    cases,
    expect,
    hint,
    needs,
    reported,
    weight,
)

__all__ = [
    "Answers",
    "Blocked",
    "Call",
    "Calls",
    "Case",
    "Failure",
    "Network",
    "Notebook",
    "Question",
    "Random",
    "Snippet",
    "Symbolic",
    "Variable",
    "cases",
    "expect",
    "hint",
    "needs",
    "reported",
    "weight",
]
