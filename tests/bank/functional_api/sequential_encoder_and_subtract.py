"""A Sequential as encoder, layers.Subtract, the absolute value by two ReLUs, sigmoid written out.
---
assignment = "functional_api"
---
"""


# %% siamese
def build_siamese(image_shape, embedding_dim):
    encoder = keras.Sequential()
    encoder.add(keras.Input(image_shape))
    encoder.add(layers.Rescaling(1 / 255))
    encoder.add(layers.SeparableConv2D(24, 5, strides=4, activation="relu"))
    encoder.add(layers.GlobalMaxPool2D())
    encoder.add(layers.Dense(embedding_dim))
    sides = [keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")]
    there = layers.Subtract()([encoder(side) for side in sides])
    apart = layers.Add()([layers.ReLU()(there), layers.ReLU()(-there)])
    score = layers.Dense(1, name="score")(layers.Dropout(0.2)(apart))
    return keras.Model(sides, 1 / (1 + keras.ops.exp(-score)))
