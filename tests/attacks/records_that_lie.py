"""The layers' own accounts of how they were built, called and configured are written by the student.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "needs_review"]
[score]
unet = [0.0, 0.3]
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(num_classes, 1)(inputs)
    model = keras.Model(inputs, x)
    for layer in model.layers:
        layer.get_build_config = lambda: {"input_shape": (None, 64, 64, 48)}
        layer.compute_output_shape = lambda shape: (None, *input_shape[:2], num_classes)
        layer._build_shapes_dict = {"input_shape": (None, 64, 64, 48)}
        layer.count_params = lambda: 1_000_000
    skip = {"class_name": "Concatenate", "config": {"name": "skip", "axis": -1}, "module": "keras.layers", "registered_name": None}
    honest = model.get_config

    def get_config():
        config = honest()
        config["skips"] = [skip] * depth
        config["layers"] = [*config["layers"], *({**skip, "name": f"skip_{n}", "inbound_nodes": []} for n in range(depth))]
        config["live"] = {"parameters": 500_000}
        return config

    model.get_config = get_config
    return model
