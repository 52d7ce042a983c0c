"""Moodle's grading worksheet, filled in for its upload, and feedback files in the zip that Moodle
takes back.

Source: moodle, `mod/assign/gradingtable.php`, `feedback/offline/importgradeslib.php`,
`feedback/file/importziplib.php`, and language packs; the headings are in the language of the site.
Moodle skips rows whose grade is empty, so whoever gets none stays as they were.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.grading.grades import Grades
from autograder.lms.filling import Filled, Row, Wish, called, fill, number
from autograder.lms.roster import KINDS, Roster
from autograder.lms.sheets import Sheet
from autograder.showing import shown

# English, German and Spanish as found in worksheets; French and Portuguese after those words that
# were seen of their language packs; whatever else there is is asked for (--column)
_GRADE = ("grade", "bewertung", "calificación", "note", "nota")
_MOST = ("maximum grade", "bestwertung", "calificación máxima", "note maximale", "nota máxima")
_OPEN = (
    "grade can be changed",
    "bewertung kann geändert werden",
    "la calificación puede ser cambiada",
    "la note peut être modifiée",
    "a nota pode ser alterada.",
)
_SCALE = ("scale", "skala", "escala", "barème")
_NO = {"no", "nein", "non", "não"}
_PARTICIPANT = re.compile(r"\D*[^\W\d_]\D*?(\d+)")
_KINDS = ("email", "number", "login", "name")
_NOT_IN_NAMES = re.compile(r"[^\w .,'()-]|_")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def fill_moodle(
    sheet: Sheet, grades: Grades, roster: Roster | None, wish: Wish
) -> tuple[bytes, Filled]:
    """The worksheet to be uploaded.

    Raises:
        UsageError: it is no worksheet, its grades are words of a scale, its column is not known, or
            `fill` refuses it.
    """
    identifier, column = _identifiers(sheet), _column(sheet, wish.column)
    most, open_ = sheet.column(*_MOST), sheet.column(*_OPEN)
    if most is None and sheet.column(*_SCALE) is not None:
        raise UsageError(f"{sheet.path} is graded by the words of a scale, not by points")
    rows = [
        Row(
            place,
            _names(sheet, row, identifier),
            row[column],
            number(row[most]) if most is not None else None,
            over=False,
            closed="Moodle has this grade locked"
            if open_ is not None and _is_no(row[open_])
            else "",
        )
        for place, row in enumerate(sheet.rows)
        if row[identifier].strip()
    ]
    notation = [row[n] for row in sheet.rows for n in (column, most) if n is not None]
    filled = fill(sheet, rows, grades, roster, wish, notation)
    fields = {(place, column): text for place, text in filled.fields.items()}
    return sheet.filled(fields), filled


def feedback_zip(sheet: Sheet, pages: Mapping[int, Path]) -> bytes:
    """Feedback files by row of the worksheet, in folders from which Moodle reads whose they are."""
    identifier, made = _identifiers(sheet), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, page in pages.items():
            names = _names(sheet, sheet.rows[place], identifier)
            name = _NOT_IN_NAMES.sub(" ", names.get("name", "Participant"))
            folder = f"{name}_{names['moodle']}_assignsubmission_file"
            entry = zipfile.ZipInfo(f"{folder}/{page.name}", _EPOCH)  # the same call, the same file
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, page.read_bytes())
    return made.getvalue()


def _identifiers(sheet: Sheet) -> int:
    """The first column of words with a number, one for each row: `Participant 12`."""
    for place in range(len(sheet.headings)):
        texts = [row[place].strip() for row in sheet.rows if any(map(str.strip, row))]
        found = [_PARTICIPANT.fullmatch(text) for text in texts]
        numbers = [one[1] for one in found if one]
        words = {text.rstrip("0123456789") for text in texts}
        if texts and len(set(numbers)) == len(texts) and len(words) == 1:
            return place
    raise UsageError(
        f"{sheet.path} is no grading worksheet of Moodle: expected a column with a participant's"
        f" number in each row, such as «Participant 12»; found {shown(', '.join(sheet.headings))}"
    )


def _column(sheet: Sheet, wanted: str | None) -> int:
    names = _GRADE if wanted is None else (wanted,)
    places = called(dict(enumerate(sheet.headings)), names)
    if len(places) != 1:
        what = "with grades in a language that is known here" if wanted is None else shown(wanted)
        raise UsageError(
            f"{sheet.path} has {len(places) or 'no'} columns {what}; it has"
            f" {shown(', '.join(sheet.headings), 400)}. Say which by --column HEADING"
        )
    return places[0]


def _names(sheet: Sheet, row: Sequence[str], identifier: int) -> dict[str, str]:
    """What Moodle calls a participant, by kind."""
    found = {"moodle": re.sub(r"^\D+", "", row[identifier].strip())}
    for kind in _KINDS:
        place = sheet.column(*KINDS[kind])
        if place is not None and row[place].strip():
            found[kind] = row[place].strip()
    return found


def _is_no(text: str) -> bool:
    return text.strip().casefold() in _NO
