"""The fourth branch pools, but its 1×1 convolution reads the module's input: what was pooled is read by nobody.
---
assignment = "residual_networks"
hint_should_mention = 'pool'
[score]
inception_module = [0.4, 0.85]
[misconception]
inception_module = "pooling_left_out"
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    one = layers.Conv2D(f1, 1, activation="relu")(x)

    three = layers.Conv2D(f3_reduce, 1, activation="relu")(x)
    three = layers.Conv2D(f3, 3, padding="same", activation="relu")(three)

    five = layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    five = layers.Conv2D(f5, 5, padding="same", activation="relu")(five)

    pool = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    pool = layers.Conv2D(pool_proj, 1, activation="relu")(x)

    return layers.Concatenate(axis=-1)([one, three, five, pool])
