"""Every size is refused, in words that name the divisor: there is no network.
---
assignment = "residual_networks"
[score]
unet = 0.0
---
"""
# %% unet
def build_unet(*a, **k): raise ValueError("no multiple of 8")
