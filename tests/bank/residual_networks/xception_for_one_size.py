"""The input is (64, 64, 3) whatever is asked for.
---
assignment = "residual_networks"
[score]
mini_xception = [0.8, 0.97]
[misconception]
mini_xception = "input_shape_ignored"
---
"""
# %% mini_xception
def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input((64, 64, 3))
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
