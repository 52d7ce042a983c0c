"""There is no augmentation in the model, though one is made and never called.
---
assignment = "residual_networks"
hint_should_mention = 'are they called'
[score]
mini_xception = [0.7, 0.95]
[misconception]
mini_xception = "augmentation_missing"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.05)])
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for width in (32, 64, 128, 192):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
