"""Every free setting is set: He initialiser, L2 penalty, batch norm with its own momentum and epsilon, everything by keyword.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import initializers, layers, regularizers


def residual_block(x, filters, strides=1):
    def convolution(tensor, kernel_size, strides):
        return layers.Conv2D(
            filters=filters,
            kernel_size=kernel_size,
            strides=(strides, strides),
            padding="same",
            data_format="channels_last",
            kernel_initializer=initializers.HeNormal(),
            kernel_regularizer=regularizers.L2(1e-4),
            bias_initializer="zeros",
        )(tensor)

    def normalized(tensor):
        return layers.BatchNormalization(axis=-1, momentum=0.9, epsilon=1e-5, gamma_initializer="ones")(tensor)

    y = normalized(convolution(x, kernel_size=(3, 3), strides=strides))
    y = layers.ReLU(max_value=None, negative_slope=0.0)(y)
    y = normalized(convolution(y, kernel_size=(3, 3), strides=1))
    same_shape = strides == 1 and x.shape[-1] == filters
    shortcut = x if same_shape else normalized(convolution(x, kernel_size=(1, 1), strides=strides))
    return layers.ReLU()(layers.Add()([y, shortcut]))
