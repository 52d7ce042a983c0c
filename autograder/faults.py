"""What machine and gradebook may refuse while a class is graded, in one line: what, where, and what
to do about it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from autograder.files import signed

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
# what the next submission would meet as well, whatever file it is about
_EVERYWHERE = NO_SPACE | {
    errno.EROFS, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN,
}  # fmt: skip
_ADVICE = {
    **dict.fromkeys(NO_SPACE, "make room there (df -h says how much there is)"),
    errno.EROFS: "mount it writable, or take a copy of the course to where it is",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "give yourself the right to it (ls -ld says who has it)"),  # noqa: E501
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EIO: "the disk itself is at fault: copy the course to another one",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "allow more open files (ulimit -n), or use fewer --jobs"),  # noqa: E501
    **dict.fromkeys((errno.ENOMEM, errno.EAGAIN), "the machine has no memory or processes left: use fewer --jobs"),  # noqa: E501
    errno.EEXIST: "a folder is expected there: name another, or move what is in its way",
    errno.EHOSTDOWN: "start it again, with its workers",
    errno.EHOSTUNREACH: "start some: dask worker, with this address",
    errno.ENOENT: "put it back",
    errno.EISDIR: "a file is expected there: name another, or remove the folder",
    errno.ENOTDIR: "a folder is expected there: name another, or remove the file",
}  # fmt: skip
_NO_SCRATCH = "no folder for temporary files can be written; set TMPDIR to one that you may write"
_SAID = {  # of a cluster
    errno.EHOSTDOWN: "the scheduler is gone",
    errno.EHOSTUNREACH: "the scheduler has no worker that is ready",
}
_ANEW = "bring back a copy, or put it aside and run: nbgrader generate_assignment"
_UPGRADE = "its tables are those of another nbgrader: keep a copy, then run: nbgrader db upgrade"
_OF_GRADEBOOK = {
    "locked": "another program holds it (formgrader, sqlite3, a backup): end that",
    "disk is full": _ADVICE[errno.ENOSPC],
    "disk I/O error": _ADVICE[errno.ENOSPC],
    "readonly": "give yourself the right to write it, and its folder",
    "unable to open": "a file is expected there, in a folder that you may write",
    "not a database": f"it is no gradebook: {_ANEW}",
    "malformed": f"it is damaged: {_ANEW}",
    "no such": _UPGRADE,
    "has no column": _UPGRADE,
    "No space left": _ADVICE[errno.ENOSPC],
    "read-only transaction": "it is a copy that only reads, or set to: name the one that writes",
    "permission denied": "give the user of `db_url` the right to write its tables",
    "authentication failed": "see that `db_url` in nbgrader_config.py has user and password right",
    "connection": "see that the server runs, and that `db_url` in nbgrader_config.py names it",
    "does not exist": "make it (createdb), or see that `db_url` in nbgrader_config.py names it",
}


def told(error: OSError, place: str = "") -> str:
    """The error in one line; the `place` where it happened is for one that doesn't say."""
    if _has_no_scratch(error):
        return _NO_SCRATCH
    number = error.errno or 0
    said = _SAID.get(number) or (os.strerror(number) if number else str(error))
    said = said or type(error).__name__
    where = error.filename2 or error.filename
    place = os.fsdecode(where) if isinstance(where, str | bytes) else place
    advice = _ADVICE.get(number)
    return (f"{place}: " if place else "") + said + (f"; {advice}" if advice else "")


def is_fault(error: Exception) -> bool:
    """Whether an error is about a file, or about what the machine has too little of."""
    if not isinstance(error, OSError):
        return False
    return error.errno in _EVERYWHERE or bool(error.filename) or _has_no_scratch(error)


def of_everyone(error: OSError, *students: Path) -> bool:
    """Whether the next submission would fail in the same way: it isn't about a file in the folders
    where each of the students has one.
    """
    where = error.filename
    own = isinstance(where, str) and any(Path(where).is_relative_to(one) for one in students)
    return error.errno in _EVERYWHERE or not own


def scratch() -> Path | None:
    """The folder for temporary files; None where none can be written."""
    with contextlib.suppress(OSError):
        return Path(tempfile.gettempdir())
    return None


def _has_no_scratch(error: OSError) -> bool:
    """Python's own words for it, of which it makes an error about a file."""
    return not error.filename and "No usable temporary directory" in str(error)


def of_gradebook(error: BaseException, place: str, course: Path) -> str | None:
    """In one line why the gradebook of a course does not work, or nothing can be written; None
    where the error is that of the rows that were to be written.
    """
    for one in _chain(error):  # nbgrader wraps some, and loses what they were
        if isinstance(one, OSError) and is_fault(one):
            own = [course / name for name in ("submitted", "autograded", "feedback")]
            forbidden = one.errno in {errno.EACCES, errno.EPERM}
            return told(one, str(course)) if forbidden or of_everyone(one, *own) else None
        if isinstance(one, sqlite3.Error) or _from_sqlalchemy(one):
            return _of_database(getattr(one, "orig", one), place)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_database(original: BaseException, place: str) -> str | None:
    if isinstance(original, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return None
    said, advice = " ".join(str(original).split()), advice_on(original)
    return f"the gradebook {place}: {said:.200}" + (f"; {advice}" if advice else "")


def advice_on(error: BaseException) -> str:
    """What to do about an error of a database; empty where we know nothing."""
    said = " ".join(str(error).split())
    return next((what for word, what in _OF_GRADEBOOK.items() if word in said), "")


def written_down(error: BaseException, folder: Path | None) -> str:
    """Where the whole story of an error is now, in the folder or in that for temporary files."""
    text = "".join(traceback.format_exception(error))
    for place in filter(None, (folder, scratch())):
        with contextlib.suppress(OSError):
            path = place / "autograder.errors.log"
            if place is not folder:  # where others write too: a name that nobody can guess
                path = Path(tempfile.mkstemp(".log", signed("autograder"), place)[1])
            with path.open("a", encoding="utf-8") as stream:
                stream.write(f"{' '.join(sys.argv)}\n{text}\n")
            return str(path)
    return "nowhere: no folder can be written"


def _from_sqlalchemy(error: BaseException) -> bool:
    """Of the database, such as another one's than SQLite's, and not of a row."""
    names = {f"{cls.__module__}.{cls.__name__}" for cls in type(error).__mro__}
    of_rows = {"sqlalchemy.exc.IntegrityError", "sqlalchemy.exc.DataError"}
    return "sqlalchemy.exc.DBAPIError" in names and not names & of_rows
