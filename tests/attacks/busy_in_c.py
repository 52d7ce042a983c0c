"""A regular expression that never comes to its end: no signal, interrupt or trace reaches the interpreter meanwhile.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout"]
[score]
unet = 0.0
---
"""
# %% unet
import re


def build_unet(*args, **kwargs):
    return re.match(r"(a+)+$", "a" * 60 + "b")
