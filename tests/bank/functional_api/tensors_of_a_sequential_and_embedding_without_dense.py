"""A model around the tensors of the Sequential; the pooled maps are compared: 32 numbers, whatever is asked for.
---
assignment = "functional_api"
hint_should_mention = 'its tensors|embedding_dim'
[score]
sequential_to_functional = [0.14, 0.15]
siamese = [0.7, 0.71]
[misconception]
sequential_to_functional = "wraps_a_sequential"
siamese = "embedding_of_another_size"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    given = build_sequential(input_shape, num_classes)
    return keras.Model(given.inputs, given.outputs)


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
    a, b = encoder(left), encoder(right)
    x = keras.ops.abs(a - b)
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
