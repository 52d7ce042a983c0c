"""The last layers begin with zeros, so that the first boxes lie in the middle; a residual trunk.
---
assignment = "functional_api"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Conv2D(16, 3, strides=4, padding="same")(layers.Rescaling(1 / 255)(inputs))
    y = layers.Conv2D(16, 3, padding="same", use_bias=False)(layers.ReLU()(x))
    x = layers.ReLU()(x + layers.BatchNormalization(gamma_initializer="zeros")(y))
    x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    label = layers.Dense(num_classes, activation="softmax", kernel_initializer="zeros", name="label")(x)
    box = layers.Dense(4, activation="sigmoid", kernel_initializer="zeros", name="box")(x)
    return keras.Model(inputs, (label, box))


def compile_localizer(model):
    model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
