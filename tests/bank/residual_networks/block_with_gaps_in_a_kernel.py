"""The second convolution is dilated: the right shapes and parameters, another block.
---
assignment = "residual_networks"
hint_should_mention = '«conv2d_1» with dilation_rate='
[score]
residual_block = [0.7, 0.9]
residual_network = 1.0
[misconception]
residual_block = "convolution_unusual"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False, dilation_rate=2)(y))
    if strides != 1 or x.shape[-1] != filters:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([y, x]))
