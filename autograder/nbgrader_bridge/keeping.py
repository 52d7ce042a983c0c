"""nbgrader's gradebook, asked less often: it is opened ten times for each student, looks every time
whether all tables are there, and finds and commits row by row.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor


@contextmanager
def kept_open(db_url: str, course_id: str) -> Iterator[None]:
    """Every gradebook of this address shares one connection meanwhile, and what it knows of the
    cells that the course gave; each thread is in a session of its own, as ever.
    """
    opening, closing = Gradebook.__init__, Gradebook.close
    with Gradebook(db_url, course_id) as kept, Gradebook(db_url, course_id) as reading:
        courses = {course_id}
        source_cell = functools.cache(reading.find_source_cell)
        graded_cell = functools.cache(reading.find_graded_cell)

        def share(own: Any, url: str, course_id: str = "default_course", *others: Any) -> None:
            if url != db_url:
                opening(own, url, course_id, *others)
                return
            own.engine, own.db, own.authenticator = kept.engine, kept.db, None
            own.find_source_cell, own.find_graded_cell = source_cell, graded_cell
            own.course_id = course_id
            if course_id not in courses:
                own.check_course(course_id=course_id)
                courses.add(course_id)

        def give_back(own: Any) -> None:
            if own.engine is kept.engine:
                own.db.remove()
            else:
                closing(own)

        Gradebook.__init__, Gradebook.close = share, give_back
        try:
            yield
        finally:
            Gradebook.__init__, Gradebook.close = opening, closing


class AtOnce(NbGraderPreprocessor):
    """Second base of a preprocessor after one of nbgrader's that asks the gradebook cell by cell:
    the rows of the student's notebook are read at once, and committed at once.
    """

    gradebook: Any

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """What nbgrader's class calls when it has opened the gradebook."""
        opened = self.gradebook
        self.gradebook = _Rows(opened, resources["nbgrader"])
        done: tuple[Any, Any] = super().preprocess(nb, resources)
        opened.db.commit()
        return done


class _Rows:
    """One student's notebook in a gradebook, with the methods of a gradebook that find its rows."""

    def __init__(self, gradebook: Gradebook, names: Any) -> None:
        self.gradebook, self.db = gradebook, self
        self._names = names["notebook"], names["assignment"], names["student"]
        self._notebook = gradebook.find_submission_notebook(*self._names)
        self._grades, self._comments = self._by_cell(Grade), self._by_cell(Comment)

    def _by_cell(self, kind: Any) -> dict[str, Any]:
        found = self.gradebook.db.query(BaseCell.name, kind).join(
            BaseCell, BaseCell.id == kind.cell_id
        )
        return dict(found.filter(kind.notebook_id == self._notebook.id).all())

    def find_grade(self, cell: str, *_: str) -> Any:
        """The row of a cell's points; nbgrader's error where there is none."""
        return self._grades.get(cell) or self.gradebook.find_grade(cell, *self._names)

    def find_comment(self, cell: str, *_: str) -> Any:
        """The row of a cell's comments; nbgrader's error where there is none."""
        return self._comments.get(cell) or self.gradebook.find_comment(cell, *self._names)

    def find_submission_notebook(self, *_: str) -> Any:
        """The row of the notebook."""
        return self._notebook

    def commit(self) -> None:
        """Not yet: `AtOnce` does when all cells are done."""
