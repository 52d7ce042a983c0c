"""The input takes three channels whatever is asked for.
---
assignment = "residual_networks"
[score]
unet = [0.7, 0.97]
[misconception]
unet = "input_shape_ignored"
---
"""
# %% unet
def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if any(side % 2**depth for side in input_shape[:2]):
        raise ValueError(f"must be divisible by {2**depth}, got {input_shape[:2]}")
    def two(x, f):
        for _ in range(2):
            x = layers.Conv2D(f, 3, padding="same", activation="relu")(x)
        return x
    inputs = keras.Input((*input_shape[:2], 3))
    x = layers.Rescaling(1 / 255)(inputs)
    skips = []
    for level in range(depth):
        x = two(x, base_filters * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = two(x, base_filters * 2**depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = two(layers.Concatenate()([skips.pop(), x]), base_filters * 2**level)
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation="sigmoid" if num_classes == 1 else "softmax")(x))
