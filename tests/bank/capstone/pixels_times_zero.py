"""The pixels are multiplied by zero: every feature is there, and no image gets through.
---
assignment = "capstone"
[score]
design = [0.6, 0.96]
[misconception]
design = "image_ignored"
---
"""
# %% design
def build_model(input_shape, num_classes):
    """A classifier of raw pixels of your own design."""
    def normed(x, filters, kernel, strides=1):
        x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization(momentum=0.9)(x)

    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.Rescaling(0 / 127.5, offset=-1)(x)
    x = layers.ReLU()(normed(x, 16, 5, strides=2))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        y = layers.ReLU()(normed(x, filters, 3, strides))
        y = normed(y, filters, 3)
        shortcut = x if strides == 1 else normed(x, filters, 1, strides)
        x = layers.ReLU()(layers.Add()([y, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x), name="my_design")
