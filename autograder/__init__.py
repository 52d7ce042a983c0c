"""Grades deep-learning notebooks: student code answers questions in one room,
graders judge the answers in another.
"""

import sys

# jsonschema builds some 35 parsers at import for one format that no notebook uses; it copes with
# their absence.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__version__ = "0.2.0"
