"""A layer of its own class hides the Sequential; two layers of the encoder are compared, each with its twin.
---
assignment = "functional_api"
hint_should_mention = 'wrapped|compare the two embeddings once'
[score]
sequential_to_functional = [0.14, 0.15]
siamese = [0.7, 0.71]
[misconception]
sequential_to_functional = "wraps_a_sequential"
siamese = "no_pair_of_embeddings"
---
"""


# %% sequential_to_functional
class Network(layers.Layer):
    def __init__(self, shape, classes):
        super().__init__()
        self.inside = build_sequential(shape, classes)

    def call(self, x):
        return self.inside(x)


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, Network(input_shape, num_classes)(inputs))


# %% siamese
def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(layers.Rescaling(1 / 255)(pixels))
    early = layers.GlobalAveragePooling2D()(x)
    late = layers.Dense(embedding_dim)(layers.GlobalAveragePooling2D()(layers.Conv2D(32, 3, activation="relu")(x)))
    encoder = keras.Model(pixels, [early, late])
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    apart = [keras.ops.abs(a - b) for a, b in zip(encoder(left), encoder(right))]
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(layers.Concatenate()(apart)))
