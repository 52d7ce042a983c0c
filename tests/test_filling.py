"""Grades of 40 students entered into the files that Canvas and Moodle have handed out."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from downloads import Learner, canvas_gradebook, learners, moodle_worksheet, plain_roster, sheet

from autograder.errors import UsageError
from autograder.grading.grades import Grade, Grades
from autograder.lms.canvas import fill_canvas
from autograder.lms.filling import Filled, Wish
from autograder.lms.moodle import feedback_zip, fill_moodle
from autograder.lms.roster import read_roster
from autograder.lms.sheets import read_sheet

CLASS = learners(40)
POINTS = {one.login: round(one.number * 15 / 39, 4) for one in CLASS}
WRITTEN = {login: f"{points:.2f}" for login, points in POINTS.items()}
ALL = Grades("toy", 15.0, {login: Grade(login, "final", "", p) for login, p in POINTS.items()})


def grades(**others: Grade | None) -> Grades:
    """The class's, some of them others; None: nobody knows of that student."""
    found = {**ALL.students, **others}
    return Grades("toy", 15.0, {name: grade for name, grade in found.items() if grade is not None})


def canvas(
    file: Path, given: Grades = ALL, wish: Wish | None = None, roster: Path | None = None
) -> tuple[bytes, Filled]:
    """The gradebook filled in."""
    people = read_roster(roster) if roster else None
    return fill_canvas(read_sheet(file), ["toy", "Toy"], given, people, wish or Wish())


def moodle(
    file: Path, given: Grades = ALL, wish: Wish | None = None, roster: Path | None = None
) -> tuple[bytes, Filled]:
    """The worksheet filled in."""
    people = read_roster(roster) if roster else None
    return fill_moodle(read_sheet(file), given, people, wish or Wish())


def rows(data: bytes, separator: str = ",") -> list[list[str]]:
    """The fields of a CSV file, as whoever takes it back reads them."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def put(before: bytes, column: int, texts: Mapping[int, str], separator: str = ",") -> bytes:
    """The file, line by line: these texts in the empty fields of a column, nothing else touched."""
    lines = before.splitlines(keepends=True)
    for number, text in texts.items():
        found = re.fullmatch(
            rb'((?:(?:"(?:[^"]|"")*"|[^%b"]*)%b){%d})(%b.*)'
            % (separator.encode(), separator.encode(), column, separator.encode()),
            lines[number],
            re.DOTALL,
        )
        assert found, lines[number]
        lines[number] = found[1] + text.encode() + found[2]
    return b"".join(lines)


# --- Canvas ------------------------------------------------------------------------------------


def test_canvas_takes_back_what_it_has_written_with_the_grades_in_it(tmp_path: Path) -> None:
    """Byte for byte; the row of possible points stays, the test student gets none and goes."""
    file = canvas_gradebook(tmp_path, CLASS)
    data, filled = canvas(file)
    before = file.read_bytes()
    texts = {one.number + 2: WRITTEN[one.login] for one in CLASS}
    kept = b"".join(before.splitlines(keepends=True)[:-1])
    assert data == put(kept, 5, texts)
    assert (filled.left, filled.absent) == ({}, ())


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_canvas_in_the_notation_of_another_country(
    tmp_path: Path, end: str, encoding: str, quoting: int
) -> None:
    """Semicolons, a decimal comma, a byte-order mark, quotes throughout: all stay."""
    table = rows(canvas_gradebook(tmp_path, CLASS[:5]).read_bytes())
    table[1][5] = "15,00"
    table.insert(1, ["", "", "", "", "", "Manual Posting", ""])
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator=end, quoting=quoting).writerows(table[:-1])  # type: ignore[arg-type]
    file = tmp_path / "noten.csv"
    file.write_bytes(out.getvalue().encode(encoding))
    data, filled = canvas(file, Grades("toy", 15.0, dict(list(ALL.students.items())[:5])))
    for row, one in zip(table[3:], CLASS[:5], strict=False):
        row[5] = WRITTEN[one.login].replace(".", ",")
    again = io.StringIO()
    csv.writer(again, delimiter=";", lineterminator=end, quoting=quoting).writerows(table[:-1])  # type: ignore[arg-type]
    assert data == again.getvalue().encode(encoding)
    assert not filled.left


def test_who_waits_or_is_absent_has_no_row_for_canvas(tmp_path: Path) -> None:
    """An empty field over a score would count as a change."""
    a, b, c = (one.login for one in CLASS[:3])
    given = grades(**{a: Grade(a, "waiting", "why: not marked yet", 9.0), b: Grade(b, "missing")})
    data, filled = canvas(canvas_gradebook(tmp_path, CLASS), given)
    logins = [row[3] for row in rows(data)[2:]]
    assert logins == [one.login for one in CLASS[2:]]
    assert filled.left == {a: "waits for a person: why: not marked yet"}
    assert filled.absent == (b,)
    assert logins[0] == c


def test_canvas_students_are_known_by_any_of_its_names(tmp_path: Path) -> None:
    """Login, number of the registry or Canvas' own number, whichever the course's folders bear."""
    file = canvas_gradebook(tmp_path, CLASS)
    for name in ("login", "sis", "canvas"):
        ids = {str(getattr(one, name)): POINTS[one.login] for one in CLASS}
        given = Grades("toy", 15.0, {who: Grade(who, "final", "", p) for who, p in ids.items()})
        data, filled = canvas(file, given)
        assert [row[5] for row in rows(data)[2:]] == list(WRITTEN.values())
        assert not filled.left


def test_a_number_that_is_somebody_elses_id_is_not_taken_for_it(tmp_path: Path) -> None:
    """The class goes by registry numbers; one of these is another student's number in Canvas."""
    first, second = CLASS[0], CLASS[1]
    file = canvas_gradebook(tmp_path, CLASS)
    file.write_bytes(file.read_bytes().replace(b"5103,", b"7000000,"))
    ids = {one.sis: Grade(one.sis, "final", "", POINTS[one.login]) for one in CLASS}
    data, filled = canvas(file, Grades("toy", 15.0, ids))
    assert {row[3]: row[5] for row in rows(data)[2:4]} == {
        first.login: WRITTEN[first.login],
        second.login: WRITTEN[second.login],
    }
    assert not filled.left


