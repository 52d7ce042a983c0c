"""`autograder collect`: what systems give for an assignment, into submitted/ and nowhere else."""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import os
import re
import stat
import struct
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat
import pytest
from downloads import (
    DUE,
    Learner,
    blackboard_grades,
    blackboard_zip,
    canvas_gradebook,
    canvas_zip,
    folders_zip,
    gradescope_roster,
    gradescope_zip,
    learners,
    moodle_worksheet,
    moodle_zip,
    plain_roster,
    sheet,
    zipped,
)
from limits import largest_file
from toy import RIGHT, bare_course, grade_here, hand_in, toy_course

from autograder.cli.main import main
from autograder.course import Course, read_assignment
from autograder.grading.address import course_directory, nbgrader_config
from autograder.grading.gradebook import import_verdicts, set_due_date
from autograder.lms.archive import Contents, Entry, open_contents
from autograder.lms.downloads import read_download

CLASS = learners(40)
TEAMS = learners(40, groups=8)


@functools.cache
def notebook(number: int = 0, task: str = "double") -> bytes:
    """A notebook with the toy's cells, another one for each number."""
    cells = [nbformat.v4.new_code_cell(f"x = {number}", id="a")]
    cells[0].metadata["nbgrader"] = {"grade_id": task, "solution": True}
    text: str = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    return text.encode()


def work(learner: Learner) -> dict[str, bytes]:
    """The notebook, and a note in a name that holds what systems part their names by."""
    return {"toy.ipynb": notebook(learner.number), "my_1_2_notes.txt": b"notes"}


def team_work(learner: Learner) -> dict[str, bytes]:
    """The same from everyone in a team."""
    return {"toy.ipynb": notebook(int(learner.group.split()[-1]))}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course, the working directory in it."""
    folder = tmp_path / "course"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return bare_course(folder)


def collect(*arguments: object) -> int:
    """The exit status of a call."""
    with pytest.raises(SystemExit) as raised:
        main(["collect", *map(str, arguments)])
    return int(raised.value.code or 0)


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a call says that exits with 2."""
    assert collect(*arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def lying(course: Course) -> dict[str, bytes]:
    """All files in submitted/, but for our records."""
    root = course.root / "submitted"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".collected.json"
    }


def notebooks(course: Course) -> dict[str, bytes]:
    """Each student's notebook."""
    return {name.split("/")[0]: data for name, data in lying(course).items() if "ipynb" in name}


def stamps(course: Course) -> dict[str, str]:
    """When each student handed in."""
    return {
        name.split("/")[0]: data.decode()
        for name, data in lying(course).items()
        if name.endswith("timestamp.txt")
    }


def state(course: Course) -> dict[str, tuple[int, int]]:
    """All that changes if a file is written again."""
    return {
        str(path): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (course.root / "submitted").rglob("*")
    }


def unpacked(path: Path, into: Path) -> Path:
    """What a system tool makes of a zip file."""
    with zipfile.ZipFile(path) as bundle:
        bundle.extractall(into)
    return into


Case = tuple[Callable[[Path], Path], Callable[[Path], Path], Sequence[Learner], str, bool]
# download, roster, class, what names a student in the course, whether times of submission are known
SYSTEMS: dict[str, Case] = {
    "Canvas": (
        lambda at: canvas_zip(at, CLASS, work),
        lambda at: canvas_gradebook(at, CLASS),
        CLASS, "login", False,
    ),
    "Moodle": (
        lambda at: moodle_zip(at, CLASS, work),
        lambda at: moodle_worksheet(at, CLASS),
        CLASS, "email", True,
    ),
    "Moodle before 4.1": (
        lambda at: moodle_zip(at, CLASS, work, old=True),
        lambda at: moodle_worksheet(at, CLASS),
        CLASS, "email", True,
    ),
    "Moodle without folders": (
        lambda at: moodle_zip(at, CLASS, work, folders=False),
        lambda at: moodle_worksheet(at, CLASS),
        CLASS, "email", True,
    ),
    "Moodle in German": (
        lambda at: moodle_zip(at, CLASS, work),
        lambda at: moodle_worksheet(at, CLASS, "de"),
        CLASS, "email", True,
    ),
    "Moodle, blind": (
        lambda at: moodle_zip(at, CLASS, work, blind=True),
        lambda at: moodle_worksheet(at, CLASS, blind=True),
        CLASS, "moodle", True,
    ),
    "Blackboard": (
        lambda at: blackboard_zip(at, CLASS, work),
        lambda at: blackboard_grades(at, CLASS),
        CLASS, "sis", True,
    ),
    "Blackboard in Dutch, without receipts": (
        lambda at: blackboard_zip(at, CLASS, work, word="poging", receipts=False),
        lambda at: blackboard_grades(at, CLASS),
        CLASS, "sis", True,
    ),
    "Gradescope": (
        lambda at: gradescope_zip(at, CLASS, work),
        lambda at: gradescope_roster(at, CLASS),
        CLASS, "sis", True,
    ),
    "folders": (
        lambda at: folders_zip(at, CLASS, work),
        lambda at: plain_roster(at, CLASS),
        CLASS, "login", False,
    ),
    "nbgrader's folders": (
        lambda at: folders_zip(at, CLASS, work, "toy"),
        lambda at: plain_roster(at, CLASS),
        CLASS, "login", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("case", "form"),
    [
        *((case, "zip") for case in SYSTEMS),
        *((case, "folder") for case in ("Canvas", "Moodle in German", "Blackboard", "Gradescope")),
    ],
)
def test_a_class_of_each_system_lies_in_its_folders(
    course: Course, tmp_path: Path, case: str, form: str
) -> None:
    """Everyone's own notebook and what was beside it, when it was handed in where that is said;
    zipped or unpacked; and a second call changes nothing.
    """
    download, roster, class_, kind, timed = SYSTEMS[case]
    place, who = download(tmp_path), roster(tmp_path)
    if form == "folder":
        place = unpacked(place, tmp_path / "unpacked")
    ids = {one: str(getattr(one, kind)) for one in class_}
    assert collect(place, "--roster", who, "--timezone", "UTC") == 0
    assert notebooks(course) == {ids[one]: notebook(one.number) for one in class_}
    assert lying(course)[f"{ids[class_[5]]}/toy/my_1_2_notes.txt"] == b"notes"
    when = {ids[one]: one.submitted.strftime("%Y-%m-%d %H:%M:%S") for one in class_ if timed}
    assert {student: said[:19] for student, said in stamps(course).items()} == when

    before = state(course)
    assert collect(place, "toy", "--roster", who, "--timezone", "UTC") == 0
    assert state(course) == before


GROUPS: dict[str, Callable[[Path], Path]] = {
    "Canvas": lambda at: canvas_zip(at, TEAMS, team_work, teams=True),
    "Moodle": lambda at: moodle_zip(at, TEAMS, team_work, teams=True),
    "Gradescope": lambda at: gradescope_zip(at, TEAMS, team_work, teams=True),
    "folders": lambda at: zipped(
        at / "class.zip", {f"{one.group}/toy.ipynb": team_work(one)["toy.ipynb"] for one in TEAMS}
    ),
}


@pytest.mark.parametrize("case", GROUPS)
def test_a_group_s_notebook_is_everybody_s_in_it(course: Course, tmp_path: Path, case: str) -> None:
    """As the roster's column says, or Gradescope itself."""
    rows = [["student", "canvas id", "sid", "name", "group"]]
    rows += [[one.login, str(one.canvas), one.sis, one.name, one.group] for one in TEAMS]
    who = sheet(tmp_path / "who.csv", rows)
    assert collect(GROUPS[case](tmp_path), "--roster", who) == 0
    assert notebooks(course) == {one.login: team_work(one)["toy.ipynb"] for one in TEAMS}


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (canvas_zip, "canvas"),
        (moodle_zip, "moodle"),
        (blackboard_zip, "login"),
        (gradescope_zip, "sis"),
        (folders_zip, "login"),
    ],
)
def test_without_a_roster_the_system_s_own_name_is_the_student(
    course: Course, tmp_path: Path, make: Callable[..., Path], kind: str
) -> None:
    """Never one made out of people's names, which several here have in common."""
    assert collect(make(tmp_path, CLASS, work)) == 0
    assert set(notebooks(course)) == {str(getattr(one, kind)) for one in CLASS}


