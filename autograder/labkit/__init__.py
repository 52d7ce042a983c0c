"""What stands beside the notebooks: public checks, pictures of models, words for shape errors, and
what the course adds in `course/`. It holds no answers.
"""

from pathlib import Path

from .checks import check, ready, takes
from .drawing import draw_model, sketch
from .mismatch import explain_error, install, show_error
from .pictures import show_history

__all__ = [
    "check",
    "draw_model",
    "explain_error",
    "ready",
    "show_error",
    "show_history",
    "sketch",
    "takes",
]

if (Path(__file__).parent / "course").is_dir():
    from . import course
    from .course import *  # noqa: F403

    __all__ += course.__all__

install()
