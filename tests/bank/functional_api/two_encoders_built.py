"""Two encoders, equal in form.
---
assignment = "functional_api"
hint_should_mention = 'called? on both|call it on both'
[score]
siamese = [0.52, 0.53]
[misconception]
siamese = "two_encoders"
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
    a, b = (make_encoder(image_shape, embedding_dim)(image) for image in (left, right))
    x = keras.ops.abs(a - b)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
