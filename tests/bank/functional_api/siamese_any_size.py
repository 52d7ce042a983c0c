"""Height and width of the inputs are left free.
---
assignment = "functional_api"
---
"""
# %% siamese
def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input((None, None, image_shape[-1]))
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    encoder = keras.Model(pixels, layers.Dense(embedding_dim)(x), name="encoder")
    left, right = keras.Input((None, None, image_shape[-1]), name="left"), keras.Input((None, None, image_shape[-1]), name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
