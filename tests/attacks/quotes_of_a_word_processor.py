"""The quotes around a text are those that a word processor makes of them, and a minus is a dash.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|invalid character|U\\+201C"
[score]
inception_module = 0.0
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    x = layers.Conv2D(f1, 1, padding=“same”)(x)
    return layers.Concatenate(axis=–1)([x, x])
