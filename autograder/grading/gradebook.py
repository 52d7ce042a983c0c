"""The one writer of nbgrader's gradebook: has nbgrader itself import the verdicts
and write the feedback pages.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import functools
import glob
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.grading.stages import record_digest
from autograder.records import Damaged, read_json


@contextlib.contextmanager
def open_writer(course: Course, assignment: Assignment) -> Iterator[Callable[[str], str | None]]:
    """What imports a student's stored verdict unless the gradebook has it already,
    and says why where that failed. All calls come from one thread.

    nbgrader's own converters run, with our configuration: Autograde finds the verdict and executes
    nothing. So manual scores, late penalties and comments are treated as nbgrader treats them.
    """
    with (
        contextlib.ExitStack() as stack,
        _logged(course, assignment.name) as errors,
        warnings.catch_warnings(),
    ):
        writer = _Writer(course, assignment, stack)
        warnings.simplefilter("ignore")  # nbgrader's, about its own use of SQLAlchemy

        def write(student: str) -> str | None:
            errors.clear()
            why = writer.write(student)
            return (errors[0] if errors else why) if why else None

        yield write


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


def release(course: Course, assignment: str) -> None:
    """Have nbgrader make the students' notebook from the instructor's, whatever was released
    before.

    Raises:
        UsageError: it refused; says why.
    """
    course.runs.mkdir(parents=True, exist_ok=True)
    with _only_writer(course), _logged(course, assignment) as errors, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = nbgrader_config(course)
        config.BaseConverter.force = True
        generate_assignment(course_directory(course, config), assignment, config)
    if not course.template(assignment).is_file():
        why = errors[-1] if errors else "its log says why"
        raise UsageError(
            f"nbgrader made no {course.template(assignment)}: {why}"
            f" ({course.runs / f'{assignment}.nbgrader.log'})"
        )


def feedback_page(course: Course, assignment: str, student: str) -> Path:
    """Where nbgrader puts the student's feedback."""
    return course.root / "feedback" / student / assignment / f"{assignment}.html"


class _Writer:
    """nbgrader's converters and what is in its gradebook, made ready when the first verdict is
    imported and kept for all students.
    """

    def __init__(self, course: Course, assignment: Assignment, stack: contextlib.ExitStack) -> None:
        self._course, self._assignment, self._stack = course, assignment, stack

    def write(self, student: str) -> str | None:
        """Import the verdict and write the page, unless both are there; why that failed."""
        with _only_writer(self._course):
            fresh = _imported(self._course, self._assignment.name, student)
            return None if fresh and student in self._known else self._convert(student)

    def _convert(self, student: str) -> str | None:
        from nbgrader.converters.base import NbGraderException

        for converter in self._converters:
            converter.coursedir.student_id = glob.escape(student)
            try:
                converter.init_notebooks()
                converter.convert_notebooks()
            except NbGraderException as error:
                return str(error) or type(error).__name__
        return None

    @functools.cached_property
    def _config(self) -> Any:
        config = nbgrader_config(self._course)
        _register(self._course, self._assignment, config)
        return config

    @functools.cached_property
    def _known(self) -> set[str]:
        return _in_gradebook(self._course, self._assignment.name, self._config)

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


def _imported(course: Course, assignment: str, student: str) -> bool:
    """Whether the autograded notebook was made from just this verdict, and the page from it."""
    path = course.root / "autograded" / student / assignment / f"{assignment}.ipynb"
    try:
        marked = read_json(path)["metadata"]["autograder"]["digest"]
    except (OSError, Damaged, LookupError, TypeError):
        return False
    fresh = marked == record_digest(course, assignment, student)
    return fresh and feedback_page(course, assignment, student).exists()


def _register(course: Course, assignment: Assignment, config: Any) -> None:
    """Have nbgrader enter the assignment as it is released,
    unless the gradebook has it with these points already.
    """
    from nbgrader.api import Gradebook, MissingEntry

    wanted = {
        task.id if task.manual else f"{task.id}_check": task.points for task in assignment.tasks
    }
    directory = course_directory(course, config)
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
    with tempfile.TemporaryDirectory(prefix="release-") as release:
        directory.release_directory = release
        config.GenerateAssignment.pre_convert_hook = _nothing
        generate_assignment(directory, assignment.name, config)


def generate_assignment(directory: Any, assignment: str, config: Any) -> None:
    """Nbgrader's `generate_assignment --force`.

    Raises:
        UsageError: nbgrader refused; its reason is in the log.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException

    directory.assignment_id = assignment
    try:
        GenerateAssignment(coursedir=directory, config=config).start()
    except (NbGraderException, SystemExit) as error:
        raise UsageError(
            f"nbgrader could not enter {assignment} into the gradebook: {error}"
        ) from None


def _nothing(**_: Any) -> None:
    """No labkit beside a notebook that nobody will open."""


def _in_gradebook(course: Course, assignment: str, config: Any) -> set[str]:
    from nbgrader.api import Gradebook

    directory = course_directory(course, config)
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        return {
            submission.student.id for submission in gradebook.assignment_submissions(assignment)
        }


def course_directory(course: Course, config: Any) -> Any:
    """Nbgrader's idea of where things lie."""
    from nbgrader.coursedir import CourseDirectory

    return CourseDirectory(config=config, root=str(course.root))


def nbgrader_config(course: Course) -> Any:
    """The course's nbgrader_config.py, with stored verdicts only and everything imported anew."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    path = course.root / "nbgrader_config.py"
    if not path.is_file():
        raise UsageError(f"{path} is missing: copy the one that comes with the course template")
    config: Any = Config(PyFileConfigLoader(path.name, path=str(path.parent)).load_config())
    config.RunRooms.stored_only = True
    config.BaseConverter.force = True
    return config


@contextlib.contextmanager
def _only_writer(course: Course) -> Iterator[None]:
    """Nobody else writes the gradebook meanwhile: a second writer waits."""
    course.runs.mkdir(parents=True, exist_ok=True)
    with (course.runs / ".writer").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _logged(course: Course, assignment: str) -> Iterator[list[str]]:
    """Nbgrader's log goes to a file; the list fills with the last line of each error."""
    import traitlets.log

    errors: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                errors.append(record.getMessage().strip().splitlines()[-1])

    logger = traitlets.log.get_logger()
    file = logging.FileHandler(course.runs / f"{assignment}.nbgrader.log", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    before, level, spread = list(logger.handlers), logger.level, logger.propagate
    logger.handlers[:], logger.propagate = [file, Keep()], False
    logger.setLevel(logging.INFO)
    try:
        yield errors
    finally:
        logger.handlers[:], logger.propagate = before, spread
        logger.setLevel(level)
        file.close()
