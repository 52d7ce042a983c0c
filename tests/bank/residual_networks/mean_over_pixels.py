"""Global average pooling as keras.ops.mean over both axes, softmax as a layer, rescaling as a division.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    pixels = keras.Input(shape=input_shape)
    x = pixels / 255.0
    x = keras.layers.Conv2D(filters[0], 3, padding="same")(x)
    x = keras.ops.relu(keras.layers.BatchNormalization()(x))
    widths = [width for width in filters for _ in range(blocks_per_stage)]
    starts = {stage * blocks_per_stage for stage in range(1, len(filters))}
    for number, width in enumerate(widths):
        x = residual_block(x, width, 2 if number in starts else 1)
    x = keras.ops.mean(x, axis=[1, 2])
    logits = keras.layers.Dense(num_classes)(x)
    return keras.Model(inputs=pixels, outputs=keras.layers.Softmax()(logits))
