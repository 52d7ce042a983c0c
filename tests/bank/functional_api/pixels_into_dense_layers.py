"""No convolution: pixels go straight into a dense layer.
---
assignment = "functional_api"
hint_should_mention = 'neighbourhoods'
[score]
two_inputs = [0.88, 0.89]
[misconception]
two_inputs = "no_convolution"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.AveragePooling2D(4)(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    y = layers.Dense(16, activation="relu")(metadata)
    x = layers.Concatenate()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)
