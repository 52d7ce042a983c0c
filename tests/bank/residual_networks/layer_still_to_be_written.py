"""A layer of one's own whose call is still to be written: its own error is what is found.
---
assignment = "residual_networks"
hint_should_mention = 'NotImplementedError: (?!.*settings).*the body is missing'
[score]
residual_block = 0.0
residual_network = [0.0, 0.15]
---
"""
# %% residual_block
from keras import layers


class Body(layers.Layer):
    def call(self, x):
        raise NotImplementedError("the body is missing")


def residual_block(x, filters, strides=1):
    return layers.ReLU()(layers.Add()([x, Body()(x)]))
