"""The second convolution is made and its output never read.
---
assignment = "residual_networks"
hint_should_mention = 'addition read what the second gives'
[score]
residual_block = [0.3, 0.8]
residual_network = [0.5, 0.9]
[misconception]
residual_block = "convolution_left_out"
residual_network = "convolution_left_out"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    z = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    z = layers.BatchNormalization()(z)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([y, x]))
