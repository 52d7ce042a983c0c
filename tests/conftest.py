"""What all tests share: the marks of graders, which some tests import, and how much is fuzzed.

HYPOTHESIS_PROFILE=nightly tries thousands of new examples; else few, and always the same ones.
"""

import os
from collections.abc import Iterator

import pytest
from answering import DESK
from hypothesis import HealthCheck, settings
from installed import Installed, install

from autograder.data.prepared import use
from autograder.judge.plugin import MARKS

for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):  # not to be written to by tests
    os.environ.pop(name, None)

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "ci",
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=_SLOW,
)
settings.register_profile(
    "nightly",
    max_examples=3_000,
    print_blob=True,
    database=None,
    deadline=None,
    suppress_health_check=_SLOW,
)
# Files whose slow tests take minutes come first, so that none of them is what the others wait for.
_LONG = (
    "test_attacks", "test_wheel", "test_notebooks", "test_verify_grades", "test_cluster",
    "test_stopping", "test_exchange", "test_tutorial",
)  # fmt: skip

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """As the judge does."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, the others as they were."""
    items.sort(key=lambda item: _LONG.index(name) if (name := item.path.stem) in _LONG else 99)


@pytest.fixture(autouse=True)
def _own_desk() -> Iterator[None]:
    """What a test says about the places of labkit and of real data is forgotten after it."""
    yield
    use({"desk": DESK, "data": None})


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package's wheel in an environment of its own."""
    return install(tmp_path_factory.mktemp("installed"))
