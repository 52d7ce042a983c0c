"""nbgrader's settings for a course, whose nbgrader_config.py calls `configure`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)
from nbgrader.validator import Validator

from autograder.nbgrader_bridge.copying import guard
from autograder.nbgrader_bridge.exporter import RebuildExporter
from autograder.nbgrader_bridge.feedback import FeedbackExporter, ReadGrades, coloured
from autograder.nbgrader_bridge.preprocessors import (
    AssignPenalty,
    CheckMetadata,
    DropStderr,
    RunRooms,
    SafeMarkdown,
    SaveVerdict,
)


def configure(c: Any) -> None:
    """Set in nbgrader's configuration, which get_config() gives, what runs our rooms."""
    _find_alembic()
    guard()
    c.GenerateAssignment.pre_convert_hook = "autograder.nbgrader_bridge.hooks.place_labkit"
    # the cells themselves raise and name their task
    c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}

    # The submission is rebuilt from the released notebook while it is read;
    # then nbgrader's own cleaning.
    c.Autograde.exporter_class = RebuildExporter
    c.RebuildExporter.optimistic_validation = True  # once, not after each preprocessor
    c.Autograde.sanitize_preprocessors = [
        ClearOutput,
        DeduplicateIds,
        OverwriteKernelspec,
        OverwriteCells,
        CheckMetadata,
    ]
    c.Autograde.autograde_preprocessors = [
        RunRooms,
        LimitOutput,
        SaveVerdict,
        AssignPenalty,
        CheckMetadata,
    ]

    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.FeedbackExporter.optimistic_validation = True
    c.GenerateFeedback.preprocessors = [ReadGrades, SafeMarkdown]
    c.HTMLExporter.preprocessors = [SafeMarkdown]  # the formgrader's pages
    c.HTMLExporter.filters = {"highlight_code": coloured}

    # `nbgrader validate` runs a notebook on the student's own machine.
    c.Execute.timeout = 600
    # alone among nbgrader's lists it is not configurable
    Validator.class_traits()["preprocessors"].tag(config=True)
    c.Validator.preprocessors = [CheckCellMetadata, ClearOutput, Execute, DropStderr]


def _find_alembic() -> None:
    """Put it on the path: nbgrader starts it by name, and its own command may have been called by
    a full one.
    """
    own = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([own, os.environ.get("PATH", os.defpath)])
