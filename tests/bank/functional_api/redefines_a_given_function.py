"""The given build_sequential is redefined, with another default, for a comparison of the student's own.
---
assignment = "functional_api"
---
"""
# %% sequential_to_functional
def build_sequential(input_shape=(32, 32, 1), num_classes=3):
    return keras.Sequential([keras.Input(input_shape), layers.Flatten(), layers.Dense(num_classes)])


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(shape=input_shape)
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(16, 3, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(48, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


print(build_sequential().count_params(), "against", build_functional().count_params(), "parameters")
