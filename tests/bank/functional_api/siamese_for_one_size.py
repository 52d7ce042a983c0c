"""The inputs are (64, 64, 3), whatever `image_shape` says.
---
assignment = "functional_api"
[score]
siamese = [0.8,0.97]
[misconception]
siamese = "shape_hard_coded"
---
"""
# %% siamese
def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    encoder = keras.Model(pixels, layers.Dense(embedding_dim)(x), name="encoder")
    left, right = keras.Input((64, 64, 3), name="left"), keras.Input((64, 64, 3), name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
