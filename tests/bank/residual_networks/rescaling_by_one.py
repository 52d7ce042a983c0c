"""Rescaling(1) stands where the rescaling should be.
---
assignment = "residual_networks"
[score]
mini_xception = [0.7, 0.97]
residual_network = [0.7, 0.97]
[misconception]
mini_xception = "rescaling_by_one"
residual_network = "rescaling_by_one"
---
"""
# %% mini_xception
def build_mini_xception(input_shape, num_classes):
    """Augmentation, rescaling, a plain convolution, separable blocks of growing width, and a classifier."""
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.RandomRotation(0.1)(x)
    x = layers.Rescaling(1)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
# %% residual_network
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    """A residual classifier: stem, one stage for each of `filters`, global average pooling, softmax."""
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
