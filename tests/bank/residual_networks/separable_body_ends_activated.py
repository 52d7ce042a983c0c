"""The body is activated once more before its pooling: the sum gets nothing negative from it.
---
assignment = "residual_networks"
[score]
separable_block = [0.3,0.97]
mini_xception = 1.0
[misconception]
separable_block = "activation_after_convolution"
---
"""
# %% separable_block
def separable_residual_block(x, filters):
    y = x
    BN, R, S = layers.BatchNormalization, layers.ReLU, lambda: layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)
    for layer in (BN(), R(), S(), BN(), R(), S(), R()):
        y = layer(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
