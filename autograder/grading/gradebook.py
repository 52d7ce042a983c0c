"""The one writer of nbgrader's gradebook: has nbgrader itself import the verdicts
and write the feedback pages.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import glob
import logging
import shutil
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import AutograderError, FaultError, UsageError
from autograder.faults import of_gradebook, written_down
from autograder.files import lock, replacing, temporary_folder, whole_copies
from autograder.grading.address import (
    FILE,
    address,
    course_directory,
    demand_driver,
    nbgrader_config,
    open_gradebook,
    shown_address,
    turn,
)
from autograder.grading.booking import WORK, Books, entered, read_entries
from autograder.grading.stages import Due

INTERRUPTED = "interrupted"


@contextlib.contextmanager
def open_writer(
    course: Course, assignment: Assignment, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Callable[[str], str | None]]:
    """What imports a student's stored verdict unless the gradebook has it already,
    and says why where that failed. All calls come from one thread.

    It raises FaultError where the gradebook itself does not work.

    nbgrader's own converters run, with our configuration: Autograde finds the verdict and executes
    nothing. So manual scores, late penalties and comments are treated as nbgrader treats them.
    """
    with (
        contextlib.ExitStack() as stack,
        _logged(course, assignment.name) as errors,
        warnings.catch_warnings(),
    ):
        writer = _Writer(course, assignment, stack, stopped, errors)
        warnings.simplefilter("ignore")  # nbgrader's, about its own use of SQLAlchemy

        yield writer.write


def import_verdicts(
    course: Course,
    assignment: Assignment,
    students: Iterable[str],
) -> dict[str, str]:
    """Import the stored verdicts that the gradebook does not have yet;
    the students that failed, and why.
    """
    with open_writer(course, assignment) as write:
        return {student: why for student in students if (why := write(student))}


def set_due_date(course: Course, assignment: Assignment, due: dt.datetime) -> None:
    """Enter the assignment's due date; nbgrader keeps it in UTC, without saying so."""
    from nbgrader.api import Gradebook

    with _only_writer(course), _logged(course, assignment.name), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = nbgrader_config(course)
        _register(course, assignment, config)
        directory = course_directory(course, config)
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            naive = due.astimezone(dt.UTC).replace(tzinfo=None)
            gradebook.update_or_create_assignment(assignment.name, duedate=naive)


def due_date(course: Course, assignment: str) -> dt.datetime | None:
    """The due date in the gradebook; None without one.

    Raises:
        FaultError: the gradebook does not work.
    """
    from nbgrader.api import MissingEntry

    with open_gradebook(course) as gradebook, contextlib.suppress(MissingEntry):
        due = gradebook and gradebook.find_assignment(assignment).duedate
        return due.replace(tzinfo=dt.UTC) if due else None
    return None


def release(course: Course, assignment: str) -> None:
    """Have nbgrader make the students' notebook from the instructor's, in the place of what was
    released before, which stays where nbgrader refuses.

    Raises:
        UsageError: it refused; says why.
    """
    course.runs.mkdir(parents=True, exist_ok=True)
    with _only_writer(course), _logged(course, assignment) as errors, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config, template = nbgrader_config(course), course.template(assignment)
        directory = course_directory(course, config)
        with temporary_folder("release") as folder:
            directory.release_directory = str(folder)
            generate_assignment(directory, assignment, config)
            made = folder / assignment
            if not (made / template.name).is_file():
                why = str(errors[-1]).splitlines()[-1] if errors else "its log says why"
                raise UsageError(
                    f"nbgrader made no {template}: {why}"
                    f" ({course.runs / f'{assignment}.nbgrader.log'})"
                )
            with replacing(template.parent) as place, whole_copies():
                shutil.copytree(made, place, dirs_exist_ok=True)


