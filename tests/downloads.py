"""A class as learning management systems know it: downloads of what it handed in, and the lists
that go with them, named as each system names them.

Sources of the names: Canvas `lib/content_zipper.rb`; Moodle `mod/assign/classes/downloader.php` and
`gradingtable.php`; of Blackboard and Gradescope, whose sources are closed, what public programs
that read their downloads expect.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DUE = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
DOWNLOADED = (2026, 3, 9, 8, 30, 0)  # the time that Canvas and Moodle write to every file in a zip
_FIRST = ["Anna", "Jörg", "Zoë", "Mary Jane", "Seán", "Łukasz", "Nguyễn", "José"]
_LAST = ["Schmidt", "O'Brien", "van der Berg", "Müller-Lüdenscheidt", "Li", "Smith_Jones"]


@dataclass(frozen=True)
class Learner:
    """A student, as every system calls them."""

    number: int
    first: str
    last: str
    submitted: dt.datetime = DUE
    group: str = ""

    @property
    def login(self) -> str:
        """What they log in with; some hold an underscore."""
        letters = re.sub(r"[^a-z]", "", self.last.lower())
        return f"{letters[:6]}{'_' if self.number % 5 == 0 else ''}{self.number:02}"

    @property
    def name(self) -> str:
        """As people say it."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """Where mail goes."""
        return f"{self.login}@example.org"

    @property
    def sis(self) -> str:
        """The number of the registry."""
        return f"{7_000_000 + self.number * 37}"

    @property
    def canvas(self) -> int:
        """Canvas' own number."""
        return 5100 + self.number * 3

    @property
    def moodle(self) -> int:
        """The participant's number in this one assignment of Moodle."""
        return 88_000 + self.number * 7

    @property
    def late(self) -> bool:
        """Whether they handed in after the due date."""
        return self.submitted > DUE


Work = Callable[[Learner], Mapping[str, bytes]]  # the files that somebody hands in, by their names


def learners(count: int = 40, groups: int = 0) -> tuple[Learner, ...]:
    """A class: every fourth is some hours late, some share a name, and as many groups as asked."""
    found = []
    for number in range(count):
        first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
        hours = number // 4 + 1 if number % 4 == 3 else -number
        group = f"Team {number % groups + 1}" if groups else ""
        found.append(Learner(number, first, last, DUE + dt.timedelta(hours=hours), group))
    return tuple(found)


def zipped(path: Path, files: Mapping[str, bytes], time: tuple[int, ...] = DOWNLOADED) -> Path:
    """A zip file of these."""
    year, month, day, hour, minute, second = time
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (year, month, day, hour, minute, second))
            info.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(info, data)
    return path


def sheet(
    path: Path, rows: Sequence[Sequence[object]], separator: str = ",", *, bom: bool = False
) -> Path:
    """A CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())
    return path


def canvas_zip(
    folder: Path, class_: Sequence[Learner], work: Work, attempt: int = 1, *, teams: bool = False
) -> Path:
    """Canvas' bulk download. A later attempt has higher numbers, and a suffix that Canvas gives to
    a file of the same name. Of a group one member's submission is there, under the group's name.
    """
    files, seen = {}, set()
    for learner in class_:
        if teams and learner.group in seen:
            continue
        seen.add(learner.group)
        shown = learner.group if teams else f"{learner.last}, {learner.first}"
        name = re.sub(r"[^\w]", "", shown.lower())
        late = "LATE_" if learner.late else ""
        for place, (file, data) in enumerate(work(learner).items()):
            stem, dot, ending = file.rpartition(".")
            again = f"{stem}-{attempt - 1}{dot}{ending}" if attempt > 1 else file
            attachment = 900_000 + attempt * 10_000 + learner.number * 10 + place
            files[f"{name}_{late}{learner.canvas}_{attachment}_{again}"] = data
    return zipped(folder / "submissions.zip", files)


def canvas_gradebook(folder: Path, class_: Sequence[Learner], title: str = "Toy (4711)") -> Path:
    """Canvas' gradebook, exported."""
    rows: list[list[object]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title, "Current Score"],
        ["    Points Possible", "", "", "", "", "15.00", "(read only)"],
    ]
    rows += [
        [f"{one.last}, {one.first}", one.canvas, one.sis, one.login, "Vision 1", "", ""]
        for one in class_
    ]
    rows.append(["Student, Test", 9999, "", "", "Vision 1", "", ""])
    return sheet(folder / "gradebook.csv", rows)


def moodle_zip(
    folder: Path,
    class_: Sequence[Learner],
    work: Work,
    *,
    folders: bool = True,
    old: bool = False,
    blind: bool = False,
    teams: bool = False,
) -> Path:
    """Moodle's download of all submissions; `old` is before 4.1."""
    files: dict[str, bytes] = {}
    for learner in class_:
        name = "Participant" if blind else learner.name
        number = learner.moodle
        if teams:
            name, number = learner.group, 600 + int(learner.group.split()[-1])
        prefix = f"{_clean(name.replace('_', ' '))}_{number}_assignsubmission_file"
        for file, data in work(learner).items():
            place = f"{prefix}{'_' if old else ''}/{file}" if folders else f"{prefix}_{file}"
            files.setdefault(place, data)
    return zipped(folder / "VISION-Toy-31.zip", files)


