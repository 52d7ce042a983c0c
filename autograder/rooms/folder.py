"""The folder of one room: what stands in it at first,
and the answers that are brought out of it at last.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from autograder.answers.artefacts import MAX_BYTES, MAX_JSON, Outcome, open_regular, read_answer
from autograder.errors import ArtefactError, UsageError
from autograder.files import digest_of_file, named, temporary_folder, whole_copies, write

NOT_RUN = "autograder_not_run"  # metadata key of a given cell that was left out
_NAME = re.compile(r"[^/\x00.][^/\x00]{0,119}")


@contextmanager
def room_folder(desk: Path) -> Iterator[Path]:
    """A folder with a copy of what lies on the desk, for as long as the context lasts."""
    with temporary_folder("room", spacious=True) as folder:
        # with its bytecode, which holds as long as the times do
        with whole_copies():
            shutil.copytree(desk, folder, dirs_exist_ok=True)
        folder.chmod(0o700)
        yield folder


def check_name(name: str) -> None:
    """Refuse a name of a task or question that can't be that of a file."""
    if not _NAME.fullmatch(name) or len(name.encode()) > 200 or name.endswith(".config"):
        raise UsageError(
            f"«{name}» can't be the name of a question: "
            "it becomes that of a file; leave out «/» and dots"
        )


def collect(
    answers: Path, artefacts: Path, task: str, name: str, digests: Mapping[str, str] | None = None
) -> str:
    """Copy the files of one answer out of a room that is closed; what breaks the rules becomes a
    refusal, and why is returned. So does a file that is another than when it was written, of which
    the room told the `digests`, by name.
    """
    target = artefacts / task
    target.mkdir(parents=True, exist_ok=True)
    files = [f"{name}.config.json", f"{name}.npz", f"{name}.json"]
    try:
        for folder in (answers, answers / task):
            if folder.is_symlink():
                raise ArtefactError(f"{folder.name} is a link")
        for file, limit in zip(files, (MAX_JSON, MAX_BYTES + MAX_JSON, MAX_JSON), strict=True):
            if os.path.lexists(answers / task / file) or file == files[-1]:
                _copy(answers / task / file, target / file, limit)
                told = (digests or {}).get(file)
                if told is not None and told != digest_of_file(target / file):
                    raise ArtefactError(f"{task}/{file} was changed after it had been written")
        answer = read_answer(artefacts.parent, task, name)
        if answer.outcome == "model":
            answer.config()
        if (target / f"{name}.npz").exists():
            answer.arrays()
    except ArtefactError as error:
        for file in files:
            (target / file).unlink(missing_ok=True)
        note(artefacts, task, name, "refused", str(error))
        return str(error)
    return ""


def note(artefacts: Path, task: str, name: str, outcome: Outcome, detail: str) -> None:
    """Write down an outcome that the room itself could not tell of."""
    record = {
        "task": task,
        "question": name,
        "outcome": outcome,
        "type": "",
        "detail": detail,
        "seconds": 0.0,
    }
    write(artefacts / task / f"{name}.json", json.dumps(record))


def _copy(source: Path, target: Path, limit: int) -> None:
    with open_regular(source, limit) as stream, named(target), target.open("wb") as copy:
        while block := stream.read(1024 * 1024):
            copy.write(block)
