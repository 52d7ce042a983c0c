"""The course folder: settings, assignments with their tasks, and where everything lies."""

import json
from pathlib import Path

import pytest
from toy import toy_course

from autograder.course import (
    Course,
    Settings,
    Task,
    find_course,
    read_assignment,
    valid_name,
    why_no_name,
)
from autograder.errors import UsageError
from autograder.tables import unknown


def test_tasks_and_points_come_from_the_released_notebook(tmp_path: Path) -> None:
    """A check cell names a graded task, a graded answer cell a written one."""
    assignment = read_assignment(toy_course(tmp_path), "toy")
    assert assignment.tasks == (
        Task("double", 8.0, manual=False),
        Task("triple", 2.0, manual=False),
        Task("why", 5.0, manual=True),
    )
    assert assignment.points == {"double": 8.0, "triple": 2.0}


def test_the_course_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    """The nearest course.toml upwards counts."""
    (tmp_path / "course.toml").write_text('secret_seed = "mine"\n[limits]\ncell_seconds = 7\n')
    below = tmp_path / "runs" / "toy"
    below.mkdir(parents=True)
    course = find_course(below)
    assert (course.root, course.secret_seed, course.limits.cell_seconds) == (tmp_path, "mine", 7)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('isolatoin = "strong"', "isolation"),
        ('isolation = "total"', "strong"),
        ("[limits]\ncell_secnds = 3", "cell_seconds"),
        ('[limits]\ncell_seconds = "3"', "number"),
        ("jobs = -1", "jobs"),
        ('[rooms]\nbackend = "torch"', "tensorflow, jax"),
        ('[rooms]\ngpu = "all"', "none, auto or a number"),
        ("[rooms]\ngpu = true", "none, auto or a number"),
        ("[rooms]\ngpu = 1.5", "a whole number of cards"),
        ("[rooms]\ngpu = 0", "a share of one"),
        ("[rooms]\ngpus = 1", "gpu"),
        ("= 3", "TOML"),
    ],
)
def test_a_wrong_setting_is_answered_with_what_would_be_right(
    tmp_path: Path, text: str, word: str
) -> None:
    """No setting is ignored silently."""
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(UsageError, match=word):
        find_course(tmp_path)


@pytest.mark.parametrize(("said", "gpu"), [('"auto"', "auto"), ("2", 2), ("0.25", 0.25)])
def test_a_room_gets_cards_a_share_of_one_or_what_there_is(
    tmp_path: Path, said: str, gpu: object
) -> None:
    """A word or a number; left out it is none."""
    (tmp_path / "course.toml").write_text(f"[rooms]\ngpu = {said}")
    assert find_course(tmp_path).settings.rooms.gpu == gpu
    assert Settings().rooms.gpu == "none"


def test_outside_a_course_the_message_says_what_makes_one(tmp_path: Path) -> None:
    """The file that is looked for is named."""
    with pytest.raises(UsageError, match=r"course\.toml"):
        find_course(tmp_path)


def test_an_unknown_assignment_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """So a typo costs one look."""
    with pytest.raises(UsageError, match="did you mean «toy»"):
        read_assignment(toy_course(tmp_path), "tou")


@pytest.mark.parametrize(
    ("notebook", "why"),
    [
        ({"cells": []}, "no nbformat 4"),
        ({"cells": [{"metadata": {}, "source": ""}], "nbformat": 4}, "cell 1 is none"),
        ({"cells": [3], "nbformat": 4}, "cell 1 is none"),
        ({"cells": {"a": 1}, "nbformat": 4}, "cell 1 is none"),
        ([], "list indices must be integers or slices, not str"),
    ],
)
def test_what_is_released_and_no_notebook_is_said_to_be_none(
    tmp_path: Path, notebook: object, why: str
) -> None:
    """Before anybody reads it as one."""
    path = Course(tmp_path).template("toy")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))
    with pytest.raises(UsageError) as raised:
        read_assignment(Course(tmp_path), "toy")
    assert str(raised.value).startswith(f"{path} is not a notebook ({why})")


def test_without_a_near_name_all_are_listed() -> None:
    """A name from another world gets the whole list."""
    assert (
        unknown("task", "zzz", ["unet", "siamese"])
        == "there is no task «zzz»; there are: unet, siamese"
    )


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "a*", "a[b]", "{a}", "", ".hidden", "a\nb", "x" * 201, "a+b"]
)
def test_names_that_mean_something_to_paths_or_patterns_are_refused(name: str) -> None:
    """They would reach into other students' folders, or match several."""
    assert not valid_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a[b]", "hold any of / \\ * ? [ ] { } +"),
        ("-rf", "start with a space or one of . ~ -"),
        ("--help", "start with a space or one of . ~ -"),
        ("a\nb", "hold a line break"),
        ("x" * 220, "be longer than 200 bytes"),
        ("\udcff", "hold bytes that are no UTF-8"),
    ],
)
def test_a_name_is_refused_for_the_reason_it_has(name: str, why: str) -> None:
    """Whoever made the folder has to know what to change."""
    assert not valid_name(name)
    assert why in why_no_name(name)


@pytest.mark.parametrize("name", ["alice", "von der Höhe", "s-123_4", "o'neill", "李"])
def test_names_of_people_are_fine(name: str) -> None:
    """Spaces, accents and apostrophes included."""
    assert valid_name(name)
