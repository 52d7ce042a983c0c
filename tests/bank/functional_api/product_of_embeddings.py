"""The embeddings are multiplied.
---
assignment = "functional_api"
hint_should_mention = 'more than the absolute difference'
[score]
siamese = [0.82, 0.83]
[misconception]
siamese = "another_comparison"
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
    x = layers.Multiply()([a, b])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
