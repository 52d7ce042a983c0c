"""UpSampling2D and a 2×2 convolution instead of a transposed one; the decoder comes first in the concatenation.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def conv_bn_relu(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x)


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    height, width, _ = input_shape
    if height % 2**depth or width % 2**depth:
        raise ValueError("Image size %d x %d is not a multiple of %d" % (height, width, 2**depth))
    inputs = keras.Input(input_shape)
    x = inputs
    saved = []
    for step in range(depth):
        x = conv_bn_relu(conv_bn_relu(x, base_filters * 2**step), base_filters * 2**step)
        saved.append(x)
        x = layers.MaxPooling2D((2, 2))(x)
    x = conv_bn_relu(conv_bn_relu(x, base_filters * 2**depth), base_filters * 2**depth)
    while saved:
        partner = saved.pop()
        x = layers.UpSampling2D((2, 2), interpolation="bilinear")(x)
        x = layers.Conv2D(partner.shape[-1], 2, padding="same", activation="relu")(x)
        x = keras.ops.concatenate([x, partner], axis=-1)
        x = conv_bn_relu(conv_bn_relu(x, partner.shape[-1]), partner.shape[-1])
    if num_classes == 1:
        outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    else:
        outputs = layers.Conv2D(num_classes, 1, activation="softmax")(x)
    return keras.Model(inputs, outputs)
