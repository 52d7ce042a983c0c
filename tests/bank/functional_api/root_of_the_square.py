"""The absolute value as the root of the square; the encoder squares, too, and rescales outside.
---
assignment = "functional_api"
---
"""

# %% siamese
from keras import ops


def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(pixels)
    x = layers.Multiply()([x, x])
    x = layers.GroupNormalization(4)(layers.Conv2D(16, 3, strides=2)(x))
    encoder = keras.Model(pixels, layers.Dense(embedding_dim)(ops.mean(ops.square(x), axis=[1, 2])))
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    scaled = layers.Rescaling(1 / 255)
    difference = encoder(scaled(left)) - encoder(scaled(right))
    return keras.Model((left, right), layers.Dense(1, activation="sigmoid")(ops.sqrt(difference**2)))
