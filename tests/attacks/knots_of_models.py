"""Models that contain themselves, lists of tensors that contain themselves, and a layer whose layers have no end.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed", "needs_review", "timeout"]
[score]
unet = 0.0
---
"""
# %% unet
import keras
from keras import layers


class Bottomless(keras.Model):
    def _flatten_layers(self, include_self=True, recursive=True):
        while True:
            yield self

    @property
    def layers(self):
        return [self]


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if depth == 2:
        knot = [keras.Input(input_shape)]
        knot.append(knot)
        return knot
    inputs = keras.Input(input_shape)
    model = Bottomless(inputs, layers.Conv2D(num_classes, 1)(inputs))
    if depth == 4:
        model._operations.append(model)
        model._layers.append(model)
    return model
