"""A bracket is missing in one cell.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|was never closed"
[score]
unet = 0.0
---
"""
# %% unet
def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    inputs = keras.Input(input_shape
    return keras.Model(inputs, inputs)
