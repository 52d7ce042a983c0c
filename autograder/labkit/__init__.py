"""What stands beside the notebooks: drawn scenes, pictures,
and the public checks. It holds no answers.
"""

from .backbone import backbone
from .checks import check, ready
from .drawing import draw_model, sketch
from .mismatch import explain_shape_error, install, show_error
from .pictures import show_history, show_masks, show_scenes
from .scenes import Scenes, scenes

__all__ = [
    "Scenes",
    "backbone",
    "check",
    "draw_model",
    "explain_shape_error",
    "ready",
    "scenes",
    "show_error",
    "show_history",
    "show_masks",
    "show_scenes",
    "sketch",
]

install()
