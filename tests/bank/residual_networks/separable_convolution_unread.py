"""One separable convolution instead of two.
---
assignment = "residual_networks"
[score]
separable_block = [0.3, 0.97]
mini_xception = [0.5, 1.0]
[misconception]
separable_block = "convolution_left_out"
---
"""
# %% separable_block
def separable_residual_block(x, filters):
    y = layers.ReLU()(layers.BatchNormalization()(x))
    z = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
