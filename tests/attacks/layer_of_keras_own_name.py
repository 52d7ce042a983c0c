"""A layer registered under Keras' own package and name: its configuration is a right convolution's, its work is none.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "needs_review"]
[score]
separable_block = [0.0, 0.25]  # it halves the size and has as many channels as asked for
mini_xception = [0.0, 1.0]
---
"""
# %% separable_block
import keras
from keras import layers


@keras.saving.register_keras_serializable(package="keras.layers", name="SeparableConv2D")
class SeparableConv2D(layers.Layer):
    def __init__(self, filters=1, kernel_size=(3, 3), strides=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides

    def call(self, x):
        return keras.ops.repeat(x[..., :1], self.filters, axis=-1)[:, ::2, ::2]

    def get_config(self):
        return {**layers.SeparableConv2D(self.filters, 3).get_config(), "name": self.name}


keras.saving.get_custom_objects()["Add"] = SeparableConv2D
keras.saving.get_custom_objects()["keras>Add"] = SeparableConv2D


def separable_residual_block(x, filters):
    return SeparableConv2D(filters)(x)
