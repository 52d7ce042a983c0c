"""Where a course's gradebook is: a file of SQLite's or, by nbgrader's `db_url`, a server's."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from autograder.course import Course
from autograder.errors import FaultError, UsageError
from autograder.faults import of_gradebook
from autograder.showing import shown

FILE = "sqlite:///"
_TURN = 0x6175746F67726164  # the name of our lock among a PostgreSQL server's: "autograd"
_LOOK_SECONDS = 0.1
_SECRETS = ("password", "sslpassword")  # options of an address that libpq takes


def address(course: Course) -> str:
    """The `db_url` that the course's nbgrader_config.py sets, or nbgrader's default.

    Raises:
        UsageError: there is no nbgrader_config.py, or it raises.
    """
    url: str = course_directory(course, nbgrader_config(course)).db_url
    return url


def shown_address(url: str) -> str:
    """The same for people: a path, or an address without its password, which may stand among its
    options too.
    """
    if url.startswith(FILE):
        return url.removeprefix(FILE)
    try:
        made = _read(url)
    except ValueError:
        return "of which `db_url` in nbgrader_config.py gives no address"
    said: str = made.difference_update_query(_SECRETS).render_as_string(hide_password=True)
    return said


def demand_driver(url: str) -> None:
    """See that the address is one, and that the library that talks to such a server is there.

    Raises:
        UsageError: it isn't.
    """
    from sqlalchemy.exc import ArgumentError

    try:
        _read(url).get_dialect().import_dbapi()
    except (ValueError, ArgumentError, ImportError):
        raise UsageError(
            f"the gradebook {shown_address(url)}: expected a `db_url` such as"
            " sqlite:////srv/course/gradebook.db or postgresql+psycopg://user@host/name (in a"
            " password, %40 for @ and %2F for /); the latter takes"
            " pip install 'vision-autograder[postgresql]'"
        ) from None


def _read(url: str) -> Any:
    """The parts of an address.

    Raises:
        ValueError: it is none, or a password has got into its host or port.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        made = make_url(url)
    except ArgumentError:
        raise ValueError("no address") from None
    if "@" in (made.host or ""):
        raise ValueError("an @ in the host")
    return made


@contextlib.contextmanager
def turn(url: str, stopped: Callable[[], bool]) -> Iterator[bool]:
    """Nobody else writes to the gradebook of a PostgreSQL server meanwhile, from whatever machine;
    waits for that until `stopped`. Gives whether it is so; elsewhere it always is.

    Source: PostgreSQL, section 13.3.5 (advisory locks).
    """
    if not url.startswith("postgresql"):
        yield True
        return
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    with create_engine(url, poolclass=NullPool).connect() as connection:
        ask = text(f"SELECT pg_try_advisory_lock({_TURN})")
        while not (held := bool(connection.scalar(ask))) and not stopped():
            connection.rollback()  # no transaction stays open meanwhile
            time.sleep(_LOOK_SECONDS)
        yield held  # and given back with the connection


@contextlib.contextmanager
def open_gradebook(course: Course) -> Iterator[Any]:
    """The gradebook, to look into; None where it is a file that isn't there.

    Raises:
        UsageError: nbgrader_config.py is missing or raises, or names no address.
        FaultError: the gradebook does not work.
    """
    from nbgrader.api import Gradebook

    directory = course_directory(course, nbgrader_config(course))
    url = directory.db_url
    if url.startswith(FILE) and not (course.root / url.removeprefix(FILE)).is_file():
        yield None
        return
    demand_driver(url)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's, about its own use of SQLAlchemy
            with Gradebook(url, directory.course_id) as gradebook:
                yield gradebook
    except Exception as error:
        if fault := of_gradebook(error, shown_address(url), course.root):
            raise FaultError(fault) from None
        raise


def course_directory(course: Course, config: Any) -> Any:
    """Nbgrader's idea of where things lie.

    Raises:
        UsageError: nbgrader_config.py gives one of them a value that is none.
    """
    from nbgrader.coursedir import CourseDirectory
    from traitlets import TraitError

    try:
        return CourseDirectory(config=config, root=str(course.root))
    except TraitError as error:
        raise UsageError(f"{course.root / 'nbgrader_config.py'}: {shown(error, 300)}") from None


def nbgrader_config(course: Course) -> Any:
    """The course's nbgrader_config.py, with stored verdicts only and everything imported anew.

    Raises:
        UsageError: it is missing, or it raises.
    """
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    path = course.root / "nbgrader_config.py"
    if not path.is_file():
        raise UsageError(f"{path} is missing: copy the one that comes with the course template")
    try:
        config: Any = Config(PyFileConfigLoader(path.name, path=str(path.parent)).load_config())
    except Exception as error:  # it is Python, and anybody's
        raise UsageError(f"{path}: {type(error).__name__}: {error}") from error
    config.RunRooms.stored_only = True
    config.BaseConverter.force = True
    return config
