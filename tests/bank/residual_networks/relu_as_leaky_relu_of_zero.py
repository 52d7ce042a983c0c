"""LeakyReLU with a slope of zero is ReLU.
---
assignment = "residual_networks"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    """Two 3×3 convolutions and a shortcut around them; halves the grid with strides=2."""
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.LeakyReLU(negative_slope=0.0)(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.LeakyReLU(negative_slope=0.0)(layers.Add()([y, x]))
# %% separable_block
def separable_residual_block(x, filters):
    """Two pre-activated separable convolutions and a pooling, with a strided shortcut around them."""
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.LeakyReLU(negative_slope=0.0)(y)
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
    return layers.Add()([y, shortcut])
