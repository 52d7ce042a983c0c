"""The backbone up to its third block, frozen layer by layer and flat in the model, under a residual block with batch norms.
---
assignment = "capstone"
---
"""
# %% design
import keras
import labkit
from keras import layers


def build_model(input_shape, num_classes):
    base = labkit.backbone()
    for layer in base.layers:
        layer.trainable = False
    x = base.get_layer("block3_pool").output
    y = layers.Conv2D(64, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(64, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    x = layers.Activation("relu")(y + x)
    x = keras.ops.mean(x, axis=(1, 2))
    return keras.Model(base.input, layers.Dense(num_classes, "softmax")(x))
