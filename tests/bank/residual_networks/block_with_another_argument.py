"""The block calls its third argument `stride`: whoever passes `strides` stops with a TypeError.
---
assignment = "residual_networks"
hint_should_mention = 'strides'
[score]
residual_block = [0.29, 0.3]
residual_network = [0.0, 0.15]
train_classifier = 0.0
---
"""
# %% residual_block
def residual_block(x, filters, stride=1):
    y = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    if stride != 1 or x.shape[-1] != filters:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([y, x]))
