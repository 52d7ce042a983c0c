"""Two layers of the encoder are compared, each with its twin.
---
assignment = "functional_api"
hint_should_mention = 'compare the two embeddings once'
[score]
siamese = [0.7, 0.71]
[misconception]
siamese = "no_pair_of_embeddings"
---
"""


# %% siamese
def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(layers.Rescaling(1 / 255)(pixels))
    early = layers.GlobalAveragePooling2D()(x)
    late = layers.Dense(embedding_dim)(layers.GlobalAveragePooling2D()(layers.Conv2D(32, 3, activation="relu")(x)))
    encoder = keras.Model(pixels, [early, late])
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    apart = [keras.ops.abs(a - b) for a, b in zip(encoder(left), encoder(right))]
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(layers.Concatenate()(apart)))
