"""What all tests share: the marks of graders, which some tests import."""

from collections.abc import Iterator

import pytest
from answering import DESK
from installed import Installed, install

from autograder.data.prepared import use
from autograder.judge.plugin import MARKS


def pytest_configure(config: pytest.Config) -> None:
    """As the judge does."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


@pytest.fixture(autouse=True)
def _own_desk() -> Iterator[None]:
    """What a test says about the places of labkit and of real data is forgotten after it."""
    yield
    use({"desk": DESK, "data": None})


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package's wheel in an environment of its own."""
    return install(tmp_path_factory.mktemp("installed"))
