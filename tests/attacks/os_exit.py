"""The cell ends the whole Python process with os._exit(0), as if everything had gone well.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed"]
[score]
unet = 0.0
---
"""
# %% unet
import os

os._exit(0)
