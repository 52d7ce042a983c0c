"""Each branch is a model of its own; two towers on the image; the concatenation comes in two steps.
---
assignment = "functional_api"
---
"""


# %% two_inputs
def tower(shape, kernel):
    pixels = keras.Input(shape)
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.SeparableConv2D(12, kernel, strides=4, padding="same", activation="relu")(x)
    return keras.Model(pixels, layers.GlobalMaxPooling2D()(x))


def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    side = keras.Sequential([keras.Input((metadata_dim,)), layers.Dense(10, "tanh"), layers.Dense(6, "tanh")])
    vector = layers.concatenate([tower(image_shape, 3)(image), tower(image_shape, 7)(image)])
    both = layers.concatenate([side(metadata), vector])
    return keras.Model(inputs=(metadata, image), outputs=layers.Dense(num_classes, activation="softmax")(both))
