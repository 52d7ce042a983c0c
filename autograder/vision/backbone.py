"""The pretrained backbone "minivgg": VGG-style blocks
(Simonyan & Zisserman 2014) with batch normalisation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import real

WIDTHS = (16, 32, 64, 96)  # channels of the blocks
# float32 arrays by layer name and position, see BACKBONE.md
WEIGHTS = Path(__file__).parent / "minivgg.npz"


def backbone() -> Any:
    """A functional `keras.Model`: raw pixels (n, 64, 64, 3) to features (n, 4, 4, 96),
    trained on "pretrain" scenes.

    Each call gives a model of its own. It rescales the pixels itself; its layers are
    block{1..4}_conv{1,2}, each followed by batch normalisation and ReLU, and a pooling after each
    block. Where the course has prepared VGG16 with the weights of ImageNet, it comes instead, with
    features (n, 2, 2, 512).
    """
    import numpy as np

    other = real.find("vgg16.npz")
    model = build_vgg16() if other else build()
    with np.load(other or WEIGHTS, allow_pickle=False) as arrays:
        for layer in model.layers:
            layer.set_weights([arrays[f"{layer.name}:{i}"] for i in range(len(layer.weights))])
    return model


def build() -> Any:
    """The architecture of "minivgg" with fresh weights."""
    import keras
    from keras import layers

    images = keras.Input((64, 64, 3), name="images")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(images)
    for block, width in enumerate(WIDTHS, 1):
        for conv in (1, 2):
            x = layers.Conv2D(
                width, 3, padding="same", use_bias=False, name=f"block{block}_conv{conv}"
            )(x)
            x = layers.BatchNormalization(name=f"block{block}_bn{conv}")(x)
            x = layers.ReLU(name=f"block{block}_relu{conv}")(x)
        x = layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return keras.Model(images, x, name="minivgg")


def build_vgg16() -> Any:
    """VGG16 with fresh weights on raw pixels: it subtracts the mean colour of ImageNet itself.

    Its weights must read red, green, blue: in the original file the kernel of block1_conv1 reads
    blue first.
    """
    import keras

    images = keras.Input((64, 64, 3), name="images")
    mean, variance = [123.68, 116.779, 103.939], [1.0, 1.0, 1.0]
    x = keras.layers.Normalization(mean=mean, variance=variance, name="mean_colour")(images)
    return keras.applications.VGG16(weights=None, include_top=False, input_tensor=x)