def test_a_roster_says_who_is_who(tmp_path: Path) -> None:
    """Folders named after the e-mail address, which Canvas' file does not hold."""
    table = [["student", "SIS User ID"], *([one.email, one.sis] for one in CLASS[1:])]
    roster = sheet(tmp_path / "roster.csv", table)
    given = {one.email: Grade(one.email, "final", "", POINTS[one.login]) for one in CLASS}
    file = canvas_gradebook(tmp_path, CLASS)
    data, filled = canvas(file, Grades("toy", 15.0, given), roster=roster)
    assert [row[5] for row in rows(data)[2:]] == list(WRITTEN.values())[1:]
    assert filled.left == {CLASS[0].email: "not in the file"}  # the roster lacks them


def test_two_rows_for_one_student_are_nobodys(tmp_path: Path) -> None:
    """And a row that two students of a roster share; nothing is guessed."""
    file = canvas_gradebook(tmp_path, CLASS)
    file.write_bytes(file.read_bytes().replace(b",obrien01,", b",schmid_00,"))
    data, filled = canvas(file)
    assert "schmid_00" not in [row[3] for row in rows(data)]
    assert filled.left == {
        "schmid_00": "2 rows of the file may be theirs",
        "obrien01": "not in the file",
    }
    table = [["student", "SIS User ID"], ["a", CLASS[2].sis], ["b", CLASS[2].sis]]
    given = grades(a=Grade("a", "final"), vander02=None)
    _, filled = canvas(
        canvas_gradebook(tmp_path, CLASS), given, roster=sheet(tmp_path / "r.csv", table)
    )
    assert filled.left == {
        "a": "not in the file",
        "van der Berg, Zoë (vander02)": "may be any of a, b",
    }


def test_a_gradebook_of_another_course_is_refused(tmp_path: Path) -> None:
    """It knows nobody; the message shows some of either."""
    others = [Learner(number, "Eve", "Adams") for number in range(50, 60)]
    with pytest.raises(UsageError, match=r"file of another course.*adams.*schmid_00") as raised:
        canvas(canvas_gradebook(tmp_path, others))
    assert "gradebook.csv" in str(raised.value)


@pytest.mark.parametrize(
    ("headings", "wish", "said"),
    [
        (["Other (1)", "More (2)"], Wish(), "no columns called toy or Toy.*Other .1., More .2."),
        (["Toy (1)", "TOY (2)"], Wish(), "2 columns called toy or Toy"),
        (["Toy (1)", "More (2)"], Wish(column="Les"), "no columns called Les"),
        (["Toy (1)", "Current Score"], Wish(column="Current Score"), "read only"),
        (["Toy (1)", "x"], Wish(column="SIS Login ID"), "no columns called SIS Login ID"),
    ],
)
def test_the_column_is_one_that_is_there(
    tmp_path: Path, headings: list[str], wish: Wish, said: str
) -> None:
    """Canvas would make a new assignment of an unknown title."""
    file = canvas_gradebook(tmp_path, CLASS)
    text = file.read_text("utf-8").replace("Toy (4711),Current Score", ",".join(headings))
    file.write_text(text, "utf-8", newline="")
    with pytest.raises(UsageError, match=said):
        canvas(file, wish=wish)


