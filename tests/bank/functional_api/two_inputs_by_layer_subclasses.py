"""Branches as layer classes that compose, metadata normalised by a layer, a subclass of keras.Model.
---
assignment = "functional_api"
---
"""


# %% two_inputs
class Eye(layers.Layer):
    def __init__(self):
        super().__init__()
        self.body = [layers.Conv2D(f, 3, strides=2, padding="same", activation="relu") for f in (8, 16, 32)]
        self.pool = layers.GlobalAveragePooling2D()

    def call(self, image):
        x = image / 255
        for layer in self.body:
            x = layer(x)
        return self.pool(x)


class Sense(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.norm, self.dense = layers.LayerNormalization(), layers.Dense(12, activation="relu")

    def call(self, metadata):
        return self.dense(self.norm(metadata))


class Both(keras.Model):
    def __init__(self, image_shape, metadata_dim, num_classes, **kwargs):
        image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
        joined = layers.Concatenate(axis=-1)([Eye()(image), Sense(name="sense")(metadata)])
        outputs = layers.Dense(num_classes, activation="softmax")(layers.Dense(16, activation="relu")(joined))
        super().__init__([image, metadata], outputs, **kwargs)


def build_two_input(image_shape, metadata_dim, num_classes):
    return Both(image_shape, metadata_dim, num_classes, name="both")
