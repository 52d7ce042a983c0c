"""The sum is activated, as in the residual block.
---
assignment = "residual_networks"
[score]
separable_block = [0.8, 0.97]
mini_xception = [0.5, 1.0]
[misconception]
separable_block = "relu_after_the_sum"
---
"""
# %% separable_block
def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.ReLU()(layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)]))
