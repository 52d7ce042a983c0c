"""The encoder is a network of keras.applications with resizing before and a dense layer after it.
---
assignment = "functional_api"
---
"""


# %% siamese
def build_siamese(image_shape, embedding_dim):
    pixels = keras.Input(image_shape)
    small = layers.Conv2D(3, 1)(layers.Resizing(32, 32)(pixels))
    body = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None, pooling="avg")
    encoder = keras.Model(pixels, layers.Dense(embedding_dim)(body(small)))
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    apart = abs(layers.Subtract()([encoder(left), encoder(right)]))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(apart))
