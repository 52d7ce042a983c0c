"""Five blocks, augmentation by RandomTranslation and RandomContrast, spatial dropout before the pooling as well.
---
assignment = "residual_networks"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    x = inputs = keras.Input(input_shape)
    for layer in (
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomContrast(0.2, value_range=(0, 255)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(24, 5, padding="same", use_bias=False),
    ):
        x = layer(x)
    for width in (24, 48, 96, 128, 160):
        x = separable_residual_block(x, width)
    x = layers.SpatialDropout2D(0.1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(rate=0.4)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
