"""What `nbgrader export --exporter` takes: grades for Canvas, Moodle, Gradescope, and as CSV.

nbgrader export --exporter autograder.nbgrader_bridge.exporting.CanvasExportPlugin
    --assignment ASSIGNMENT --CanvasExportPlugin.template gradebook.csv
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Enum, Unicode

from autograder.course import Course, find_course
from autograder.errors import AutograderError, UsageError
from autograder.faults import told
from autograder.grading.grades import Grades, graded_assignments, grades_in
from autograder.lms.filling import Wish
from autograder.lms.giving import (
    Given,
    demand_students,
    for_canvas,
    for_csv,
    for_gradescope,
    for_moodle,
    told_lines,
    write_given,
)
from autograder.lms.gradescope import VISIBILITIES, Visibility
from autograder.lms.roster import Roster, course_roster


class GradesExportPlugin(ExportPlugin):
    """What the four have in common: one assignment, and an end as `autograder export` has it."""

    def export(self, gradebook: Any) -> None:
        """Write the files; the log says who is not in them.

        Raises:
            SystemExit: nothing could be written (2), or somebody is left out (1).
        """
        try:
            course = find_course(Path(self.parent.coursedir.root))
            grades = grades_in(gradebook, course, self._only_assignment(course))
            demand_students(grades, self._wish().students)
            given = self._given(course, grades)
            write_given([given], self._inputs())
        except (AutograderError, OSError) as error:
            self.log.critical("%s", told(error) if isinstance(error, OSError) else error)
            raise SystemExit(2) from None
        for line in told_lines([given]):
            self.log.warning("%s", line)
        if given.left:
            raise SystemExit(1)

    def _given(self, course: Course, grades: Grades) -> Given:
        raise NotImplementedError

    def _wish(self) -> Wish:
        return Wish(students=tuple(map(str, self.student)))

    def _inputs(self) -> list[Path]:
        return []

    def _only_assignment(self, course: Course) -> str:
        names = [str(name) for name in self.assignment] or graded_assignments(course)
        if len(names) != 1:
            found = ", ".join(names) or "nothing is handed in"
            raise UsageError(f"say one assignment by --assignment: {found}")
        return names[0]


class ChecksExportPlugin(GradesExportPlugin):
    """A CSV file with a row for each check."""

    def _given(self, course: Course, grades: Grades) -> Given:
        return for_csv(course, grades, Path(self.to or "checks.csv"), self._wish())


class GradescopeExportPlugin(GradesExportPlugin):
    """A results.json for each student, in the folder `to`."""

    visibility = Enum(VISIBILITIES, "visible", help="When students see the results.").tag(
        config=True
    )

    def _given(self, course: Course, grades: Grades) -> Given:
        seen = cast("Visibility", self.visibility)
        return for_gradescope(course, grades, Path(self.to or "gradescope"), self._wish(), seen)


class TemplateExportPlugin(GradesExportPlugin):
    """Fills in a file that another system has handed out."""

    template = Unicode("", help="The file that the system has handed out.").tag(config=True)
    roster = Unicode("", help="A CSV file that says how else students are called.").tag(config=True)
    column = Unicode("", help="The heading of the column to fill.").tag(config=True)
    absent_zero = Bool(False, help="Give 0 to those who handed in nothing.").tag(config=True)
    scale = Bool(False, help="Convert the grades to the file's points.").tag(config=True)

    def _wish(self) -> Wish:
        students = tuple(map(str, self.student))
        return Wish(self.absent_zero, self.scale, students, self.column or None)

    def _inputs(self) -> list[Path]:
        return [Path(name) for name in (self.template, self.roster) if name]

    def _file(self) -> Path:
        if not self.template:
            name = type(self).__name__
            raise UsageError(f"say which file to fill in: --{name}.template FILE")
        return Path(self.template)

    def _to(self) -> Path | None:
        return Path(self.to) if self.to else None

    def _people(self, course: Course) -> Roster | None:
        return course_roster(course, Path(self.roster) if self.roster else None)


class CanvasExportPlugin(TemplateExportPlugin):
    """Fills in the gradebook that Canvas has exported."""

    def _given(self, course: Course, grades: Grades) -> Given:
        place = (self._file(), self._to(), self._people(course))
        return for_canvas(course, grades, *place, self._wish())


class MoodleExportPlugin(TemplateExportPlugin):
    """Fills in Moodle's grading worksheet."""

    feedback = Unicode("", help="Write the feedback pages into this zip.").tag(config=True)

    def _given(self, course: Course, grades: Grades) -> Given:
        place = (self._file(), self._to(), self._people(course))
        feedback = Path(self.feedback) if self.feedback else None
        return for_moodle(course, grades, *place, self._wish(), feedback)
