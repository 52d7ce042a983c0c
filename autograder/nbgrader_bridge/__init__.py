"""What nbgrader calls: our rooms in place of its `Execute`, our verdict in place of its
`SaveAutoGrades`.
"""

from autograder.nbgrader_bridge.configuration import configure

__all__ = ["configure"]