def test_the_course_s_own_roster_is_used(course: Course, tmp_path: Path) -> None:
    """roster.csv beside course.toml."""
    canvas_gradebook(course.root, CLASS).rename(course.root / "roster.csv")
    assert collect(canvas_zip(tmp_path, CLASS, work)) == 0
    assert set(notebooks(course)) == {one.login for one in CLASS}


@pytest.mark.slow
def test_what_is_late_is_late_in_nbgrader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the second, as its late penalties count it."""
    course = toy_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    set_due_date(course, read_assignment(course, "toy"), DUE)
    right = hand_in(course, "right", RIGHT).read_bytes()
    class_ = learners(4)[3:]
    place = blackboard_zip(tmp_path, class_, lambda _: {"toy.ipynb": right})
    assert collect(place, "--timezone", "UTC") == 0
    assert f"   1 late: {class_[0].login}" in capsys.readouterr().out
    for one in class_:
        grade_here(course, one.login)
    assert import_verdicts(course, read_assignment(course, "toy"), [x.login for x in class_]) == {}
    assert [seconds_late(course, one.login) for one in class_] == [3600]


def seconds_late(course: Course, student: str) -> float:
    """As nbgrader has it."""
    from nbgrader.api import Gradebook

    directory = course_directory(course, nbgrader_config(course))
    with Gradebook(directory.db_url) as gradebook:
        late: float = gradebook.find_submission("toy", student).total_seconds_late
    return late


def test_canvas_says_late_and_not_when(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No time is made up; the roster may say it, and then it is written down."""
    class_ = CLASS[:8]
    place = canvas_zip(tmp_path, class_, work)
    assert collect(place) == 0
    said = capsys.readouterr().out
    assert "   2 late: 5109, 5121" in said
    assert "   2 late, but when is not said" in said
    assert stamps(course) == {}
    rows = [["canvas id", "name", "submitted"]]
    rows += [[str(one.canvas), one.name, one.submitted.isoformat()] for one in class_]
    assert collect(place, "--roster", sheet(tmp_path / "who.csv", rows)) == 0
    assert stamps(course)["5109"] == "2026-03-01 13:00:00.000000 UTC"
    assert "not said" not in capsys.readouterr().out


def test_times_are_those_of_a_zone(course: Course, tmp_path: Path) -> None:
    """Summer time included: Blackboard writes what its clock shows."""
    july = Learner(1, "Anna", "Li", dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC))
    place = blackboard_zip(tmp_path, [july], work)
    assert collect(place, "--timezone", "Europe/Berlin") == 0
    assert stamps(course) == {july.login: "2026-07-01 10:00:00.000000 UTC"}


