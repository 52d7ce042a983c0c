"""The family of errors that the package raises on purpose.

AutograderError
├── UsageError          the call or the course is set up wrongly (exit status 2)
│   └── NoCourse        there is no course where one was looked for
├── FaultError          machine or gradebook refuse: full, read-only, locked, broken (exit status 2)
├── Unreadable          a submission that can't be read: that student's status
├── IsolationError      the room is not as closed as the course demands (exit status 3)
├── RunRefused          a stored run of another machine that is not what would be stored here
├── RoomError           a room could not be opened or died for a reason that is ours
├── LeanError           a known submission uses what a section made that did not run
├── CalibrationError    a training run of a calibration failed
├── ArtefactError       a file from the student room that breaks the rules
│                       (too large, not what it claims)
└── ArchitectureError   a model description that can't be read,
    │                   or an expression that can't be parsed
    ├── ExpressionError points at the character
    └── RebuildRefused  a layer that is not on the list of what may be rebuilt
"""


class AutograderError(Exception):
    """Base of all of them; its text is meant for the person at the terminal."""


class UsageError(AutograderError):
    """The call or the course is set up wrongly:
    says what was expected, what was found and what to do.
    """


class NoCourse(UsageError):
    """Neither the folder nor one above it holds a course."""


class FaultError(AutograderError):
    """Machine or gradebook refuse what grading takes; says what, where and what to do."""


class Unreadable(AutograderError):
    """A submission that can't be read as a notebook."""


class IsolationError(AutograderError):
    """The rooms on this machine are not as closed as the course demands."""


class RunRefused(AutograderError):
    """A stored run of another machine is not what grading the submission here would store."""


class RoomError(AutograderError):
    """A room could not be opened, or died for a reason that is not the student's."""


class LeanError(AutograderError):
    """A known submission was run without a section on which it leans: a fault of verification."""


class CalibrationError(AutograderError):
    """A training run of a calibration failed; the message says which and how it ended."""


class ArtefactError(AutograderError):
    """A file from the student room breaks the rules:
    too large, too many, or not what it claims to be.
    """


class ArchitectureError(AutograderError):
    """A model description can't be read."""


class ExpressionError(ArchitectureError):
    """A branch expression can't be parsed; the message points at the character."""


class RebuildRefused(ArchitectureError):
    """A layer is not on the list of those that may be rebuilt; the message names it."""
