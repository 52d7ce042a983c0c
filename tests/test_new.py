"""New courses and assignments: whole, under their own names, with nothing left of the pattern's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from limits import largest_file

from autograder import starter
from autograder.bench import open_bench
from autograder.course import DEFAULT_SEED, find_course, read_assignment
from autograder.desk import check_public
from autograder.proofs.proof import read_proof
from autograder.starter import ASSIGNMENT, STARTER, TASK, new_assignment, new_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def test_a_new_course_has_a_secret_of_its_own(tmp_path: Path) -> None:
    """Another one each time, and all settings as usual."""
    one, other = (new_course(tmp_path / name) for name in ("one", "other"))
    assert len({one.secret_seed, other.secret_seed, DEFAULT_SEED, "SEED"}) == 4
    assert (one.isolation, one.jobs > 0, one.assignments()) == ("strong", True, [])
    assert find_course(one.root / "source").root == one.root.resolve()
    assert "/submitted/" in (one.root / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("there", [True, False])
def test_a_disk_that_refuses_leaves_nothing_of_a_new_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """Whether its folder was there before or not; the next call makes it."""
    least_first = dict(reversed(starter.SHARED.items()))
    monkeypatch.setattr(starter, "SHARED", least_first)
    folder = tmp_path / "course"
    if there:
        folder.mkdir()
    with largest_file(1_000), pytest.raises(OSError, match="File too large"):
        new_course(folder)
    assert list(tmp_path.rglob("*")) == ([folder] if there else [])
    assert new_course(folder).root == folder.resolve()


def test_the_configuration_of_nbgrader_is_three_lines() -> None:
    """A docstring, an import, a call: what may change stands in the package."""
    text = (STARTER / "nbgrader_config.py").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) == 3


def test_an_assignment_under_other_names(tmp_path: Path) -> None:
    """In file names and in texts; released, with public checks that load and a bank that fits."""
    course = new_course(tmp_path / "course")
    made = new_assignment(course, "week-3", "build_thing")
    for place in made.values():
        for path in place.rglob("*"):
            if path.is_file() and "labkit" not in path.relative_to(place).parts[:-1]:
                said = f"{path.name}\n{path.read_text(encoding='utf-8')}"
                assert ASSIGNMENT not in said, path
                assert TASK not in said, path
    assignment = read_assignment(course, "week-3")
    assert {task.id: task.points for task in assignment.tasks} == {"build_thing": 10.0}
    assert set(open_bench(course, "week-3").hidden.graders) == {"build_thing"}
    check_public(course, "week-3")
    assert [recipe.name for recipe in read_proof(course, "week-3", course.bank).recipes] == [
        "in_other_words",
        "relu_forgotten",
    ]
    released = course.template("week-3").read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in released
    assert 'raise NotImplementedError(\\"build_thing\\")' in released


def test_two_assignments_side_by_side(tmp_path: Path) -> None:
    """With tasks of the same name."""
    course = new_course(tmp_path / "course")
    for name in ("first", "second"):
        new_assignment(course, name)
    assert course.assignments() == ["first", "second"]
    assert all(
        set(open_bench(course, name).hidden.graders) == {TASK} for name in ("first", "second")
    )


def test_desks_of_yesterday_are_cleared_away(tmp_path: Path) -> None:
    """One is made for each state of what lies on it; old ones would pile up."""
    course = new_course(tmp_path / "course")
    new_assignment(course, "first")
    before = open_bench(course, "first").desk
    assert stat.S_IMODE(before.stat().st_mode) == 0o755
    os.utime(before, (0, 0))
    (course.template("first").parent / "numbers.csv").write_text("1\n")
    after = open_bench(course, "first").desk
    assert (after / "numbers.csv").exists()
    assert not before.exists()
