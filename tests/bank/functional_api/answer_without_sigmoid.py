"""The last layer has no activation.
---
assignment = "functional_api"
hint_should_mention = 'probability'
[score]
siamese = [0.88, 0.89]
[misconception]
siamese = "sigmoid_missing"
---
"""


# %% siamese
def make_encoder(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(embedding_dim)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, x)


def build_siamese(image_shape, embedding_dim):
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    encoder = make_encoder(image_shape, embedding_dim)
    a, b = encoder(left), encoder(right)
    x = keras.ops.abs(a - b)
    return keras.Model([left, right], layers.Dense(1)(x))
