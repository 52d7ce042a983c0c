"""Softmax written out.
---
assignment = "residual_networks"
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
    return keras.Model(inputs, (lambda e: e / keras.ops.sum(e, axis=-1, keepdims=True))(keras.ops.exp(layers.Dense(num_classes)(x))))
