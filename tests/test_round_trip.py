"""To each system that takes grades, and back: `benchmarks/round_trip.py` with few students."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toy import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))
from round_trip import WAYS, Way, travel


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", [way for way in WAYS if way.back != "--csv"], ids=lambda way: way.name
)
def test_a_class_goes_there_and_back(way: Way, tmp_path: Path) -> None:
    """Everyone who handed in is collected, has the score that the work is worth, and that and the
    points by hand go back; the two who are absent get nothing, and no other field changes.
    """
    one = travel(way, tmp_path, 8)
    assert (one.students, one.collected, one.graded_right) == (6, 6, 6), one.said
    assert (one.filled, one.wrong, one.changed) == (6, 0, 0), one.said
