"""Where a gradebook is, for people: never with its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.address import address, demand_driver, shown_address

WRONG = ["no address", "postgresql://u:p#hush@h:x/db", "postgresql+psycopg://u:p@hush@h/db"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://u:hush@h/db",
        "postgresql+psycopg://u@h/db?password=hush&sslpassword=hush",
        "postgresql+psycopg:///db?host=/run&user=u&password=hush",
    ],
)
def test_no_password_is_shown(url: str) -> None:
    """Wherever in the address it stands."""
    shown = shown_address(url)
    assert "hush" not in shown
    assert "/db" in shown


def test_an_address_that_is_no_text_is_a_named_error(tmp_path: Path) -> None:
    """Nbgrader's own would be a traceback, from every command that looks into the gradebook."""
    (tmp_path / "nbgrader_config.py").write_text("get_config().CourseDirectory.db_url = 3\n")
    with pytest.raises(UsageError, match=r"nbgrader_config\.py: The 'db_url' trait .* int 3"):
        address(Course(tmp_path))


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_is_a_named_error_without_it(url: str) -> None:
    """Also where an @ of the password has cut it in two."""
    with pytest.raises(UsageError, match="expected a `db_url`") as raised:
        demand_driver(url)
    assert "hush" not in str(raised.value)
