"""The ReLU is fused into the first convolution, so the norm comes after the activation.
---
assignment = "residual_networks"
hint_should_mention = 'bn before the relu in «conv2d»'
[score]
residual_block = [0.65, 0.9]
residual_network = [0.85, 1.0]
[misconception]
residual_block = "batch_norm_after_activation"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    y = layers.BatchNormalization()(y)
    y = layers.Conv2D(filters, 3, padding="same")(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides)(x)
    return layers.ReLU()(layers.Add()([y, x]))
