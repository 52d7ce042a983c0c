"""The Sequential is called inside a functional model; the convolutions are shared, the embedding layer is not.
---
assignment = "functional_api"
hint_should_mention = 'wrapped|once for each side'
[score]
sequential_to_functional = [0.14, 0.15]
siamese = [0.52, 0.53]
[misconception]
sequential_to_functional = "wraps_a_sequential"
siamese = "encoder_partly_shared"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, build_sequential(input_shape, num_classes)(inputs))


# %% siamese
def make_encoder(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pixels, x)


def build_siamese(image_shape, embedding_dim):
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    encoder = make_encoder(image_shape, embedding_dim)
    a, b = (layers.Dense(embedding_dim)(encoder(image)) for image in (left, right))
    x = keras.ops.abs(a - b)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
