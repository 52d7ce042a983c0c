"""What a student's cells print and draw, as far as it is kept:
text, errors and PNG pictures, up to a budget.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
_PNG = b"\x89PNG\r\n\x1a\n"
_ERROR_TEXT = 20_000  # characters of a traceback


class Flood(Exception):
    """A cell has printed far more than is kept and shows no sign of ending."""


class Outputs:
    """The outputs of one cell, collected message by message.

    Raises:
        Flood: from `take`, when more than `stop` bytes have come.
    """

    def __init__(self, budget: int, stop: int) -> None:
        self.cells: list[NotebookNode] = []
        self.received = 0
        self._budget = self._left = budget
        self._stop = stop
        self._clear_next = False

    @property
    def kept(self) -> int:
        """Bytes of the budget that are used up."""
        return self._budget - self._left

    def take(self, kind: str, content: Mapping[str, Any], size: int) -> None:
        """Keep what may be kept of a message of `size` bytes from the kernel."""
        self.received += size
        if self.received > self._stop:
            raise Flood
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self.cells.clear()
            return
        if kind not in {"stream", "display_data", "execute_result", "error"}:
            return
        if self._clear_next:
            self.cells.clear()
            self._clear_next = False
        if kind == "stream":
            self._stream(
                "stderr" if content.get("name") == "stderr" else "stdout",
                said(content.get("text")),
            )
        elif kind == "error":
            self._error(content)
        else:
            self._shown(content)

    def stop(self, name: str, text: str) -> None:
        """Say in the place of an error that the cell was stopped."""
        self.cells.append(
            nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
        )

    def finished(self) -> list[NotebookNode]:
        """The outputs as they go into the notebook."""
        for output in self.cells:
            if output.output_type == "stream":
                output.text = plain(output.text)
        return self.cells

    def _stream(self, name: str, text: str) -> None:
        last = self.cells[-1] if self.cells else None
        if last is not None and last.output_type == "stream" and last.name == name:
            joined, kept = last.text + text, len(last.text)
        else:
            last, joined, kept = nbformat.v4.new_output("stream", name=name, text=""), text, 0
            if self._left > 0:
                self.cells.append(last)
        if self._left <= 0:
            return
        # of what was there, only the last line can still be written over
        tail = joined.rfind("\n", 0, kept) + 1
        joined = joined[:tail] + _overwritten(joined[tail:])
        self._left -= max(0, len(joined) - kept)
        if self._left <= 0:
            joined = (
                joined[: len(joined) + self._left]
                + f"\n[the rest is left out: {self._budget:,} bytes are kept]\n"
            )
        last.text = joined

    def _error(self, content: Mapping[str, Any]) -> None:
        name = plain(said(content.get("ename")))[:200]
        value = plain(said(content.get("evalue")))[:2000]
        lines = content.get("traceback")
        text = plain("\n".join(map(said, lines)) if isinstance(lines, list) else "")
        if len(text) > _ERROR_TEXT:
            text = f"{text[: _ERROR_TEXT // 2]}\n[…]\n{text[-_ERROR_TEXT // 2 :]}"
        self._left -= len(text)
        lines = text.split("\n") if self._left > 0 else []
        self.cells.append(
            nbformat.v4.new_output("error", ename=name, evalue=value, traceback=lines)
        )

    def _shown(self, content: Mapping[str, Any]) -> None:
        given = content.get("data")
        data = given if isinstance(given, dict) else {}
        kept = {}
        if isinstance(data.get("text/plain"), str):
            kept["text/plain"] = plain(data["text/plain"][: max(0, self._left)])
        picture = data.get("image/png")
        if isinstance(picture, str) and len(picture) <= self._left and _png(picture):
            kept["image/png"] = picture
        self._left -= sum(len(text) for text in kept.values())
        if kept and self._left > 0:
            self.cells.append(nbformat.v4.new_output("display_data", kept))


def plain(text: str) -> str:
    """The text without colours, cursor movements, and characters that turn its direction."""
    return _CONTROL.sub("", _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))


def said(value: Any) -> str:
    """The text that a message should hold there; "" for anything else, which may be nested too
    deeply to be shown.
    """
    return value if isinstance(value, str) else ""


def _overwritten(text: str) -> str:
    """Lines of a progress bar written over each other: the last state of each."""
    if "\r" not in text and "\b" not in text:
        return text
    lines = [_ANSI.sub("", line).replace("\b", "") for line in text.split("\n")]
    return "\n".join(_last_state(line) for line in lines)


def _last_state(line: str) -> str:
    body = line.removesuffix("\r")
    ending = line[len(body) :]
    return body.rpartition("\r")[2] + ending


def _png(data: str) -> bool:
    try:
        return base64.b64decode("".join(data.split()), validate=True).startswith(_PNG)
    except (binascii.Error, ValueError):
        return False