_WORKSHEETS = {
    "en": (
        (
            "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
            "Last modified (submission),Last modified (grade),Feedback comments"
        ),
        "Participant ",
        "%A, %d %B %Y, %I:%M %p",
    ),
    "de": (
        (
            "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann"
            " geändert werden,Zuletzt geändert (Abgabe),Zuletzt geändert"
            " (Bewertung),Feedback als Kommentar"
        ),
        "Teilnehmer/in",
        "%A, %d. %B %Y, %H:%M",
    ),
}
_GERMAN = {"February": "Februar", "March": "März", "Sunday": "Sonntag", "Monday": "Montag"}
_GERMAN |= {"Saturday": "Samstag", "Friday": "Freitag", "Tuesday": "Dienstag"}


def moodle_worksheet(
    folder: Path, class_: Sequence[Learner], language: str = "en", *, blind: bool = False
) -> Path:
    """Moodle's grading worksheet, its times in UTC."""
    headings, participant, form = _WORKSHEETS[language]
    rows = [headings.split(",")]
    for one in class_:
        time = one.submitted.strftime(form)
        if language == "de":
            time = re.sub(r"[A-Z]\w+", lambda word: _GERMAN.get(word[0], word[0]), time)
        row = [f"{participant}{one.moodle}", one.name, one.email, "Submitted for grading"]
        rows.append([*row, "", "15.00", "Yes", time, "-", ""])
    if blind:
        rows = [[row[0], *row[3:]] for row in rows]
    return sheet(folder / "Grades-Toy-31.csv", rows, ";" if language == "de" else ",", bom=True)


def blackboard_zip(
    folder: Path,
    class_: Sequence[Learner],
    work: Work,
    attempts: Sequence[dt.timedelta] = (dt.timedelta(),),
    word: str = "attempt",
    *,
    receipts: bool = True,
) -> Path:
    """Blackboard's download of an assignment's files: every attempt so long after the first, in
    local time, and a receipt beside each.
    """
    files = {}
    for learner in class_:
        for later in attempts:
            time = (learner.submitted + later).strftime("%Y-%m-%d-%H-%M-%S")
            head = f"Toy_Lab 1_{learner.login}_{word}_{time}"
            for file, data in work(learner).items():
                files[f"{head}_{file}"] = data
            if receipts:
                files[f"{head}.txt"] = _receipt(learner, head, list(work(learner)))
    return zipped(folder / "gradebook_VISION_Toy5fLab201_2026-03-09-08-30-00.zip", files)


def blackboard_grades(folder: Path, class_: Sequence[Learner]) -> Path:
    """Blackboard's grade file; its further columns are not known for certain."""
    rows = [["Last Name", "First Name", "Username", "Student ID"]]
    rows += [[one.last, one.first, one.login, one.sis] for one in class_]
    return sheet(folder / "gc_VISION_column.csv", rows)


def gradescope_zip(
    folder: Path, class_: Sequence[Learner], work: Work, *, teams: bool = False
) -> Path:
    """Gradescope's export of submissions."""
    root, lines = "assignment_77_export", list[str]()
    files: dict[str, bytes] = {}
    together: dict[str, list[Learner]] = {}
    for learner in class_:
        together.setdefault(learner.group if teams else learner.login, []).append(learner)
    for members in together.values():
        first = members[0]
        name = f"submission_{3_000 + first.number}"
        files |= {f"{root}/{name}/{file}": data for file, data in work(first).items()}
        lines += [f"{name}:", "  :submitters:"]
        for one in members:
            lines += [f"  - :name: {one.name}", f"    :sid: '{one.sis}'"]
            lines += [f"    :email: {one.email}"]
        lines += [f"  :created_at: {first.submitted:%Y-%m-%d %H:%M:%S}.250000000 Z"]
        lines += ["  :score: 0.0", "  :results: {}", "  :history: []"]
    files = {f"{root}/submission_metadata.yml": "\n".join(lines).encode(), **files}
    return zipped(folder / "assignment_77_export.zip", files)


def gradescope_roster(folder: Path, class_: Sequence[Learner]) -> Path:
    """Gradescope's roster, exported."""
    rows = [["First Name", "Last Name", "SID", "Email", "Role"]]
    rows += [[one.first, one.last, one.sis, one.email, "Student"] for one in class_]
    return sheet(folder / "vision_roster.csv", rows)


def folders_zip(folder: Path, class_: Sequence[Learner], work: Work, assignment: str = "") -> Path:
    """A folder a student, or with an `assignment` nbgrader's two."""
    inner = f"{assignment}/" if assignment else ""
    files = {
        f"{one.login}/{inner}{file}": data for one in class_ for file, data in work(one).items()
    }
    return zipped(folder / "class.zip", files)


def plain_roster(folder: Path, class_: Sequence[Learner]) -> Path:
    """A list of one's own."""
    rows = [["student", "name", "email", "group"]]
    rows += [[one.login, one.name, one.email, one.group] for one in class_]
    return sheet(folder / "roster.csv", rows)


def _clean(name: str) -> str:
    """Moodle's clean_filename."""
    return re.sub(r"[&<>\"`|':\\/\0-\x1f]", "", name)


def _receipt(learner: Learner, head: str, names: Sequence[str]) -> bytes:
    listed = "".join(
        f"\tOriginal filename: {name}\n\tFilename: {head}_{name}\n\n" for name in names
    )
    return (
        f"Name: {learner.name} ({learner.login})\nAssignment: Toy_Lab 1\n"
        f"Date Submitted: {learner.submitted:%A, %B %d, %Y %I:%M:%S %p} GMT\n"
        "Current Grade: Needs Grading\n\nSubmission Field:\nThere is no student submission text"
        " data for this assignment.\n\nComments:\nThere are no student comments for this"
        f" assignment.\n\nFiles:\n{listed}"
    ).encode()
