"""Every level has 16 filters: `base_filters` is never read and nothing doubles on the way down.
---
assignment = "residual_networks"
hint_should_mention = "filters|double|width|base_filters"
[score]
unet = [0.3, 0.97]
[misconception]
unet = "unet_filters_do_not_double"
---
"""
# %% unet
def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if input_shape[0] % 2**depth or input_shape[1] % 2**depth:
        raise ValueError(f"{input_shape[0]}x{input_shape[1]} can't be halved {depth} times")

    def conv(x):
        return layers.Conv2D(16, 3, padding="same", activation="relu")(x)

    inputs = keras.Input(input_shape)
    x, saved = layers.Rescaling(1 / 255)(inputs), []
    for _ in range(depth):
        x = conv(x)
        saved.append(x)
        x = layers.MaxPooling2D()(x)
    x = conv(x)
    while saved:
        x = layers.Concatenate()([layers.UpSampling2D()(x), saved.pop()])
        x = conv(x)
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation="sigmoid" if num_classes == 1 else "softmax")(x))