@pytest.mark.parametrize("title", ["TOY (4711)", " t_o y(4711)", "toy (4711)"])
def test_a_title_is_known_in_any_spelling(tmp_path: Path, title: str) -> None:
    """Case, blanks, underscores; and by --column whole or without Canvas' number."""
    file = canvas_gradebook(tmp_path, CLASS, title)
    for wish in (Wish(), Wish(column=title), Wish(column="Toy")):
        assert canvas(file, wish=wish)[1].fields[2] == WRITTEN[CLASS[1].login]


def test_other_points_are_an_error_unless_they_are_to_be_converted(tmp_path: Path) -> None:
    """The row of possible points says so."""
    file = canvas_gradebook(tmp_path, CLASS)
    file.write_bytes(file.read_bytes().replace(b"15.00", b"100.00"))
    with pytest.raises(UsageError, match=r"out of 100 points, the assignment out of 15.*--scale"):
        canvas(file)
    _, filled = canvas(file, wish=Wish(scale=True))
    assert list(filled.fields.values()) == [f"{p * 100 / 15:.2f}" for p in POINTS.values()]


def test_canvas_excuses_and_what_it_did_not_assign_stay(tmp_path: Path) -> None:
    """Listed: they have a grade here."""
    file = canvas_gradebook(tmp_path, CLASS)
    text = file.read_text("utf-8")
    for login, mark in ((CLASS[0].login, "EX"), (CLASS[1].login, "N/A")):
        text = text.replace(f"{login},Vision 1,", f"{login},Vision 1,{mark}")
    file.write_text(text, "utf-8", newline="")
    data, filled = canvas(file)
    assert filled.left == {
        CLASS[0].login: "excused in Canvas",
        CLASS[1].login: "not assigned to them in Canvas",
    }
    assert len(rows(data)) == 40


def test_a_last_and_a_first_name_are_two_columns_in_some_gradebooks(tmp_path: Path) -> None:
    """Canvas' other beginning."""
    table = rows(canvas_gradebook(tmp_path, CLASS).read_bytes())
    table = [[*row[0].partition(", ")[::2], *row[1:]] for row in table]
    table[0][:2] = ["LastName", "FirstName"]
    _, filled = canvas(sheet(tmp_path / "two.csv", table))
    assert list(filled.fields.values()) == list(WRITTEN.values())
    table[0][0] = "Name"
    with pytest.raises(UsageError, match="no gradebook of Canvas"):
        canvas(sheet(tmp_path / "two.csv", table))


def test_absent_students_get_zero_only_when_asked_for(tmp_path: Path) -> None:
    """And not over a score that somebody has entered there, nor instead of an excuse."""
    late = {one.login: Grade(one.login, "missing") for one in CLASS[:4]}
    file = canvas_gradebook(tmp_path, CLASS)
    text = file.read_text("utf-8")
    for one, mark in zip(CLASS[:4], ("", "-", "7.00", "EX"), strict=True):
        text = text.replace(f"{one.login},Vision 1,", f"{one.login},Vision 1,{mark}")
    file.write_text(text, "utf-8", newline="")
    assert len(canvas(file, grades(**late))[1].absent) == 4
    data, filled = canvas(file, grades(**late), Wish(absent_zero=True))
    assert [row[5] for row in rows(data)[2:4]] == ["0.00", "0.00"]
    assert "Student, Test" not in {row[0] for row in rows(data)}
    assert filled.left == {
        CLASS[2].login: "absent, and has 7.00 there",
        CLASS[3].login: "excused in Canvas",
    }


def test_no_zeros_while_somebody_with_a_grade_is_not_found(tmp_path: Path) -> None:
    """Whoever seems absent might be that one."""
    given = grades(nn=Grade("nn", "final", "", 7.0))
    with pytest.raises(UsageError, match=r"nn can't be told in the file.*--roster"):
        canvas(canvas_gradebook(tmp_path, CLASS), given, Wish(absent_zero=True))


def test_one_student_alone(tmp_path: Path) -> None:
    """The others are neither in nor listed."""
    data, filled = canvas(canvas_gradebook(tmp_path, CLASS), wish=Wish(students=(CLASS[7].login,)))
    assert [row[3] for row in rows(data)[2:]] == [CLASS[7].login]
    assert (filled.left, filled.absent) == ({}, ())


# --- Moodle ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_moodle_takes_back_its_worksheet_with_the_grades_in_it(
    tmp_path: Path, language: str
) -> None:
    """Byte for byte, in English and in German; students by their e-mail address."""
    file, roster = moodle_worksheet(tmp_path, CLASS, language), plain_roster(tmp_path, CLASS)
    waits, absent = CLASS[5].login, CLASS[6].login
    given = grades(**{waits: Grade(waits, "waiting", "why"), absent: Grade(absent, "missing")})
    data, filled = moodle(file, given, roster=roster)
    texts = {one.number + 1: WRITTEN[one.login] for one in CLASS if one.number not in {5, 6}}
    assert data == put(file.read_bytes(), 4, texts, ";" if language == "de" else ",")
    assert (filled.left, filled.absent) == ({waits: "waits for a person: why"}, (absent,))


