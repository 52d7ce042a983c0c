"""The twins' images are declared as truth values: of each pixel only whether it is black is left.
---
assignment = "functional_api"
hint_should_mention = 'type'
[score]
siamese = [0.86, 0.9]
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
    left, right = (keras.Input(image_shape, name=name, dtype="bool") for name in ("left", "right"))
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
