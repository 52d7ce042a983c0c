"""Softmax over the batch.
---
assignment = "residual_networks"
hint_should_mention = 'over the batch'
[score]
mini_xception = [0.8, 0.97]
[misconception]
mini_xception = "softmax_over_another_axis"
---
"""
# %% mini_xception
def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Softmax(axis=0)(layers.Dense(num_classes)(x)))
