"""What our course adds to labkit: drawn scenes, pictures of them, and a pretrained backbone.

`draw` gives the judge its hidden scenes; `COLLECTIONS` says which real data may take their place.
"""

from .backbone import backbone
from .collection import COLLECTIONS as COLLECTIONS
from .pictures import show_masks, show_scenes
from .scenes import Scenes, scenes
from .scenes import draw as draw

__all__ = [
    "Scenes",
    "backbone",
    "scenes",
    "show_masks",
    "show_scenes",
]
