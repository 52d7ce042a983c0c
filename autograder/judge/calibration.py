"""Calibration records: thresholds that were measured, one file an assignment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from autograder.errors import UsageError

FOLDER = Path(__file__).parent.parent.parent / "calibration"


def calibration_records(assignment: str, *folders: Path) -> dict[str, Mapping[str, float]]:
    """The records of an assignment by task, from the first of the folders that has some;
    at last the package's own.

    Raises:
        UsageError: the file is not what `autograder calibrate` writes.
    """
    for folder in (*folders, FOLDER):
        path = folder / f"{assignment}.json"
        if path.exists():
            try:
                records = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise UsageError(f"{path} is not JSON: {error}") from None
            return {task: record for task, record in records.items() if isinstance(record, dict)}
    return {}
