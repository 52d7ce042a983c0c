"""The decoder is resized to whatever its partner measures, so every size works; the activation is a layer of its own.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    x = inputs = keras.Input(input_shape)
    skips = []
    for level in range(depth):
        x = layers.Conv2D(base_filters * 2**level, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(base_filters * 2**level, 3, padding="same", activation="relu")(x)
        skips += [x]
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(base_filters * 2**depth, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(base_filters * 2**depth, 3, padding="same", activation="relu")(x)
    for skip in skips[::-1]:
        x = layers.Resizing(skip.shape[1], skip.shape[2], interpolation="nearest")(x)
        x = layers.Conv2D(skip.shape[3], 3, padding="same", activation="relu")(x)
        x = layers.Concatenate()([skip, x])
        x = layers.Conv2D(skip.shape[3], 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(skip.shape[3], 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(num_classes, 1, padding="same")(x)
    x = layers.Activation("sigmoid")(x) if num_classes == 1 else layers.Softmax(axis=-1)(x)
    return keras.Model(inputs=inputs, outputs=x)
