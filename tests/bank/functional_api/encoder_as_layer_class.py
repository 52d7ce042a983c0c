"""The encoder is a layer class, the distance a Lambda; embeddings of unit length; inputs in a dictionary.
---
assignment = "functional_api"
---
"""


# %% siamese
class Encoder(layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.convolutions = [layers.Conv2D(f, 3, strides=2, padding="same", activation="relu") for f in (12, 24)]
        self.pool, self.last = layers.GlobalAveragePooling2D(), layers.Dense(size)

    def call(self, x):
        x = x / 255
        for layer in self.convolutions:
            x = layer(x)
        return self.last(self.pool(x))


def build_siamese(image_shape, embedding_dim):
    given = {side: keras.Input(image_shape) for side in ("left", "right")}
    encoder, unit = Encoder(embedding_dim), layers.UnitNormalization()
    embeddings = [unit(encoder(given[side])) for side in ("left", "right")]
    far = layers.Lambda(lambda pair: keras.ops.abs(pair[0] - pair[1]))(embeddings)
    return keras.Model(given, layers.Dense(1, activation="sigmoid")(far))
