"""The separable convolutions keep their bias, though the next norm has one.
---
assignment = "residual_networks"
hint_should_mention = 'bias'
[score]
separable_block = [0.75, 0.95]
mini_xception = [0.75, 1.0]
[misconception]
separable_block = "bias_before_batch_norm"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.SeparableConv2D(filters, 3, padding="same")(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
