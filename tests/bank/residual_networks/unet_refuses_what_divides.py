"""Sizes must be divisible by 8, whatever the depth: 20 by 28 can be halved twice and is refused.
---
assignment = "residual_networks"
hint_should_mention = 'follow `depth`'
[score]
unet = [0.4, 0.9]
[misconception]
unet = "unet_refuses_what_fits"
---
"""
# %% unet
def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    """An encoder and a decoder with a skip on each of `depth` levels, and a prediction for each pixel."""
    if any(side is not None and side % 8 for side in input_shape[:2]):
        raise ValueError(f"height and width must be divisible by {2**depth}, got {input_shape[:2]}")

    def two_convolutions(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
        return x

    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    skips = []
    for level in range(depth):
        x = two_convolutions(x, base_filters * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = two_convolutions(x, base_filters * 2**depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = layers.Concatenate()([skips.pop(), x])
        x = two_convolutions(x, base_filters * 2**level)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
