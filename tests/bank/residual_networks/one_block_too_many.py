"""One block too many in each stage.
---
assignment = "residual_networks"
hint_should_mention = '3 of 64×64'
[score]
residual_network = [0.2, 0.8]
---
"""
# %% residual_network
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage + 1):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation='softmax')(x))
