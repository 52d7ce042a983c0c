"""The shortcut is added, and then once more to the sum.
---
assignment = "residual_networks"
hint_should_mention = 'second one adds once more'
[score]
residual_block = [0.7, 0.71]
residual_network = [0.5, 0.9]
[misconception]
residual_block = "shortcut_added_twice"
residual_network = "shortcut_added_twice"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    if strides != 1 or x.shape[-1] != filters:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
    y = layers.Add()([y, x])
    y = layers.Add()([y, x])
    return layers.ReLU()(y)