class _Writer:
    """nbgrader's converters and what is in its gradebook, made ready when the first verdict is
    imported and kept for all students.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        stack: contextlib.ExitStack,
        stopped: Callable[[], bool],
        errors: list[BaseException],
    ) -> None:
        self._course, self._assignment, self._stack = course, assignment, stack
        self._stopped, self._errors = stopped, errors

    def write(self, student: str) -> str | None:
        """Import the verdict and write the page, unless both are there; why that failed."""
        with _only_writer(self._course, self._stopped), self._turn():
            with self._working():
                due = self._due(student)
                if due.do == "nothing":
                    return None
                converters = self._converters
            if due.do == "page":
                return self._convert(student, converters[1:])
            self._keep_marks(student, converters[0])
            return self._convert(student, converters)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Other machines may write to the same server."""
        with contextlib.ExitStack() as stack:
            with self._working():
                url = course_directory(self._course, self._config_alone).db_url
                demand_driver(url)
                held = stack.enter_context(turn(url, self._stopped))
            if not held:
                raise FaultError(INTERRUPTED)
            yield

    def _due(self, student: str) -> Due:
        """What the gradebook lacks; another call may have told it since we last looked."""
        if student not in self._books.entries:
            del self._books
        return self._books.due(student)

    def _keep_marks(self, student: str, autograde: Any) -> None:
        """A person need not look again at marks of answers that are the same."""
        name = self._assignment.name
        entry = self._books.entries.get(student)
        now = self._books.parts(student, entry)[WORK] if entry else ""
        same = bool(now) and entered(self._course, name, student).get(WORK) == now
        autograde.exporter.config.SaveVerdict.same_answers = same

    def _convert(self, student: str, converters: list[Any]) -> str | None:
        from nbgrader.converters.base import NbGraderException

        for converter in converters:
            if self._stopped():  # the page is due still, as the next call sees
                raise FaultError(INTERRUPTED)
            converter.coursedir.student_id = glob.escape(student)
            self._errors.clear()
            try:
                converter.init_notebooks()
                converter.convert_notebooks()
            except (NbGraderException, SystemExit) as error:
                return self._reason(self._errors[0] if self._errors else error)
            except Exception as error:
                return self._reason(error)
        return None

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """What fails here fails for everybody."""
        try:
            yield
        except UsageError as error:
            raise FaultError(str(error)) from None
        except Exception as error:
            raise FaultError(self._reason(error)) from None

    def _reason(self, error: BaseException) -> str:
        """Why that failed; raises FaultError where it is the gradebook's fault."""
        if fault := of_gradebook(error, self._place, self._course.root):
            raise FaultError(fault) from None
        if isinstance(error, AutograderError):  # what nbgrader said without raising anything
            return str(error)
        log = written_down(error, self._course.runs)
        return f"{type(error).__name__}: {' '.join(str(error).split()):.300} (more in {log})"

    @property
    def _place(self) -> str:
        with contextlib.suppress(Exception):
            return shown_address(address(self._course))
        return str(self._course.gradebook)

    @functools.cached_property
    def _config_alone(self) -> Any:
        return nbgrader_config(self._course)

    @functools.cached_property
    def _config(self) -> Any:
        _register(self._course, self._assignment, self._config_alone)
        return self._config_alone

    @functools.cached_property
    def _books(self) -> Books:
        from nbgrader.api import Gradebook

        directory = course_directory(self._course, self._config)
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            entries = read_entries(gradebook, self._assignment.name)
        return Books(self._course, self._assignment.name, entries, self._config)

    @functools.cached_property
    def _converters(self) -> list[Any]:
        """As `BaseConverter.start` makes them ready, but without changing to the course's folder:
        that is every thread's, and theirs to choose.
        """
        from nbconvert.writers import FilesWriter
        from nbgrader.converters import Autograde, GenerateFeedback

        from autograder.nbgrader_bridge.keeping import kept_open

        directory = course_directory(self._course, self._config)
        self._stack.enter_context(kept_open(directory.db_url, directory.course_id))
        made = []
        for kind in (Autograde, GenerateFeedback):
            directory = course_directory(self._course, self._config)
            directory.assignment_id = self._assignment.name
            converter = kind(coursedir=directory, config=self._config)
            converter.writer = FilesWriter(parent=converter, config=self._config)
            converter.exporter = converter.exporter_class(parent=converter, config=self._config)
            for preprocessor in converter.preprocessors:
                converter.exporter.register_preprocessor(preprocessor)
            made.append(converter)
        return made


