"""A list of layers, called in a loop for each side; |a - b| as a maximum; a hidden layer before the sigmoid.
---
assignment = "functional_api"
---
"""

# %% siamese
from keras import ops


def build_siamese(image_shape, embedding_dim):
    left, right = (keras.Input(image_shape, name=name) for name in ("left", "right"))
    encoder = [
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(16, 3, strides=2, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(embedding_dim, activation="tanh"),
    ]
    a, b = left, right
    for layer in encoder:
        a, b = layer(a), layer(b)
    apart = ops.maximum(a, b) - ops.minimum(a, b)
    apart = layers.Dense(8, activation="relu")(apart)
    return keras.Model([right, left], layers.Activation("sigmoid")(layers.Dense(1)(apart)))