def test_a_blind_worksheet_by_participants_numbers(tmp_path: Path) -> None:
    """A roster of one's own brings these and the ids together."""
    file = moodle_worksheet(tmp_path, CLASS, blind=True)
    table = [
        ["student", "Identifier"],
        *([one.login, f"Participant {one.moodle}"] for one in CLASS),
    ]
    data, filled = moodle(file, roster=sheet(tmp_path / "r.csv", table))
    assert data == put(file.read_bytes(), 2, {n + 1: t for n, t in enumerate(WRITTEN.values())})
    assert not filled.left


def translated(file: Path, headings: str, participant: str) -> Path:
    """The worksheet of a site in another language."""
    lines = file.read_text("utf-8-sig").splitlines(keepends=True)
    text = "".join([f"{headings}\r\n", *lines[1:]]).replace("Participant ", participant)
    file.write_text(text.replace("15.00", '"15,00"').replace("Yes", "Sí"), "utf-8", newline="")
    return file


SPANISH = (
    "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Calificación máxima,"
    "La calificación puede ser cambiada,Última modificación (entrega),"
    "Última modificación (calificación),Comentarios"
)


def test_a_decimal_comma_stays_one(tmp_path: Path) -> None:
    """Where the worksheet writes it; the identifiers are found by what they are."""
    file = translated(moodle_worksheet(tmp_path, CLASS), SPANISH, "Participante ")
    table = [["student", "Identifier"], *([one.login, str(one.moodle)] for one in CLASS)]
    data, _ = moodle(file, roster=sheet(tmp_path / "r.csv", table))
    assert [row[4] for row in rows(data)[1:]] == [t.replace(".", ",") for t in WRITTEN.values()]


def test_headings_in_a_language_that_is_not_known_are_asked_for(tmp_path: Path) -> None:
    """The message shows what is there."""
    words = SPANISH.replace("Calificación", "Arvosana").replace("Identificador", "Tunniste")
    file = translated(moodle_worksheet(tmp_path, CLASS), words, "Osallistuja ")
    table = [["student", "Identifier"], *([one.login, str(one.moodle)] for one in CLASS)]
    roster = sheet(tmp_path / "r.csv", table)
    with pytest.raises(UsageError, match=r"no columns.*language.*Tunniste.*Arvosana.*--column"):
        moodle(file, roster=roster)
    data, _ = moodle(file, wish=Wish(column="Arvosana"), roster=roster)
    assert [row[4] for row in rows(data)[1:]] == list(WRITTEN.values())


def test_a_locked_grade_stays_and_is_listed(tmp_path: Path) -> None:
    """As is one that Moodle would skip for being more than the maximum."""
    file, roster = moodle_worksheet(tmp_path, CLASS, "de"), plain_roster(tmp_path, CLASS)
    lines = file.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b";Yes;", b";Nein;")
    file.write_bytes(b"".join(lines))
    more = CLASS[1].login
    data, filled = moodle(file, grades(**{more: Grade(more, "final", "", 16.5)}), roster=roster)
    assert filled.left == {
        CLASS[0].login: "Moodle has this grade locked",
        more: "16.5 points, and no more than 15 are taken",
    }
    assert data.splitlines()[:3] == file.read_bytes().splitlines()[:3]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Participant ", "", "no grading worksheet of Moodle"),
        ("Maximum grade", "Scale", "words of a scale"),
        ("15.00", "20.00", "out of 20 points, the assignment out of 15"),
        ("@example.org", "@other.org", "knows nobody of this class"),
    ],
)
def test_what_is_no_worksheet_of_this_class_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Saying what was expected."""
    file, roster = moodle_worksheet(tmp_path, CLASS), plain_roster(tmp_path, CLASS)
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode()))
    with pytest.raises(UsageError, match=said):
        moodle(file, roster=roster)


def test_feedback_files_go_back_in_folders_that_moodle_reads(tmp_path: Path) -> None:
    """It parts the folder's name at underscores, the second part being the participant's number."""
    file = moodle_worksheet(tmp_path, CLASS)
    page = tmp_path / "toy.html"
    page.write_text("well done")
    data = feedback_zip(read_sheet(file), dict.fromkeys(range(40), page))
    assert data == feedback_zip(read_sheet(file), dict.fromkeys(range(40), page))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    for name, one in zip(names, CLASS, strict=True):
        folder, _, rest = name.partition("/")
        parts = folder.split("_", 4)
        assert parts[1:] == [str(one.moodle), "assignsubmission", "file"]
        assert parts[0] == one.name.replace("_", " ")
        assert rest == "toy.html"
