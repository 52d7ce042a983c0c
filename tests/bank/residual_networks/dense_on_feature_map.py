"""No pooling and no Flatten: the classifier answers once for each pixel of the last feature map.
---
assignment = "residual_networks"
[score]
residual_network = [0.65, 0.9]
[misconception]
residual_network = "dense_on_feature_map"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
