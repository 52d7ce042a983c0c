"""CSV files of other systems: read as they are, and written back with some fields changed."""

import csv
import io
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.lms.sheets import harmless, new_sheet, read_sheet

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(TEXTS, min_size=width, max_size=width), min_size=2, max_size=6
    ).filter(lambda rows: all(any(row) for row in rows))
)


def written(path: Path, data: str | bytes) -> Path:
    """The file with this in it."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    TABLES,
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\r\n", "\n"]),
    st.booleans(),
    TEXTS,
    st.randoms(use_true_random=False),
)
def test_one_field_is_changed_and_nothing_else(
    tmp_path: Path,
    rows: list[list[str]],
    quoting: Literal[0, 1, 2],
    end: str,
    bom: bool,
    text: str,
    random: Random,
) -> None:
    """To the byte: quotes, line ends and mark of the other fields stay."""
    rows[0] = [f"heading {n}" for n in range(len(rows[0]))]
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator=end).writerows(rows)
    data = (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()
    sheet = read_sheet(written(tmp_path / "a.csv", data))
    assert [list(row) for row in sheet.rows] == rows[1:]
    assert sheet.filled({}) == data
    row, place = random.randrange(len(rows) - 1), random.randrange(len(rows[0]))
    filled = sheet.filled({(row, place): text})
    again = read_sheet(written(tmp_path / "b.csv", filled))
    rows[row + 1][place] = text
    assert [list(row) for row in again.rows] == rows[1:]
    assert again.filled({(row, place): sheet.rows[row][place]}).replace(b'"', b"") == data.replace(
        b'"', b""
    )


def test_rows_can_be_left_out(tmp_path: Path) -> None:
    """With the lines in their fields."""
    path = written(tmp_path / "a.csv", 'a,b\n1,"x\ny"\n2,z\n3,w')
    assert read_sheet(path).filled({(2, 1): "v"}, without=[0]) == b"a,b\n2,z\n3,v"


def test_a_short_row_is_filled_up_to_the_field(tmp_path: Path) -> None:
    """What is behind it stays away."""
    path = written(tmp_path / "a.csv", "a;b;c;d\r\n1\r\n\r\n2;3;4;5\r\n")
    assert read_sheet(path).filled({(0, 2): "7"}) == b"a;b;c;d\r\n1;;7\r\n\r\n2;3;4;5\r\n"


@pytest.mark.parametrize(
    ("data", "separator", "headings"),
    [
        (b"\xef\xbb\xbfname;grade\r\nx;1\r\n", ";", ("name", "grade")),
        (b'"one, two, three";grade\nx;1\n', ";", ("one, two, three", "grade")),
        (b"name\tgrade\nx\t1\n", "\t", ("name", "grade")),
        ("Prüfling,Note\nJörg,1\n".encode("cp1252"), ",", ("Prüfling", "Note")),
        ("name,grade\na\u2028b,1\n".encode(), ",", ("name", "grade")),
        (b"\r\n\r\nname,grade\r\nx,1\r\n", ",", ("name", "grade")),
    ],
)
def test_how_a_file_was_written_is_found_and_kept(
    tmp_path: Path, data: bytes, separator: str, headings: tuple[str, ...]
) -> None:
    """Separator, mark, encoding; a line separator of Unicode in a name ends no row."""
    sheet = read_sheet(written(tmp_path / "a.csv", data))
    assert (sheet.separator, sheet.headings, len(sheet.rows)) == (separator, headings, 1)
    assert sheet.filled({}) == data
    before, _, after = data.rpartition(b"1")
    assert sheet.filled({(0, 1): "2"}) == before + b"2" + after


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04", "not a CSV file"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"only\n", "at least two columns"),
        (b"", "at least two columns"),
        (b'a,b\n"1"2,3\n', "line 2"),
        (b"a,b\n1,2,3\n", "row 2 has 3 fields"),
        (b"a,b\n\x81\n", "neither in UTF-8 nor in Windows-1252"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path: Path, data: bytes, said: str) -> None:
    """With its name and the place."""
    with pytest.raises(UsageError, match=said) as raised:
        read_sheet(written(tmp_path / "a.csv", data))
    assert "a.csv" in str(raised.value)


@given(TEXTS)
def test_no_text_begins_as_a_formula(text: str) -> None:
    """Nor does one after what a spreadsheet may take for the end of a field."""
    made = harmless(text)
    for part in [
        made,
        *made.replace("\r", "\n").replace("\t", "\n").replace(";", "\n").split("\n"),
    ]:
        assert not part.lstrip(" ").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert made.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (-3.5, "-3.5"),
        (2.6667, "2.6667"),
        (12345678.125, "12345678.125"),
        (10.0, "10"),
        (12345678901, "12345678901"),
        ("=1+1", "'=1+1"),
        (" @x", "' @x"),
        ("a;=1+1", "a;'=1+1"),
        ("[6, -4]", "[6, -4]"),
        ("-4 and -6", "'-4 and -6"),
        ("\tx", "'\tx"),
    ],
)
def test_numbers_stay_and_formulas_do_not(value: object, text: str) -> None:
    """An apostrophe makes a text of what would be run."""
    assert harmless(value) == text


def test_a_file_of_ours_is_harmless_throughout(tmp_path: Path) -> None:
    """Headings too."""
    data = new_sheet(tmp_path / "a.csv", ["=a", "b"], [["+1", 1.5], ['x"y', "@z"]])
    assert data == b'\'=a,b\r\n\'+1,1.5\r\n"x""y",\'@z\r\n'
