"""In the third branch the reduction is itself a 5×5 convolution: right shapes and channels, 25 times the weights there.
---
assignment = "residual_networks"
hint_should_mention = '1\s*[×x]\s*1'
[score]
inception_module = [0.4, 0.85]
[misconception]
inception_module = "reduction_too_large"
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(filters, size):
        return layers.Conv2D(filters, size, padding="same", activation="relu")

    paths = [
        conv(f1, 1)(x),
        conv(f3, 3)(conv(f3_reduce, 1)(x)),
        conv(f5, 5)(conv(f5_reduce, 5)(x)),
        conv(pool_proj, 1)(layers.MaxPool2D((3, 3), strides=(1, 1), padding="same")(x)),
    ]
    return layers.concatenate(paths)
