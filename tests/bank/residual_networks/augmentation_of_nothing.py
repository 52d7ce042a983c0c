"""The augmentation zooms and turns by a share of zero.
---
assignment = "residual_networks"
hint_should_mention = 'factor of 0'
[score]
mini_xception = [0.7, 0.95]
[misconception]
mini_xception = "augmentation_of_nothing"
---
"""
# %% mini_xception
def build_mini_xception(input_shape, num_classes):
    """Augmentation, rescaling, a plain convolution, separable blocks of growing width, and a classifier."""
    inputs = keras.Input(input_shape)
    x = layers.RandomZoom(0.0)(inputs)
    x = layers.RandomRotation(0)(x)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
