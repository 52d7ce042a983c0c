"""Two halves, each a functional model, inside a subclass that hands its ends to keras.Model.
---
assignment = "functional_api"
---
"""


# %% sequential_to_functional
def convolutions(shape):
    given = keras.Input(shape)
    x = layers.Rescaling(scale=1.0 / 255)(given)
    x = layers.Conv2D(16, 3, padding="same", activation=keras.activations.relu)(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, strides=(2, 2), padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(48, 3, activation="relu")(x)
    return keras.Model(given, layers.MaxPooling2D()(x), name="convolutions")


class Twin(keras.Model):
    def __init__(self, shape, classes):
        given = keras.Input(shape)
        maps = convolutions(shape)(given)
        vector = keras.Input(maps.shape[1:])
        x = layers.Dropout(0.3)(layers.Flatten()(vector))
        classifier = keras.Model(vector, layers.Dense(classes, activation="softmax")(x), name="classifier")
        super().__init__(inputs=given, outputs=classifier(maps))


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    return Twin(input_shape, num_classes)
