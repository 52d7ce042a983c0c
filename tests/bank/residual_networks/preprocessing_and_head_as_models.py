"""Stem and head are Sequential models; the stages are folded together with functools.reduce.
---
assignment = "residual_networks"
---
"""
# %% residual_network
from functools import reduce

import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    stem = keras.Sequential(
        [
            layers.Rescaling(1 / 255),
            layers.Conv2D(filters[0], 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
        ],
        name="stem",
    )
    head = keras.Sequential(
        [layers.GlobalAveragePooling2D(), layers.Dense(num_classes, activation="softmax")], name="head"
    )
    plan = [
        (width, 2 if stage > 0 and block == 0 else 1)
        for stage, width in enumerate(filters)
        for block in range(blocks_per_stage)
    ]
    inputs = keras.Input(input_shape)
    features = reduce(lambda x, step: residual_block(x, *step), plan, stem(inputs))
    return keras.Model(inputs, head(features))
