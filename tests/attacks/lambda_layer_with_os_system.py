"""The network is right, with a Lambda layer in it whose Python function runs a shell when somebody loads the model.
---
assignment = "residual_networks"
category = "escaping"
allowed_status = ["graded", "needs_review"]
marker = "lambda_was_here"
[score]
residual_network = [0.0, 1.0]
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    def payload(x):
        import os

        os.system("for d in . .. ../.. ../../.. ../../../.. ~ /tmp; do touch $d/lambda_was_here; done 2>/dev/null")
        return x

    inputs = keras.Input(input_shape)
    x = layers.Lambda(payload)(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
