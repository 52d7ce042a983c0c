"""A layer whose configuration is a hundred megabytes of text and a list in a list, ten thousand deep, and another each time.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "needs_review", "crashed", "timeout", "out_of_memory"]
[score]
inception_module = 0.0
---
"""
# %% inception_module
import itertools

import keras
from keras import layers

count = itertools.count()


class Endless(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.add_weight(shape=(1,))

    def call(self, x):
        return x * self.weight

    def get_config(self):
        deep = []
        for _ in range(10_000):
            deep = [deep]
        return {"name": f"endless_{next(count)}", "text": "x" * 100_000_000, "deep": deep, "itself": self}


def inception_module(x, *widths):
    return Endless()(x)
