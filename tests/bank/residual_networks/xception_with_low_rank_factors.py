"""A right network whose classifier has LoRA's factors: how many parameters it has is not known, so the cap waits.
---
assignment = "residual_networks"
allowed_status = ["needs_review"]
[score]
mini_xception = [0.9, 0.95]
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    for filters in (16, 32, 48, 64):
        shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
        for _ in range(2):
            x = layers.ReLU()(layers.BatchNormalization()(x))
            x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = layers.Add()([shortcut, x])
    x = layers.GlobalAveragePooling2D()(x)
    classifier = layers.Dense(num_classes, activation="softmax")
    outputs = classifier(layers.Dropout(0.4)(x))
    classifier.enable_lora(2)
    return keras.Model(inputs, outputs)
