"""What students may import in rooms besides Python's standard library.

The list is what a course promises, not a fence: other packages may be importable where it is
graded, and walls (sandbox.py) are what keeps student code in.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterable, Sequence

from packaging.utils import InvalidName, canonicalize_name

from autograder.errors import UsageError
from autograder.records import CellError

DEFAULT = ("numpy", "keras", "matplotlib", "pandas", "scipy", "scikit-learn", "pillow")
SETTING = "[rooms] libraries in course.toml"
_MISSING = re.compile(r"\bNo module named '(\w+)'(?!;)")  # as Python says, in whatever error
_WANTED = re.compile(r"the grading room does not have `(\w+)`")
_MODULE = re.compile(r"([A-Za-z]\w*)(?:\.py|\.[\w-]+\.(?:so|pyd))\Z")
_BESIDE = {"doc", "docs", "examples", "test", "tests"}  # that some wheels leave on the top level


def is_name(text: str) -> bool:
    """Whether a package can be called so."""
    try:
        canonicalize_name(text, validate=True)
    except InvalidName:
        return False
    return True


def missing(libraries: Iterable[str]) -> list[str]:
    """Those that are not installed here."""
    return [name for name in libraries if not _is_installed(name)]


def installing(libraries: Iterable[str]) -> str:
    """The command that installs them for the Python that runs rooms."""
    return f"{sys.executable} -m pip install {' '.join(libraries)}"


def demand(libraries: Iterable[str]) -> None:
    """Stop unless all are installed: a student who uses one would lose points for our fault.

    Raises:
        UsageError: some are not; the message says how to install them.
    """
    if absent := missing(libraries):
        raise UsageError(
            f"{SETTING} promises students {', '.join(absent)}, not installed here:"
            f" {installing(absent)}"
        )


@functools.lru_cache
def in_words(name: str) -> str:
    """An installed library as students are told of it: by the name that pip knows, and, where it is
    another one, by the name that they import.
    """
    imported = import_names(name)
    if not imported or canonicalize_name(name) in map(canonicalize_name, imported):
        return name
    return f"{name} ({', '.join(f'`{one}`' for one in imported)})"


def import_names(name: str) -> tuple[str, ...]:
    """The names by which an installed library is imported; those with an underscore left out."""
    record = importlib.metadata.distribution(name).read_text("RECORD") or ""
    tops = {_top(line.partition(",")[0].split("/")) for line in record.splitlines()}
    return tuple(sorted(top for top in tops - _BESIDE if top))


def lacking(error: CellError | None) -> str | None:
    """The name of what an error could not import because it is not there at all."""
    found = _MISSING.search(error.message) if error is not None else None
    told = found and error and "ModuleNotFoundError" in f"{error.type} {error.message}"
    return found[1] if found and told else None


def not_there(name: str, known: Iterable[str]) -> str:
    """What is said of an import that a room can't do; `known` are its libraries in words."""
    there = ", ".join(["Python's standard library", *known])
    return (
        f"the grading room does not have `{name}`; it has {there}, and no file of yours but the"
        " notebook"
    )


def wanted(remark: str) -> str | None:
    """The name in such a sentence."""
    found = _WANTED.search(remark)
    return found[1] if found else None


def _top(parts: Sequence[str]) -> str:
    """The name that a file of a wheel gives to import; "" for one beside packages."""
    if len(parts) > 1:
        return parts[0] if parts[0].isidentifier() and not parts[0].startswith("_") else ""
    module = _MODULE.match(parts[0])
    return module[1] if module else ""


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
