"""The stride is read off the change of width, so a stage as wide as the one before keeps the resolution.
---
assignment = "residual_networks"
[score]
residual_network = [0.8,0.9]
[misconception]
residual_network = "stages_keep_the_resolution"
---
"""
# %% residual_network
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for width in filters:
        for _ in range(blocks_per_stage):
            x = residual_block(x, width, strides=1 if x.shape[-1] == width else 2)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
