"""Depthwise and 1×1 convolutions, a small grid flattened, keras.ops.hstack, softmax as a layer.
---
assignment = "functional_api"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image = keras.Input(image_shape, name="image")
    metadata = keras.Input((metadata_dim,), name="metadata")
    x = layers.AveragePooling2D(2)(layers.Rescaling(1 / 255)(image))
    x = layers.DepthwiseConv2D(5, strides=2, padding="same")(x)
    x = layers.Conv2D(16, 1, activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling2D(4)(x))
    y = layers.Dense(12, activation="gelu")(metadata)
    x = keras.ops.hstack([x, y])
    return keras.Model([image, metadata], layers.Softmax()(layers.Dense(num_classes)(x)))
