"""Feature maps are flipped and rotated instead of images: the augmentation comes after the first convolution.
---
assignment = "residual_networks"
[score]
mini_xception = [0.7, 0.95]
[misconception]
mini_xception = "augmentation_after_convolution"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.RandomRotation(0.05)(x)
    for width in (32, 64, 128, 192):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