def test_the_last_attempt_counts(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one download, and from one to the next; an older one never replaces it."""
    one = CLASS[0]
    attempts = [dt.timedelta(), dt.timedelta(hours=5), dt.timedelta(hours=2)]
    place = blackboard_zip(tmp_path, [one], work, attempts)
    assert collect(place, "--timezone", "UTC") == 0
    assert stamps(course)[one.login].startswith("2026-03-01 17:00")
    assert "   2 earlier attempts left out" in capsys.readouterr().out
    (tmp_path / "old").mkdir()
    old = blackboard_zip(tmp_path / "old", [one], lambda _: {"toy.ipynb": notebook(99)})
    assert collect(old, "--timezone", "UTC") == 0
    assert "   1 left alone, as what is there is newer" in capsys.readouterr().out
    assert notebooks(course) == {one.login: notebook(0)}


def test_a_later_attempt_in_canvas_gets_its_name_back(course: Course, tmp_path: Path) -> None:
    """Canvas appends -1 where it has a file of that name; and it numbers files in their order."""
    first = canvas_zip(tmp_path, CLASS[:2], work)
    (tmp_path / "again").mkdir()
    second = canvas_zip(
        tmp_path / "again", CLASS[:2], lambda _: {"toy.ipynb": notebook(7)}, attempt=2
    )
    assert collect(second) == 0
    assert lying(course) == {f"{one.canvas}/toy/toy.ipynb": notebook(7) for one in CLASS[:2]}
    assert collect(first) == 0
    assert lying(course) == {f"{one.canvas}/toy/toy.ipynb": notebook(7) for one in CLASS[:2]}


def test_the_later_download_of_moodle_is_newer(course: Course, tmp_path: Path) -> None:
    """Its names say nothing of attempts, its zip files when they were made."""
    name = "Anna Schmidt_12_assignsubmission_file/toy.ipynb"
    place, third = tmp_path / "a.zip", (2026, 3, 3, 0, 0, 0)
    assert collect(zipped(place, {name: notebook(2)}, third)) == 0
    assert collect(zipped(place, {name: notebook(1)}, (2026, 3, 2, 0, 0, 0))) == 0
    assert notebooks(course) == {"12": notebook(2)}
    assert collect(zipped(place, {name: notebook(3)}, (2026, 3, 4, 0, 0, 0))) == 0
    assert notebooks(course) == {"12": notebook(3)}


def test_which_of_two_is_newer_is_not_guessed(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there stays, unless told otherwise."""
    name = "Anna Schmidt_12_assignsubmission_file/toy.ipynb"
    place = tmp_path / "a.zip"
    assert collect(zipped(place, {name: notebook(1)})) == 0
    assert collect(zipped(place, {name: notebook(2)})) == 1
    assert "left as it was: 12: it can't be told whether it is newer" in capsys.readouterr().out
    assert notebooks(course) == {"12": notebook(1)}
    assert collect(place, "--force") == 0
    assert notebooks(course) == {"12": notebook(2)}


def by_hand_there(course: Course) -> None:
    folder = course.submission("toy", "anna").parent
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").write_bytes(notebook(8))


def by_hand_edited(course: Course) -> None:
    collect(zipped(course.root / "a.zip", {"anna/toy.ipynb": notebook(1)}))
    course.submission("toy", "anna").write_bytes(notebook(8))


def by_hand_added(course: Course) -> None:
    collect(zipped(course.root / "a.zip", {"anna/toy.ipynb": notebook(1)}))
    course.submission("toy", "anna").with_name("mine.txt").write_text("x")


def by_hand_stamped(course: Course) -> None:
    collect(zipped(course.root / "a.zip", {"anna/toy.ipynb": notebook(1)}))
    course.submission("toy", "anna").with_name("timestamp.txt").write_text("2026-03-01 12:00 UTC")


def by_hand_piped(course: Course) -> None:
    by_hand_there(course)
    os.mkfifo(course.submission("toy", "anna").with_name(".collected.json"))


@pytest.mark.parametrize(
    "put", [by_hand_there, by_hand_edited, by_hand_added, by_hand_stamped, by_hand_piped]
)
def test_what_was_put_by_hand_stays(
    course: Course, capsys: pytest.CaptureFixture[str], put: Callable[[Course], None]
) -> None:
    """Whatever is newer; and it is said."""
    put(course)
    before = lying(course)
    time = (2026, 4, 1, 0, 0, 0)
    place = zipped(course.root / "b.zip", {"anna/toy.ipynb": notebook(2)}, time)
    assert collect(place) == 1
    assert "left as it was: anna: " in capsys.readouterr().out
    assert lying(course) == before
    assert collect(place, "--force") == 0
    assert notebooks(course) == {"anna": notebook(2)}


def test_what_is_no_folder_of_ours_is_never_replaced(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Links and files in the way, not even by force."""
    outside = tmp_path / "outside"
    (outside / "toy").mkdir(parents=True)
    root = course.root / "submitted"
    (root / "bea").mkdir(parents=True)
    (root / "anna").symlink_to(outside)
    (root / "bea" / "toy").symlink_to(outside / "toy")
    (root / "cleo").write_text("x")
    files = {f"{name}/toy.ipynb": notebook() for name in ("anna", "bea", "cleo", "dora")}
    assert collect(zipped(tmp_path / "a.zip", files), "--force") == 1
    assert capsys.readouterr().out.count("a link or a file is in its place\n") == 3
    assert list(outside.rglob("*")) == [outside / "toy"]
    assert set(notebooks(course)) == {"dora"}


def test_a_dry_run_says_it_and_does_nothing(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also whom it could not match."""
    place, who = folders_zip(tmp_path, CLASS, work), plain_roster(tmp_path, CLASS[1:])
    assert collect(place, "--roster", who, "--dry-run") == 1
    said = capsys.readouterr().out
    assert "this is what would be done" in said
    assert "  39 collected" in said
    assert not (course.root / "submitted").exists()


def test_who_is_not_in_the_roster_and_who_handed_in_nothing(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are listed, and the others collected."""
    place = canvas_zip(tmp_path, CLASS[:5], work)
    who = canvas_gradebook(tmp_path, CLASS[1:7])
    assert collect(place, "--roster", who) == 1
    said = capsys.readouterr().out
    assert set(notebooks(course)) == {one.login for one in CLASS[1:5]}
    assert "not collected: schmidtanna_5100: Canvas' number '5100' is not in the roster" in said
    assert (
        f"2 in the roster, and nothing of theirs collected: {CLASS[5].login}, {CLASS[6].login}"
        in said
    )


def test_names_alone_are_enough_where_one_person_has_them(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Moodle's list of participants has no numbers; two students of one name are listed, not
    drawn lots for.
    """
    class_ = CLASS[:30]
    rows = [["First name", "Last name", "Email address"]]
    rows += [[one.first, one.last, one.email] for one in class_]
    who = sheet(tmp_path / "participants.csv", rows, ";", bom=True)
    assert collect(moodle_zip(tmp_path, class_, work), "--roster", who) == 1
    names = [one.name for one in class_]
    once = {one.email for one in class_ if names.count(one.name) == 1}
    assert set(notebooks(course)) == once
    said = capsys.readouterr().out
    assert said.count("2 students have the name") == 30 - len(once) == 12


def test_a_worksheet_of_other_people_matches_nobody(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number is right, the name beside it is not: a team's number may be a participant's."""
    place = zipped(tmp_path / "a.zip", {"Team 1_88000_assignsubmission_file/toy.ipynb": notebook()})
    assert collect(place, "--roster", moodle_worksheet(tmp_path, CLASS)) == 1
    said = capsys.readouterr().out
    assert "participant '88000' is 'Anna Schmidt' in the roster, and 'Team 1' here" in said
    assert notebooks(course) == {}


def test_two_deliveries_for_one_student_are_listed(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder by login and one by address: which counts, nobody knows."""
    files = {f"{name}/toy.ipynb": notebook() for name in (CLASS[0].login, CLASS[0].email)}
    who = plain_roster(tmp_path, CLASS[:1])
    assert collect(zipped(tmp_path / "a.zip", files), "--roster", who) == 1
    assert capsys.readouterr().out.count("all of these are 'schmid_00''s") == 2
    assert notebooks(course) == {}


@pytest.mark.parametrize(
    ("files", "system", "reason"),
    [
        ({"anon_x1Y2z_9_toy.ipynb": b""}, "canvas", "the anonymous number 'anon_x1Y2z' is not in"),
        ({"Default group_assignsubmission_file/toy.ipynb": b""}, "moodle", "'Default group'"),
        ({"Lab_jane_attempt_2026-03-01-12-00-00_toy.ipynb": b""}, "blackboard", "'jane' is not"),
        ({"Lab_1_jo_attempt_2026-03-01-12-00-00_toy.ipynb": b""}, "blackboard", "at the end of"),
        ({"Lab_jo_attempt_2026-13-01-12-00-00_toy.ipynb": b""}, "blackboard", "no name that"),
        ({"Lab_jo_attempt_2026-03-01-12-00-00.txt": b""}, "blackboard", "no file was handed in"),
        ({"submission_metadata.yml": b"{}", "submission_1/x": b""}, "gradescope", "whose it is"),
        ({"anna/toy.ipynb": b"", "toy.ipynb": b""}, "folders", "in no student's folder"),
        ({"anna/toy/toy.ipynb": b"", "anna/x": b""}, "folders", "outside the folder toy"),
        ({"anna/.ssh/config": b""}, "folders", "none that may be handed in"),
        ({"anna/timestamp.txt": b""}, "folders", "none that may be handed in"),
    ],
)
def test_what_can_t_be_matched_is_listed_with_its_reason(
    course: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: Mapping[str, bytes],
    system: str,
    reason: str,
) -> None:
    """And stays where it is."""
    who = sheet(tmp_path / "who.csv", [["student", "name"], ["anna", "Anna Li"]])
    place = zipped(tmp_path / "a.zip", files)
    assert collect(place, "toy", "--from", system, "--roster", who) == 1
    said = capsys.readouterr().out
    assert re.search(f"not collected: .*{re.escape(reason)}", said), said
    assert set(lying(course)) <= {"anna/toy/toy.ipynb"}


def test_blackboard_s_names_with_underscores_need_a_receipt_or_a_roster(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title and username are parted by what both may hold."""
    files = {f"Lab_1_{name}_attempt_2026-03-01-12-00-00_toy.ipynb": notebook() for name in "ab"}
    place = zipped(tmp_path / "a.zip", files)
    assert collect(place) == 1
    assert "only a roster says who that is" in capsys.readouterr().out
    who = sheet(tmp_path / "who.csv", [["username", "x"], ["a", ""], ["b", ""]])
    assert collect(place, "--roster", who) == 0
    assert set(notebooks(course)) == {"a", "b"}
    both = sheet(tmp_path / "both.csv", [["username", "x"], ["a", ""], ["1_a", ""]])
    assert collect(place, "--roster", both) == 1
    assert "is that of 2 students: 1_a, a" in capsys.readouterr().out


def test_names_of_a_student_s_own_stay(course: Course, tmp_path: Path) -> None:
    """Grading finds the notebook by its cells; several are all kept, in their folders too."""
    files = {
        "anna/Copy of toy.ipynb": notebook(1),
        "anna/old/toy.ipynb": notebook(2),
        "bea/toy (1).ipynb": notebook(3),
        "bea/toy.ipynb": notebook(4),
        "bea/toy-1.ipynb": notebook(5),
    }
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    inside = {name.replace("/", "/toy/", 1): data for name, data in files.items()}
    assert lying(course) == inside


def test_who_handed_in_no_notebook_is_said(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What they handed in is there for a person to look at."""
    files = {"anna/toy.pdf": b"%PDF", "bea/toy.ipynb": notebook()}
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    assert "   1 no notebook in it: anna" in capsys.readouterr().out
    assert lying(course)["anna/toy/toy.pdf"] == b"%PDF"


def test_nbgrader_s_timestamps_are_taken_over(course: Course, tmp_path: Path) -> None:
    """From its own folders; what is no time is none."""
    files = {"anna/toy/toy.ipynb": notebook(), "bea/toy/toy.ipynb": notebook()}
    files |= {
        "anna/toy/timestamp.txt": b"2026-03-01 13:00:00.5 UTC\n",
        "bea/toy/timestamp.txt": b"?",
    }
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    assert stamps(course) == {"anna": "2026-03-01 13:00:00.500000 UTC"}


def test_other_assignments_in_nbgrader_s_folders_are_passed_over(
    course: Course, tmp_path: Path
) -> None:
    """A whole submitted/ may be handed over, and one student's part of it."""
    other_assignment(course)
    cleo = {f"cleo/{name}/{name}.ipynb": notebook() for name in ("toy", "other")}
    assert collect(zipped(tmp_path / "b.zip", cleo), "toy") == 0
    files = {f"anna/{name}/{name}.ipynb": notebook() for name in ("toy", "other")}
    files["bea/other/other.ipynb"] = notebook(task="other_task")
    assert collect(zipped(tmp_path / "a.zip", files), "toy") == 0
    assert set(lying(course)) == {"anna/toy/toy.ipynb", "cleo/toy/toy.ipynb"}


def test_files_of_one_name_in_one_submission(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last one counts, the other is listed."""
    files = {f"lianna_7_{n}_toy.ipynb": notebook(n) for n in (12, 11)}
    assert collect(zipped(tmp_path / "a.zip", files)) == 1
    assert "lianna_7_11_toy.ipynb: another file of theirs has this" in capsys.readouterr().out
    assert lying(course) == {"7/toy/toy.ipynb": notebook(12)}
    name = "Bea Li_8_assignsubmission_file"
    files = {f"{name}/x/y.txt": b"", f"{name}_x": b"", f"{name}/toy.ipynb": notebook()}
    assert collect(zipped(tmp_path / "a.zip", files)) == 1
    assert set(lying(course)) == {"7/toy/toy.ipynb", "8/toy/toy.ipynb", "8/toy/x/y.txt"}


def test_folders_around_the_students_are_looked_through(course: Course, tmp_path: Path) -> None:
    """One around several; one alone is a student's."""
    files = {f"class/{name}/toy.ipynb": notebook() for name in ("anna", "bea")}
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    assert set(notebooks(course)) == {"anna", "bea"}


def other_assignment(course: Course) -> None:
    path = course.template("other")
    path.parent.mkdir(parents=True)
    cell = {"grade_id": "other_task", "solution": True, "grade": True, "points": 1}
    path.write_text(
        json.dumps({"cells": [{"metadata": {"nbgrader": cell}}], "nbformat": 4, "metadata": {}})
    )


def test_the_assignment_is_told_from_the_cells(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the files are called; another's download is refused, and two need a word."""
    other_assignment(course)
    place = zipped(tmp_path / "a.zip", {"anna/toy.ipynb": notebook(task="other_task")})
    assert collect(place) == 0
    assert list(lying(course)) == ["anna/other/toy.ipynb"]
    assert "no notebook carries the cells of toy, but some do those of other" in refused(
        capsys, place, "toy"
    )
    both = zipped(
        tmp_path / "b.zip",
        {"bea/a.ipynb": notebook(), "cleo/b.ipynb": notebook(task="other_task")},
    )
    assert "notebooks of several assignments: toy, other; name the assignment" in refused(
        capsys, both
    )
    assert collect(both, "toy") == 0
    assert set(notebooks(course)) == {"anna", "bea", "cleo"}


def test_the_assignment_is_told_from_the_names_where_cells_have_none(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken file may still be called right."""
    place = canvas_zip(tmp_path, CLASS[:1], lambda _: {"toy.ipynb": b"broken"}, attempt=3)
    assert collect(place) == 0
    assert lying(course) == {"5100/toy/toy.ipynb": b"broken"}
    nothing = zipped(tmp_path / "b.zip", {"anna/lab.ipynb": b"broken"})
    assert "notebooks of no assignment of the course; name the assignment" in refused(
        capsys, nothing
    )
    assert collect(nothing, "toy") == 0


def evil(path: Path, change: Callable[[zipfile.ZipInfo], None], data: bytes = b"x") -> Path:
    """A class of two, one of whose files is not as it should be."""
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("good/toy.ipynb", notebook())
        info = zipfile.ZipInfo("anna/odd.ipynb", (2026, 3, 1, 0, 0, 0))
        change(info)
        bundle.writestr(info, data)
    return path


def named(name: str) -> Callable[[zipfile.ZipInfo], None]:
    """Another name."""

    def change(info: zipfile.ZipInfo) -> None:
        info.filename = name

    return change


def moded(mode: int) -> Callable[[zipfile.ZipInfo], None]:
    """Another kind of file."""

    def change(info: zipfile.ZipInfo) -> None:
        info.external_attr = mode << 16

    return change


def squeezed(info: zipfile.ZipInfo) -> None:
    """By another method than usual."""
    info.compress_type = zipfile.ZIP_LZMA


EVIL: dict[str, tuple[Callable[[zipfile.ZipInfo], None], str]] = {
    "absolute": (named("/etc/cron.d/x"), "leads to another place"),
    "a drive": (named("C:/x"), "leads to another place"),
    "up": (named("anna/../../../x"), "leads out of where it is"),
    "up at the start": (named("../x"), "leads out of where it is"),
    "dots": (named("anna/./x"), "leads out of where it is"),
    "nothing between": (named("anna//x"), "leads out of where it is"),
    "backslash": (named("anna\\x"), "holds a backslash"),
    "escape": (named("anna/\x1b[31mx"), "can't be seen"),
    "turned round": (named("anna/\u202ex"), "can't be seen"),
    "line end": (named("anna/a\nb"), "can't be seen"),
    "long": (named("anna/" + "a" * 201), "too long"),
    "deep": (named("a/" * 450 + "x"), "too long"),
    "link": (moded(stat.S_IFLNK | 0o777), "it is a link"),
    "pipe": (moded(stat.S_IFIFO | 0o777), "neither a file nor a folder"),
    "device": (moded(stat.S_IFBLK | 0o777), "neither a file nor a folder"),
    "zip in a zip": (named("anna/work.zip"), "it is an archive itself"),
    "tar in a zip": (named("anna/work.tar.gz"), "it is an archive itself"),
    "method": (squeezed, "compressed by method 14"),
}


@pytest.mark.parametrize("case", EVIL)
def test_what_may_do_harm_is_refused_by_name(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """The others go on; nothing is written but into submitted/."""
    change, reason = EVIL[case]
    assert collect(evil(tmp_path / "a.zip", change), "toy") == 1
    assert re.search(f"not collected: .*{reason}", capsys.readouterr().out)
    assert lying(course) == {"good/toy/toy.ipynb": notebook()}
    here = {path.name for path in tmp_path.iterdir()}
    assert here == {"a.zip", "course"}


def test_links_and_devices_in_a_folder_are_refused_by_name(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link to a file, to a folder, and a pipe that nobody fills."""
    place = tmp_path / "class"
    for name in ("anna", "bea"):
        (place / name).mkdir(parents=True)
    (place / "anna" / "toy.ipynb").write_bytes(notebook())
    (place / "bea" / "toy.ipynb").symlink_to(course.root / "course.toml")
    (place / "cleo").symlink_to(course.root)
    os.mkfifo(place / "bea" / "pipe")
    assert collect(place, "toy") == 1
    said = capsys.readouterr().out
    assert "not collected: bea/toy.ipynb: it is a link" in said
    assert "not collected: cleo: it is a link" in said
    assert "not collected: bea/pipe: it is neither a file nor a folder" in said
    assert lying(course) == {"anna/toy/toy.ipynb": notebook()}


def test_one_name_twice_is_refused_and_a_file_that_is_a_folder_too(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of them was meant, nobody knows."""
    place = tmp_path / "a.zip"
    with zipfile.ZipFile(place, "w") as bundle:
        for name in ("anna/toy.ipynb", "bea/x", "bea/x/y", "cleo/toy.ipynb"):
            bundle.writestr(name, notebook())
        with pytest.warns(UserWarning, match="Duplicate name"):
            bundle.writestr("anna/toy.ipynb", b"another")
    assert collect(place, "toy") == 1
    said = capsys.readouterr().out
    assert "not collected: anna/toy.ipynb: 2 files have this name" in said
    assert "not collected: bea/x: a folder has this name too" in said
    assert set(lying(course)) == {"bea/toy/x/y", "cleo/toy/toy.ipynb"}


def test_names_in_old_code_pages(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """UTF-8 that is not declared, and letters that the pages of Windows and DOS have in common,
    are read; others are refused; macOS' way to write accents makes no difference.
    """
    names = [
        "zoë".encode(),
        "jörg".encode("cp850"),
        "jo\u0301se".encode(),
        "Ángel".encode("cp850"),
        "Öz".encode("cp1252"),
    ]
    place = zipped(tmp_path / "a.zip", {f"{n:06}/toy.ipynb": notebook(n) for n in range(5)})
    data = place.read_bytes()
    for number, name in enumerate(names):
        data = data.replace(b"%06d" % number, name.ljust(6, b"-"))
    place.write_bytes(data)
    assert collect(place, "toy") == 1
    assert set(notebooks(course)) == {"zoë--", "jörg--", "jóse"}
    assert capsys.readouterr().out.count("in a code page that can't be told") == 2


def test_what_programs_leave_is_passed_over(course: Course, tmp_path: Path) -> None:
    """macOS, Windows, Jupyter; without a word."""
    files = {
        "anna/toy.ipynb": notebook(),
        "__MACOSX/anna/._toy.ipynb": b"",
        "anna/.DS_Store": b"",
        "anna/Thumbs.db": b"",
        "anna/.ipynb_checkpoints/toy-checkpoint.ipynb": notebook(9),
    }
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    assert lying(course) == {"anna/toy/toy.ipynb": notebook()}


def test_a_damaged_file_is_its_student_s_alone(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are collected; of this one nothing is left half done."""
    place = evil(tmp_path / "a.zip", named("anna/toy.ipynb"), b"spoiled " * 40)
    place.write_bytes(place.read_bytes().replace(b"spoiled ", b"SPOILED "))
    assert collect(place) == 1
    assert "not collected: anna: toy.ipynb: it can't be read: Bad CRC" in capsys.readouterr().out
    assert set(lying(course)) == {"good/toy/toy.ipynb"}


def encrypted(path: Path) -> Path:
    """A zip file that says of one file that it is encrypted."""
    data = bytearray(evil(path, named("anna/odd.ipynb")).read_bytes())
    last = data.rfind(b"PK\1\2")
    data[last + 8] |= 1
    path.write_bytes(data)
    return path


def test_an_encrypted_file_is_refused_by_name(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has told the password."""
    assert collect(encrypted(tmp_path / "a.zip")) == 1
    assert "not collected: anna/odd.ipynb: it is encrypted" in capsys.readouterr().out
    assert set(lying(course)) == {"good/toy/toy.ipynb"}


def bomb(path: Path) -> None:
    zipped(path, {f"s{n}/toy.ipynb": bytes(100 << 20) for n in range(1)})


def test_who_hands_in_a_bomb_hands_in_nothing_and_stops_nobody(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notebook with 70 MiB of blanks at its end, which still is one; others' blanks that do no
    harm are taken.
    """
    files = {f"{name}/toy.ipynb": notebook() for name in ("anna", "bea")}
    files |= {"bea/notes.txt": bytes(1 << 20), "eve/toy.ipynb": notebook() + b" " * (70 << 20)}
    assert collect(zipped(tmp_path / "a.zip", files), "toy") == 1
    assert set(lying(course)) == {"anna/toy/toy.ipynb", "bea/toy/toy.ipynb", "bea/toy/notes.txt"}
    said = capsys.readouterr().out
    assert re.search(r"not collected: eve/toy.ipynb: 7.,... bytes that unpack to 73,400,", said)
    assert said.count("not collected") == 1


def test_many_bombs_are_no_more_than_one(tmp_path: Path) -> None:
    """Each so small that none is too large: what is left is no more than the file may hold."""
    files = {f"eve/{number}.txt": bytes(5 << 20) for number in range(20)}
    files |= {"anna/toy.ipynb": notebook()}
    with open_contents(zipped(tmp_path / "a.zip", files)) as contents:
        assert sum(entry.size for entry in contents.entries) <= 64 << 20
        assert "anna/toy.ipynb" in {entry.name for entry in contents.entries}
        assert {one.name.partition("/")[0] for one in contents.refused} == {"eve"}
        assert len(contents.refused) == 8


def overlapping(path: Path) -> None:
    """Many names for one and the same bytes."""
    zipped(path, {f"{n:03}/toy.ipynb": notebook(n) * 40 for n in range(3)})
    data = bytearray(path.read_bytes())
    first = data.find(b"PK\1\2")
    end = data.rfind(b"PK\5\6")
    size = struct.unpack("<I", data[first + 20 : first + 24])[0]
    at = first
    while at < end:
        data[at + 20 : at + 24] = struct.pack("<I", size + len(data))
        at = data.find(b"PK\1\2", at + 4) if data.find(b"PK\1\2", at + 4) > 0 else end
    path.write_bytes(data)


def long_list(path: Path) -> None:
    """It says that it holds more than anybody hands in."""
    zipped(path, {"anna/toy.ipynb": notebook()})
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\5\6")
    data[end + 12 : end + 16] = struct.pack("<I", 1 << 31)
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    data = zipped(path, {"anna/toy.ipynb": notebook()}).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def damaged_list(path: Path) -> None:
    data = zipped(path, {"anna/toy.ipynb": notebook()}).read_bytes()
    path.write_bytes(data.replace(b"PK\1\2", b"PK\1\3"))


WHOLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bomb": (bomb, "that can be collected: «s0/toy.ipynb»: 101,"),
    "overlapping": (overlapping, "is refused whole: "),
    "a long list": (long_list, "lists 1 files in 2,147,483,648 bytes; at most 50,000"),
    "cut off": (cut_off, "is no zip file, or not the whole of it"),
    "a damaged list": (damaged_list, "can't be read as a zip file"),
    "empty": (lambda path: path.touch(), "is no zip file"),
    "text": (lambda path: path.write_text("x" * 500), "is no zip file"),
    "not there": (lambda path: path.with_suffix(".txt").touch(), "is not there"),
    "no files": (lambda path: zipped(path, {}), "holds no file that can be collected"),
    "made by an old tool": (
        lambda path: zipped(path, {"anna\\toy.ipynb": b"", "bea\\toy.ipynb": b""}),
        r"collected: «anna\toy.ipynb»: its name holds a backslash (1 more)",
    ),
    "one notebook": (lambda path: zipped(path, {"toy.ipynb": b""}), "or a folder for each student"),
    "mixed": (
        lambda path: zipped(path, {"a_1_2_toy.ipynb": b"", "x/toy.ipynb": b""}),
        "1 of 2 names are as Canvas writes them, others are not, such as «x/toy.ipynb»; --from",
    ),
    "no list of submissions": (
        lambda path: zipped(
            path, {"submission_metadata.yml": b"submission_1\n", "submission_1/x": b""}
        ),
        "submission_metadata.yml: expected a table",
    ),
    "a deep list": (
        lambda path: zipped(
            path, {"submission_metadata.yml": b"submission_1: " + b"[" * 2000 + b"\n"}
        ),
        "submission_metadata.yml can't be read: maximum recursion depth",
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_no_download_is_said_in_one_line(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """And nothing is collected of it."""
    make, says = WHOLE[case]
    make(tmp_path / "a.zip")
    assert says in refused(capsys, tmp_path / "a.zip", "toy")
    assert not (course.root / "submitted").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tpy"], "did you mean «toy»"),
        (["--roster", "nobody.csv"], "nobody.csv can't be read: No such file"),
        (["--timezone", "Berlin"], "expected a time zone such as Europe/Berlin"),
        (["--timezone", "../../etc/passwd"], "expected a time zone"),
        (["--from", "canvas"], "expected names as Canvas writes them"),
    ],
)
def test_wrong_calls_are_said(
    course: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    """With what would be right."""
    place = zipped(tmp_path / "a.zip", {"anna/toy.ipynb": notebook()})
    assert collect(place, *arguments) == 2
    assert says in capsys.readouterr().err


def test_rosters_that_can_t_be_used_are_said(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody twice, nobody named, a name that leads away."""
    place = zipped(tmp_path / "a.zip", {"anna/toy.ipynb": notebook()})
    rows = {
        "row 3: 'anna' stands there twice": [["student", "x"], ["anna", ""], ["anna", ""]],
        "no column says who the students are": [["colour", "size"], ["red", "1"]],
        "row 2: '../x' can't name a folder": [["student", "x"], ["../x", ""]],
    }
    for says, some in rows.items():
        assert says in refused(capsys, place, "--roster", sheet(tmp_path / "who.csv", some))


def test_a_disk_that_refuses_leaves_nothing_half_done(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who came before is kept, and the next call goes on."""
    large = {"toy.ipynb": notebook(), "large.bin": os.urandom(300_000)}
    files = {"anna/toy.ipynb": notebook(1)} | {f"bea/{name}": data for name, data in large.items()}
    place = zipped(tmp_path / "a.zip", files)
    with largest_file(100_000):
        said = refused(capsys, place)
    at = course.submission("toy", "bea").with_name("large.bin")
    assert said == f"autograder: {at}: File too large; allow larger files (ulimit -f)\n"
    assert lying(course) == {"anna/toy/toy.ipynb": notebook(1)}
    assert [path.name for path in (course.root / "submitted").iterdir()] == ["anna"]
    assert collect(place) == 0
    assert set(notebooks(course)) == {"anna", "bea"}


def test_who_calls_himself_as_another_hands_in_nothing_for_them(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """People choose the names that systems show: neither a group's, nor another's where a list has
    names alone, nor a group's by somebody whom the list does not know.
    """
    people = [["anna", "12", "Anna Li", "Team 1"], ["eve", "77", "Eve Q", "Team 2"]]
    who = sheet(tmp_path / "who.csv", [["student", "canvas id", "name", "group"], *people])
    files = {"team1_12_100_toy.ipynb": notebook(1), "team1_77_200_toy.ipynb": notebook(2)}
    stranger = {"team2_99_200_toy.ipynb": notebook(3)}
    assert collect(zipped(tmp_path / "a.zip", files | stranger), "--roster", who) == 1
    assert notebooks(course) == {"anna": notebook(1)}
    said = " ".join(capsys.readouterr().out.split())
    assert "Canvas' number '77' is 'Eve Q' in the roster, and 'team1' here" in said
    assert "Canvas' number '99' is not in the roster" in said
    names = sheet(tmp_path / "names.csv", [["student", "name"], *([a, c] for a, _, c, _ in people)])
    files = {"annali_12_300_toy.ipynb": notebook(4), "annali_77_400_toy.ipynb": notebook(5)}
    assert collect(zipped(tmp_path / "b.zip", files), "--roster", names) == 1
    assert notebooks(course) == {"anna": notebook(1)}
    assert "all of these are 'anna''s" in capsys.readouterr().out


def test_a_student_s_own_folder_tells_no_time(course: Course, tmp_path: Path) -> None:
    """Among plain folders one that looks like nbgrader's is what a student has made."""
    files = {
        "anna/toy.ipynb": notebook(1),
        "eve/toy/toy.ipynb": notebook(2),
        "eve/toy/timestamp.txt": b"2020-01-01 10:00 UTC",
    }
    assert collect(zipped(tmp_path / "a.zip", files)) == 1
    assert notebooks(course) == {"anna": notebook(1), "eve": notebook(2)}
    assert stamps(course) == {}


def of_others(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What alice put into the one folder that she hands in."""
    return {f"alice/{name}": data for name, data in files.items()}


METADATA = b"""submission_1:
  :submitters:
  - :name: Dave
    :sid: dave
"""
OTHERS: dict[str, tuple[Mapping[str, bytes], str]] = {
    "folders": (
        of_others({"bob/toy.ipynb": notebook(1), "carol/toy.ipynb": notebook(1)}),
        "one around those of «bob», «carol» (then unpack it and collect the folder «alice»)",
    ),
    "nbgrader's": (
        of_others({"bob/toy/toy.ipynb": notebook(1), "carol/toy/toy.ipynb": notebook(1)}),
        "one around those of «bob», «carol»",
    ),
    "Canvas": (
        of_others({"bob_12_99999_toy.ipynb": notebook(1)}),
        "what Canvas gives (then say --from canvas)",
    ),
    "Canvas, and a file of her own": (
        of_others({"bob_12_99999_toy.ipynb": notebook(1), "notes.txt": b""}),
        "what Canvas gives (then say --from canvas)",
    ),
    "Moodle": (
        of_others({"Bob_12_assignsubmission_file/toy.ipynb": notebook(1)}),
        "what Moodle gives (then say --from moodle)",
    ),
    "Blackboard": (
        of_others({"Lab_bob_attempt_2026-03-01-12-00-00_toy.ipynb": notebook(1)}),
        "what Blackboard gives (then say --from blackboard)",
    ),
    "Gradescope": (
        of_others({"submission_1/toy.ipynb": notebook(1), "submission_metadata.yml": METADATA}),
        "what Gradescope gives (then say --from gradescope)",
    ),
}  # fmt: skip
PEOPLE = [
    ["student", "canvas id", "identifier", "name"],
    ["alice", "11", "Participant 11", "Alice"],
    ["bob", "12", "Participant 12", "Bob"],
    ["carol", "13", "Participant 13", "Carol"],
    ["dave", "14", "Participant 14", "Dave"],
]


def there_already(course: Course, *students: str) -> dict[str, bytes]:
    """What was collected before."""
    before = {f"{name}/toy.ipynb": notebook(0) for name in students}
    collect(zipped(course.root / "before.zip", before, (2026, 3, 1, 0, 0, 0)))
    return lying(course)


@pytest.mark.parametrize("case", OTHERS)
@pytest.mark.parametrize("known", ["in the roster", "in submitted/", "not told from a class"])
def test_one_student_s_folder_hands_in_for_nobody_else(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str, known: str
) -> None:
    """Collected alone, whatever lies in it goes by the names of others' hand-ins. Where it can't be
    told from a folder around a class nothing is taken, and both readings are said.
    """
    files, other = OTHERS[case]
    others = there_already(course, "bob", "carol", "dave", "12")
    late = zipped(tmp_path / "alice.zip", files, (2026, 4, 1, 0, 0, 0))
    if known == "not told from a class":
        said = refused(capsys, late, "toy")
        assert "everything lies in «alice», which may be the folder of one student (then" in said
        assert other in said
        assert lying(course) == others
        assert collect(late, "toy", "--from", "folders") == 0
    elif known == "in the roster":
        sheet(course.root / "roster.csv", PEOPLE)
        assert collect(late, "toy") == 0
    else:
        others = there_already(course, "alice")
        del others["alice/toy/toy.ipynb"]
        assert collect(late, "toy") == 0
    now = lying(course)
    assert {name for name in now if name not in others} == {
        name.replace("/", "/toy/", 1) for name in files
    }
    assert {name: now[name] for name in others} == others


@pytest.mark.parametrize(
    ("name", "folder", "roster"),
    [
        ("a.zip", "submissions", False),
        ("a.zip", "toy", False),
        ("a.zip", "toy-submissions", False),  # of GitHub Classroom
        ("a.zip", "submissions (1)", False),
        ("VISION-31.zip", "VISION-31", True),
    ],
)
def test_a_folder_that_is_no_student_s_is_looked_into(
    course: Course, tmp_path: Path, name: str, folder: str, roster: bool
) -> None:
    """By its name, which is a download's, the assignment's, or the zip file's own if the roster
    knows nobody who is called so.
    """
    if roster:
        sheet(course.root / "roster.csv", PEOPLE)
    files = {f"{folder}/{student}/toy.ipynb": notebook() for student in ("bob", "carol")}
    assert collect(zipped(tmp_path / name, files)) == 0
    assert set(notebooks(course)) == {"bob", "carol"}
    canvas = {f"{folder}/alice_11_900_toy.ipynb": notebook()}
    assert collect(zipped(tmp_path / name, canvas)) == 0
    assert set(notebooks(course)) == {"bob", "carol", "alice" if roster else "11"}


def test_a_zip_called_like_a_student_s_folder_is_no_class(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever packs a folder gets a zip file of its name; what the folder is called says whose it
    may be.
    """
    sheet(course.root / "roster.csv", PEOPLE)
    for top, other in (("alice-late", "carol"), ("bob_2", "dave")):
        files = {f"{top}/{student}/toy.ipynb": notebook() for student in (other, "eve")}
        said = refused(capsys, zipped(tmp_path / f"{top}.zip", files))
        assert f"everything lies in «{top}», which may be the folder of one student" in said


def test_a_folder_that_holds_one_hand_in_of_a_system_is_a_student_s(
    course: Course, tmp_path: Path
) -> None:
    """Moodle's, of which the student names what is in it."""
    sheet(course.root / "roster.csv", PEOPLE)
    top = "Alice_11_assignsubmission_file"
    files = {f"{top}/bob_12_99999_toy.ipynb": notebook()}
    assert collect(zipped(tmp_path / "a.zip", files)) == 0
    assert list(lying(course)) == ["alice/toy/bob_12_99999_toy.ipynb"]


def test_names_of_two_systems_need_a_word(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Moodle's for alice, whose file makes it Canvas' for bob."""
    place = zipped(tmp_path / "a.zip", {"Al_11_assignsubmission_file_12_9_toy.ipynb": notebook()})
    said = refused(capsys, place)
    assert "are as Canvas and Moodle write them; say which by --from canvas or --from mo" in said
    assert collect(place, "--from", "moodle") == 0
    assert list(lying(course)) == ["11/toy/12_9_toy.ipynb"]


NBGRADERS = {
    "alice/toy/toy.ipynb": notebook(),
    "alice/toy/timestamp.txt": b"2020-01-01 10:00 UTC",
    "alice/toy/submission_secret.txt": b"0" * 128,
}


def test_one_folder_as_nbgrader_writes_it_tells_no_time(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A student can make it: only who collects it knows that it is nbgrader's."""
    place = zipped(tmp_path / "a.zip", NBGRADERS)
    assert collect(place) == 1
    said = " ".join(capsys.readouterr().out.split())
    for name in ("timestamp.txt", "submission_secret.txt"):
        assert f"not collected: alice/toy/{name}: the student may have written it; if" in said
    assert list(lying(course)) == ["alice/toy/toy.ipynb"]
    assert collect(place, "--from", "nbgrader", "--force") == 0
    assert stamps(course) == {"alice": "2020-01-01 10:00:00.000000 UTC"}
    assert lying(course)["alice/toy/submission_secret.txt"] == b"0" * 128


def test_the_exchange_s_secret_is_nbgrader_s_to_write(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exchange names a page of feedback by it alone: two students with one would get the same
    page, and whoever was told it somebody else's.
    """
    files = {f"{name}/toy.ipynb": notebook() for name in ("bob", "eve")}
    files["eve/submission_secret.txt"] = b"0" * 128
    assert collect(zipped(tmp_path / "a.zip", files)) == 1
    assert "the name 'submission_secret.txt' is none that may be" in capsys.readouterr().out
    assert set(lying(course)) == {"bob/toy/toy.ipynb", "eve/toy/toy.ipynb"}


def test_many_files_of_one_student_take_no_longer_each(tmp_path: Path) -> None:
    """What was compared with all others took a minute for as many as are read."""
    files = [f"alice/{number}.txt" for number in range(30_000)]
    entries = tuple(Entry(name, 0, None, io.BytesIO) for name in files)
    begun = time.process_time()
    (delivery,) = read_download(Contents(tmp_path, entries, ()), "toy").deliveries
    assert time.process_time() - begun < 4  # it was 10
    assert len(delivery.files) == len(files)
