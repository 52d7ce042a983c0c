"""What all tests share: the marks of graders, which some tests import."""

import pytest

from autograder.judge.plugin import MARKS


def pytest_configure(config: pytest.Config) -> None:
    """As the judge does."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
