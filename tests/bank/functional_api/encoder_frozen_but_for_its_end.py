"""The encoder's convolution is held still, as that of a pretrained one would be; its dense layer trains.
---
assignment = "functional_api"
---
"""
# %% siamese
import keras
from keras import layers


def build_siamese(image_shape, embedding_dim):
    image = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(image)
    x = layers.MaxPooling2D(4)(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.GlobalAveragePooling2D()(x)
    encoder = keras.Model(image, layers.Dense(embedding_dim)(x), name="encoder")
    for layer in encoder.layers[:-1]:
        layer.trainable = False
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
