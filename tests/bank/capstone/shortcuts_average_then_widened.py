"""Where the grid is halved, the shortcut is pooled first and widened after: an average, then a 1×1 convolution.
---
assignment = "capstone"
---
"""
# %% design
def build_model(input_shape, num_classes):
    def block(x, filters):
        y = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
        y = layers.Conv2D(filters, 3, padding="same")(y)
        return layers.ReLU()(layers.Add()([layers.Conv2D(filters, 1)(layers.AveragePooling2D(2)(x)), y]))

    inputs = keras.Input(input_shape)
    x = layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(inputs))
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(layers.Rescaling(1 / 255)(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (32, 48, 64):
        x = block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
