"""A later cell counts on a file and a patched class that are there only once a given look has called the block.
---
assignment = "residual_networks"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    with open("block_calls.txt", "a") as log:
        log.write(f"{filters} {strides}\n")
    keras.layers.Layer.block_was_called = True
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return layers.ReLU()(layers.Add()([y, shortcut]))


# %% separable_block
print("calls so far:", len(open("block_calls.txt").readlines()), keras.layers.Layer.block_was_called)


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([layers.Conv2D(filters, 1, strides=2, use_bias=False)(x), y])