def _register(course: Course, assignment: Assignment, config: Any) -> None:
    """Have nbgrader enter the assignment as it is released,
    unless the gradebook has it with these points already.
    """
    from nbgrader.api import Gradebook, MissingEntry

    wanted = {
        task.id if task.manual else f"{task.id}_check": task.points for task in assignment.tasks
    }
    directory = course_directory(course, config)
    if not directory.course_id and not directory.db_url.startswith(FILE):
        raise UsageError(
            f"the gradebook {shown_address(directory.db_url)} needs to know which course this is:"
            ' add c.CourseDirectory.course_id = "…" to nbgrader_config.py'
        )
    with (
        Gradebook(directory.db_url, directory.course_id) as gradebook,
        contextlib.suppress(MissingEntry),
    ):
        notebook = gradebook.find_notebook(assignment.name, assignment.name)
        entered = {
            cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]
        }
        if entered == wanted:
            return
    if not assignment.source_path.is_file():
        raise UsageError(
            f"the gradebook lacks {assignment.name} or has other points for it, "
            f"and {assignment.source_path} is not there to enter it from; "
            f"run: nbgrader generate_assignment {assignment.name}"
        )
    # what is released stays untouched
    with temporary_folder("release") as release:
        directory.release_directory = str(release)
        config.GenerateAssignment.pre_convert_hook = _nothing
        generate_assignment(directory, assignment.name, config)


def generate_assignment(directory: Any, assignment: str, config: Any) -> None:
    """Nbgrader's `generate_assignment --force`.

    Raises:
        UsageError: nbgrader refused, and why.
        FaultError: the gradebook does not work.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from traitlets import TraitError

    directory.assignment_id = assignment
    with _heard() as errors:
        try:
            GenerateAssignment(coursedir=directory, config=config).start()
        except (NbGraderException, SystemExit, TraitError) as error:
            why, place = _behind(error, errors), shown_address(directory.db_url)
            if fault := of_gradebook(why, place, Path(directory.root)):
                raise FaultError(fault) from None
            said = f"nbgrader could not enter {assignment} into the gradebook: "
            raise UsageError(said + f"{' '.join(str(why).split()):.300}") from None


def _behind(error: BaseException, errors: Sequence[BaseException]) -> BaseException:
    """What nbgrader met: it ends with words of its own, about the traceback above or a database of
    an older version, whatever it was.
    """
    met = [one for one in errors if type(one) is not AutograderError]  # which are words alone
    return met[-1] if met else error


def _nothing(**_: Any) -> None:
    """No labkit beside a notebook that nobody will open."""


@contextlib.contextmanager
def _only_writer(course: Course, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Nobody else writes the gradebook meanwhile: a second writer waits."""
    with lock(course.runs / ".writer", stopped) as held:
        if not held:
            raise FaultError(INTERRUPTED)
        yield


@contextlib.contextmanager
def _logged(course: Course, assignment: str) -> Iterator[list[BaseException]]:
    """Nbgrader's log goes to a file; the list fills with the errors that it tells of."""
    import traitlets.log

    logger = traitlets.log.get_logger()
    file = _Log(course.runs / f"{assignment}.nbgrader.log", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    before, level, spread = list(logger.handlers), logger.level, logger.propagate
    logger.handlers[:], logger.propagate = [file], False
    logger.setLevel(logging.INFO)
    try:
        with _heard() as errors:
            yield errors
    finally:
        logger.handlers[:], logger.propagate = before, spread
        logger.setLevel(level)
        with contextlib.suppress(OSError):  # of what it could not write
            file.close()


class _Log(logging.FileHandler):
    """What finds no room on a full disk is lost, without a stack for each line of it; who writes
    there besides says so.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 — logging's name
        pass


@contextlib.contextmanager
def _heard() -> Iterator[list[BaseException]]:
    """The errors that nbgrader tells its log of."""
    import traitlets.log

    errors: list[BaseException] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                # nbgrader logs where it catches: the error is at hand, its text is not enough
                errors.append(sys.exc_info()[1] or AutograderError(record.getMessage().strip()))

    logger, keep = traitlets.log.get_logger(), Keep()
    logger.addHandler(keep)
    try:
        yield errors
    finally:
        logger.removeHandler(keep)
