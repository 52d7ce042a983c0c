"""What stands beside the notebooks: drawn scenes, pictures, and the public checks. It holds no answers."""

from .scenes import Scenes, scenes

__all__ = ["Scenes", "scenes"]
