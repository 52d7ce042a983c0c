"""Judging: hidden graders make claims about answers that are data; no student code runs here."""

from autograder.judge.answers import Answers
from autograder.judge.expectations import Blocked, Failure, expect, hint, needs, weight

__all__ = ["Answers", "Blocked", "Failure", "expect", "hint", "needs", "weight"]
