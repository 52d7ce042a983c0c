"""nbgrader with autograder's rooms: its commands and the formgrader work as their manual says."""

from autograder.nbgrader_bridge import configure

configure(get_config())  # type: ignore[name-defined]  # noqa: F821 — nbgrader's
