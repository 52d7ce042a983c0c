"""Dropout has no parameters, and is forgotten; the difference is multiplied by itself.
---
assignment = "functional_api"
hint_should_mention = 'dropout|squared'
[score]
sequential_to_functional = [0.71, 0.72]
siamese = [0.82, 0.83]
[misconception]
sequential_to_functional = "other_dropout"
siamese = "squared_difference"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(48, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, outputs)


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
    d = layers.Subtract()([a, b])
    x = layers.Multiply()([d, d])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))
