"""The design ends in scores: the loss of the given training code takes them for probabilities.
---
assignment = "capstone"
[score]
design = [0.8, 0.9]
fair_model = 0.0
[misconception]
design = "softmax_missing"
---
"""
# %% design
def build_model(input_shape, num_classes):
    image = keras.Input(input_shape)
    x = layers.RandomFlip()(image)
    x = layers.Rescaling(1 / 127.5, -1)(x)
    x = layers.Conv2D(16, 5, strides=4, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (32, 64):
        y = layers.SeparableConv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(y) + layers.BatchNormalization()(shortcut))
    return keras.Model(image, layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))
