"""How nbgrader reads a submission: rebuilt from the released notebook,
whatever state the student's file is in.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from autograder.course import find_course
from autograder.errors import Unreadable
from autograder.submissions.finding import find_submission
from autograder.submissions.reading import read_submission
from autograder.submissions.rebuilding import rebuild


class RebuildExporter(NotebookExporter):
    """nbgrader's autograde reads with it twice: the submission (rebuilt),
    then its own rebuilt copy (as it is).
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._templates: dict[str, Any] = {}

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """The notebook of the file; of a submission that can't be read, the untouched released one.

        So every student keeps a row in the gradebook and gets a status with a name, and nobody
        stops the others.
        """
        if not getattr(self.parent, "_sanitizing", False):
            read: tuple[Any, Any] = super().from_filename(filename, resources=resources, **kwargs)
            return read
        template = self._template(resources["nbgrader"]["assignment"])
        place = find_submission(Path(filename), template).path
        try:
            notebook = rebuild(template, read_submission(place)).notebook
        except Unreadable as error:
            self.log.warning(
                "%s can't be read (%s); its student is graded on the untouched notebook",
                filename,
                error,
            )
            notebook = copy.deepcopy(template)
        resources["metadata"] = {
            "name": Path(filename).stem,
            "path": os.fspath(Path(filename).parent),
        }
        nb = mark_origin(notebook, template)
        written: tuple[Any, Any] = self.from_notebook_node(nb, resources=resources, **kwargs)
        return written

    def _template(self, assignment: str) -> Any:
        """The released notebook, read once for all students."""
        if assignment not in self._templates:
            path = find_course(Path(self.parent.coursedir.root)).template(assignment)
            self._templates[assignment] = nbformat.read(path, as_version=4)
        return self._templates[assignment]


def mark_origin(notebook: Any, template: Any) -> Any:
    """The notebook, each cell saying in its metadata whether
    its text is the course's or the student's.
    """
    ours = {(cell.cell_type, cell.source) for cell in template.cells}
    for cell in notebook.cells:
        cell.metadata["autograder"] = {
            "text": "course" if (cell.cell_type, cell.source) in ours else "student"
        }
    return notebook
