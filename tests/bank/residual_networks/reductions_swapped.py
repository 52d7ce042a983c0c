"""The two reductions are swapped: the right output, other widths inside.
---
assignment = "residual_networks"
[score]
inception_module = [0.5, 0.75]
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(t, f, k):
        return layers.Conv2D(f, k, padding="same", activation="relu")(t)
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return layers.Concatenate()([conv(x, f1, 1), conv(conv(x, f5_reduce, 1), f3, 3), conv(conv(x, f3_reduce, 1), f5, 5), conv(pooled, pool_proj, 1)])
