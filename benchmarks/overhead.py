"""What grading costs beside the student's own cells, here and with stock nbgrader,
on the same notebook in one run.

    python benchmarks/overhead.py [STUDENTS] [--undone TASK ...]

A submission's overhead is the wall time of all its stages minus the wall time of its cells. For
stock nbgrader the stages are `Autograde` and `GenerateFeedback` with the configuration that
nbgrader comes with, run for one student after the other in one process; it only executes the
notebook and its visible checks, no hidden ones. The import of Keras counts as the student's own
cell there; in a warm room it costs nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from autograder.bench import open_bench
from autograder.course import Course, own_course
from autograder.desk import place_labkit
from autograder.grading.gradebook import import_verdicts
from autograder.grading.stages import ensure_verdict, open_rooms
from autograder.records import read_run
from autograder.sample import lay_out

ASSIGNMENT = "residual_networks"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("students", nargs="?", type=int, default=2)
    parser.add_argument(
        "--undone", nargs="*", default=[], help="tasks whose cells stay as they were released"
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = _course(Path(folder) / "ours", wanted.students, set(wanted.undone))
        stock = Path(folder) / "stock"
        shutil.copytree(ours.root, stock)
        (stock / "nbgrader_config.py").write_text(
            "c = get_config()\nc.Execute.timeout = 600\n", encoding="ascii"
        )
        # first: the course's own configuration changes in this process what nbgrader copies
        _show("nbgrader 0.9.6", _stock(stock, ours))
        _show("autograder", _ours(ours))


def _course(root: Path, students: int, undone: set[str]) -> Course:
    """A course of students who all handed in the reference solution."""
    course = lay_out(own_course(), root, [ASSIGNMENT])
    notebook = nbformat.read(course.source(ASSIGNMENT), as_version=4)
    released = nbformat.read(course.template(ASSIGNMENT), as_version=4)
    for cell, stub in zip(notebook.cells, released.cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("grade_id") in undone:
            cell.source = stub.source
    for number in range(students):
        path = course.submission(ASSIGNMENT, f"student{number}")
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        place_labkit(course, ASSIGNMENT, path.parent)
    return course


def _ours(course: Course) -> list[tuple[float, float]]:
    """Wall time of all stages and of the cells, for each student; the rooms are warm already."""
    bench = open_bench(course, ASSIGNMENT)
    begin = time.monotonic()
    times = []
    with open_rooms(course) as rooms:
        print(f"isolation: {rooms.isolation}")
        # opens both rooms and draws the hidden scenes
        ensure_verdict(bench, course.students(ASSIGNMENT)[0], rooms)
        import_verdicts(course, bench.assignment, [course.students(ASSIGNMENT)[0]])
        print(f"first submission, with the opening of the rooms: {time.monotonic() - begin:.1f} s")
        for student in course.students(ASSIGNMENT)[1:]:
            begin = time.monotonic()
            verdict = ensure_verdict(bench, student, rooms)
            ran = time.monotonic() - begin
            import_verdicts(course, bench.assignment, [student])
            whole = time.monotonic() - begin
            run = read_run(course.run_dir(ASSIGNMENT, student) / "run.json")
            print(
                f"  {student}: score {verdict.score:g}/{verdict.max_score:g}; "
                f"cells {run.cell_seconds:.1f} s, "
                f"opening, questions and closing {run.seconds - run.cell_seconds:.1f} s, "
                f"judging {ran - run.seconds:.1f} s, gradebook and feedback {whole - ran:.1f} s"
            )
            times.append((whole, run.cell_seconds))
    return times


def _stock(root: Path, course: Course) -> list[tuple[float, float]]:
    """The same with nbgrader's own converters and preprocessors."""
    from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import Execute
    from traitlets.config import Config

    cells: list[float] = []

    class Timed(Execute):  # type: ignore[misc]
        def preprocess(self, nb: Any, resources: Any) -> Any:
            done = super().preprocess(nb, resources)
            cells.append(sum(_seconds(cell) for cell in done[0].cells))
            outputs = [output for cell in done[0].cells for output in cell.get("outputs", [])]
            if errors := [one for one in outputs if one.output_type == "error"]:
                raise RuntimeError(f"no fair comparison, a cell raised: {errors[0].evalue}")
            return done

    own = [
        Timed if item is Execute else item
        for item in Autograde.class_traits()["autograde_preprocessors"].default()
    ]
    config = Config({"Timed": {"timeout": 600}, "Autograde": {"autograde_preprocessors": own}})
    config.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}

    def convert(converter: Any, **where: str) -> None:
        directory = CourseDirectory(config=config, root=str(root))
        directory.assignment_id = ASSIGNMENT
        for name, value in where.items():
            setattr(directory, name, value)
        converter(coursedir=directory, config=config, force=True).start()

    # nbgrader starts `alembic` by name
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    convert(GenerateAssignment, release_directory="again")
    times = []
    for student in course.students(ASSIGNMENT)[1:]:
        begin = time.monotonic()
        convert(Autograde, student_id=student)
        convert(GenerateFeedback, student_id=student)
        times.append((time.monotonic() - begin, cells[-1]))
    return times


def _seconds(cell: Any) -> float:
    """Wall time of a cell as the kernel's messages tell it."""
    stamps = cell.metadata.get("execution", {})
    begin, end = stamps.get("iopub.execute_input"), stamps.get("shell.execute_reply")
    if not (begin and end):
        return 0.0
    return (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(begin)).total_seconds()


def _show(name: str, times: list[tuple[float, float]]) -> None:
    overheads = [whole - cells for whole, cells in times]
    print(
        f"{name}: overhead a submission {statistics.median(overheads):.2f} s "
        f"(median of {len(times)}; {min(overheads):.2f} to {max(overheads):.2f}), "
        f"beside {statistics.median(cells for _, cells in times):.1f} s of cells; "
        f"in all {statistics.median(whole for whole, _ in times):.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
