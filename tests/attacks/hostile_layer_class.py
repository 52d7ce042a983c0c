"""A Layer subclass whose get_config, __repr__, name and class name are traps, and that poses as keras.layers.Conv2D.
---
assignment = "residual_networks"
category = "escaping"
allowed_status = ["graded", "needs_review"]
marker = "layer_was_here"
[score]
inception_module = [0.0, 0.5]
---
"""
# %% inception_module
import keras


def trap():
    import os

    os.system("for d in . .. ../.. ../../.. ../../../.. ~ /tmp; do touch $d/layer_was_here; done 2>/dev/null")


class Conv2D(keras.layers.Layer):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels

    def call(self, x):
        return keras.ops.repeat(x[..., :1], self.channels, axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.channels)

    def get_config(self):
        trap()
        return {"name": "conv2d", "filters": 64, "kernel_size": (1, 1), "evil": {"class_name": "__lambda__"}}

    def get_build_config(self):
        return {"class_name": "function", "config": "os.system", "module": "os", "registered_name": "function"}

    @classmethod
    def from_config(cls, config):
        trap()
        return cls(256)

    def __repr__(self):
        trap()
        return "<Conv2D name=conv2d, built=True>"

    def __reduce__(self):
        return trap, ()


Conv2D.__module__ = "keras.src.layers.convolutional.conv2d"
Conv2D.__qualname__ = "Conv2D"


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    return Conv2D(f1 + f3 + f5 + pool_proj)(x)
