"""CSV files of other systems, read as they are and written back with nothing changed but some
fields.

Encoding, byte-order mark, separator, quoting of untouched lines and line ends stay as they came: a
system takes back best what it has written itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.showing import shown

MOST_BYTES = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = ",;\t"
_FORMULA = re.compile(r"(^|[;\t\r\n])([ \t\r]*[=+\-@＝＋－＠]|[\t\r])")
_IN_QUOTES = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its headings and rows, and how it was written."""

    path: Path
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # each as long as the headings
    separator: str = ","
    line_end: str = "\r\n"
    encoding: str = "utf-8"
    bom: bool = False
    texts: tuple[str, ...] = ()  # headings and rows as they stood in the file, if it was read

    def column(self, *names: str) -> int | None:
        """The place of the first heading that is one of these, in any letter case."""
        wanted = {name.casefold() for name in names}
        places = (i for i, one in enumerate(self.headings) if one.strip().casefold() in wanted)
        return next(places, None)

    def filled(self, fields: Mapping[tuple[int, int], str], without: Collection[int] = ()) -> bytes:
        """The file with other texts in the fields (row, column), and `without` some of its rows;
        whatever else stood there stands there still, to the byte.
        """
        lines = [self.texts[0] if self.texts else self._line(self.headings)]
        by_row: dict[int, dict[int, str]] = {}
        for (number, place), text in fields.items():
            by_row.setdefault(number, {})[place] = text
        for number, row in enumerate(self.rows):
            if number not in without:
                stood = self.texts[number + 1] if self.texts else self._line(row)
                lines.append(self._put(stood, by_row.get(number, {})))
        return (_BOM if self.bom else b"") + "".join(lines).encode(self.encoding)

    def _put(self, stood: str, fields: Mapping[int, str]) -> str:
        """A row as it stood in the file, with these texts in its fields."""
        pieces, rest = _pieces(stood, self.separator)
        for place, text in fields.items():
            pieces += [""] * (place + 1 - len(pieces))
            in_quotes = pieces[place].startswith('"') or {*text} & {self.separator, *'"\r\n'}
            pieces[place] = '"{}"'.format(text.replace('"', '""')) if in_quotes else text
        return self.separator.join(pieces) + rest

    def _line(self, row: Sequence[str]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator=self.line_end).writerow(row)
        return out.getvalue()


def read_sheet(path: Path) -> Sheet:
    """A CSV file with headings in its first row, separated by commas, semicolons or tabs.

    Raises:
        UsageError: it is no such file; says where.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from None
    if data is None:
        raise UsageError(f"{path} has more than {MOST_BYTES // 1024**2} MiB; expected a CSV file")
    text, encoding = _decoded(data, path)
    separator = _separator(text)
    rows, texts = _rows(text, separator, path)
    if not rows or len(rows[0]) < 2:
        raise UsageError(f"{path}: expected a CSV file whose first row names at least two columns")
    width = len(rows[0])
    for number, row in enumerate(rows[1:], 2):
        if len(row) > width and any(field.strip() for field in row[width:]):
            raise UsageError(
                f"{path}: row {number} has {len(row)} fields, the headings are {width}"
            )
    return Sheet(
        path,
        tuple(rows[0]),
        tuple(tuple([*row, *[""] * width][:width]) for row in rows[1:]),
        separator,
        "\r\n" if "\r\n" in text else "\n",
        encoding,
        data.startswith(_BOM),
        tuple(texts),
    )


def new_sheet(path: Path, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV file of ours: UTF-8, commas, no field a formula."""
    texts = tuple(tuple(harmless(field) for field in row) for row in rows)
    return Sheet(path, tuple(harmless(one) for one in headings), texts).filled({})


def harmless(value: object) -> str:
    """The text of a field, which no spreadsheet will run as a formula; numbers stay numbers.

    What follows a semicolon or a line end may become a field of its own, where a spreadsheet
    expects other separators. Source: OWASP, CSV Injection.
    """
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return _FORMULA.sub(r"\1'\2", str(value))


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path} is written in UTF-16; save it as CSV in UTF-8")
    if b"\0" in data[:4096] or data.startswith(b"PK"):
        raise UsageError(f"{path} is not a CSV file; export it as CSV, not as a workbook")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.removeprefix(_BOM).decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is written neither in UTF-8 nor in Windows-1252; save it in UTF-8")


def _separator(text: str) -> str:
    """The one that most of the first line's fields are parted by."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=_IN_QUOTES.sub("", first).count)


def _rows(text: str, separator: str, path: Path) -> tuple[list[list[str]], list[str]]:
    """The rows, and how each stood in the file; empty lines belong to the row before."""
    lines = list(io.StringIO(text, newline=""))  # no more line ends than a CSV file has
    reader = csv.reader(iter(lines), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    texts: list[str] = []
    begin = 0
    try:
        for row in reader:
            stood = "".join(lines[begin : reader.line_num])
            if row:
                rows.append(row)
                texts.append(stood)
            elif texts:
                texts[-1] += stood
            else:  # they belong to the first row, then
                continue
            begin = reader.line_num
    except csv.Error as error:
        raise UsageError(f"{path}: line {reader.line_num}: {shown(error)}") from None
    return rows, texts


def _pieces(stood: str, separator: str) -> tuple[list[str], str]:
    """The fields of a row as they stood in the file, quotes and all, and what ended the row."""
    field = re.compile(rf'"(?:[^"]|"")*"|[^{separator}\r\n]*')
    pieces, at = [], 0
    while found := field.match(stood, at):
        pieces.append(found[0])
        at = found.end()
        if stood[at : at + 1] != separator:
            break
        at += 1
    return pieces, stood[at:]
