"""Pooled pixels and a dense layer: no convolution, no block.
---
assignment = "residual_networks"
[score]
mini_xception = [0.0, 0.3]
residual_network = [0.0, 0.3]
[misconception]
mini_xception = "dropout_missing"
residual_network = "no_residual_connection"
---
"""
# %% mini_xception
def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.GlobalAveragePooling2D()(inputs)))
# %% residual_network
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.GlobalAveragePooling2D()(inputs)))
