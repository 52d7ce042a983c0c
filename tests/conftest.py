"""What all tests share: the marks of graders, which some tests import."""

import pytest
from installed import Installed, install

from autograder.judge.plugin import MARKS


def pytest_configure(config: pytest.Config) -> None:
    """As the judge does."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package's wheel in an environment of its own."""
    return install(tmp_path_factory.mktemp("installed"))
