"""The list of layers again; two encoders, equal in form.
---
assignment = "functional_api"
hint_should_mention = 'keras.Input|called? on both|call it on both'
[score]
sequential_to_functional = [0, 0]
siamese = [0.52, 0.53]
[misconception]
sequential_to_functional = "still_sequential"
siamese = "two_encoders"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    model = keras.Sequential(name="functional")
    for layer in build_sequential(input_shape, num_classes).layers:
        model.add(type(layer).from_config(layer.get_config()))
    model.build((None, *input_shape))
    return model


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
