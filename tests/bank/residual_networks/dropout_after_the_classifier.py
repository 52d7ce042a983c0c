"""The dropout comes after the dense layer and sets probabilities to zero.
---
assignment = "residual_networks"
hint_should_mention = 'after the dense layer'
[score]
mini_xception = [0.75, 0.95]
[misconception]
mini_xception = "dropout_after_dense"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for width in (32, 64, 128, 192):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, layers.Dropout(0.5)(x))
