"""CSV files of other systems, read as they are and written back with nothing changed but some
fields.

Encoding, byte-order mark, separator, quoting of untouched lines and line ends stay as they came: a
system takes back best what it has written itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.showing import shown

MOST_BYTES = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = ",;\t"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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

    def filled(self, fields: Mapping[tuple[int, int], str]) -> bytes:
        """The file with other texts in the fields (row, column); other lines stay as they were."""
        lines = [self.texts[0] if self.texts else self._line(self.headings)]
        touched = {row for row, _ in fields}
        for number, row in enumerate(self.rows):
            if self.texts and number not in touched:
                lines.append(self.texts[number + 1])
                continue
            lines.append(
                self._line([fields.get((number, place), text) for place, text in enumerate(row)])
            )
        return (_BOM if self.bom else b"") + "".join(lines).encode(self.encoding)

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

    Source: OWASP, CSV Injection.
    """
    if isinstance(value, int | float):
        return f"{value:.10g}"
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


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
    return max(_SEPARATORS, key=first.count)


def _rows(text: str, separator: str, path: Path) -> tuple[list[list[str]], list[str]]:
    """The rows, and how each stood in the file; empty lines belong to the row before."""
    lines = text.splitlines(keepends=True)
    reader = csv.reader(iter(lines), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    texts: list[str] = []
    begin = 0
    try:
        for row in reader:
            stood = "".join(lines[begin : reader.line_num])
            begin = reader.line_num
            if row:
                rows.append(row)
                texts.append(stood)
            elif texts:
                texts[-1] += stood
    except csv.Error as error:
        raise UsageError(f"{path}: line {reader.line_num}: {shown(error)}") from None
    return rows, texts
