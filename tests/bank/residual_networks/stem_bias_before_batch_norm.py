"""The first convolution keeps its bias before a batch norm.
---
assignment = "residual_networks"
hint_should_mention = 'bias'
[score]
mini_xception = [0.75, 0.95]
[misconception]
mini_xception = "bias_before_batch_norm"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for width in (32, 64, 128, 192):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
