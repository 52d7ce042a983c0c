"""A Layer subclass with weights and arithmetic of its own hides the structure: a person has to look.
---
assignment = "residual_networks"
allowed_status = ["needs_review"]
hint_should_mention = 'ScaledSum'
[score]
residual_block = [0.0, 0.35]
residual_network = [0.2, 0.65]
---
"""
# %% residual_block
import keras
from keras import layers


class ScaledSum(layers.Layer):
    """The weighted sum of two tensors, weights learnt."""

    def build(self, input_shape):
        self.share = self.add_weight(shape=(2,), initializer="ones", name="share")

    def call(self, inputs):
        first, second = inputs
        return self.share[0] * first + self.share[1] * second

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(ScaledSum()([y, x]))
