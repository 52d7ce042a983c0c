"""Tabs and blanks indent the lines of one block.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "TabError|tab|indent"
[score]
inception_module = 0.0
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    if f1:
	    x = layers.Conv2D(f1, 1)(x)
        return x
