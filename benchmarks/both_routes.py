"""The sample class through `autograder grade` and through plain `nbgrader autograde`:
the gradebooks, cell by cell.

    python benchmarks/both_routes.py FOLDER      FOLDER is a graded sample class, such as demo/

A copy of the class, without anything that is graded, goes through nbgrader's own command line.
Students whose folder in submitted/ was taken away are left out.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.api import Gradebook

LEFT_OUT = ("runs", "autograded", "feedback", "gradebook.db*")
Scores = dict[tuple[str, str], tuple[float | None, bool]]


def main(folder: Path) -> int:
    (assignment,) = (path.name for path in (folder / "release").iterdir())
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "class"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        begin = time.monotonic()
        for command in (["generate_assignment", "--force"], ["autograde"], ["generate_feedback"]):
            done = subprocess.run(
                [Path(sys.executable).parent / "nbgrader", *command, assignment],
                cwd=copy,
                capture_output=True,
                text=True,
                check=False,
            )
            print(
                f"nbgrader {command[0]}: exit status {done.returncode}, "
                f"{time.monotonic() - begin:.0f} s so far"
            )
        other = scores(copy, assignment)
    ours = scores(folder, assignment)
    different = {cell for cell in ours.keys() | other.keys() if ours.get(cell) != other.get(cell)}
    for student, cell in sorted(different):
        print(
            f"{student}, {cell}: {ours.get((student, cell))} here, "
            f"{other.get((student, cell))} with nbgrader"
        )
    students = {student for student, _ in ours}
    print(f"{len(ours)} cells of {len(students)} students compared, {len(different)} differ")
    return 1 if different or not ours else 0


def scores(folder: Path, assignment: str) -> Scores:
    """(automatic score, waits for a person) of each graded cell of each student."""
    with Gradebook(f"sqlite:///{folder.resolve()}/gradebook.db") as gradebook:
        return {
            (submission.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for submission in gradebook.assignment_submissions(assignment)
            if (folder / "submitted" / submission.student.id).exists()
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
