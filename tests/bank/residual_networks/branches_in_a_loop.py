"""The four branches come out of a table and a loop, and each layer has a name.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import itertools

from keras import layers

modules = itertools.count(1)


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    prefix = f"inception{next(modules)}"
    recipe = {
        "pool": (("pool", 3), (pool_proj, 1)),
        "five": ((f5_reduce, 1), (f5, 5)),
        "three": ((f3_reduce, 1), (f3, 3)),
        "one": ((f1, 1),),
    }
    ends = []
    for branch, steps in recipe.items():
        y = x
        for number, (filters, kernel) in enumerate(steps):
            name = f"{prefix}_{branch}_{number}"
            if filters == "pool":
                y = layers.MaxPooling2D(kernel, strides=1, padding="same", name=name)(y)
            else:
                y = layers.Conv2D(filters, kernel, padding="same", activation="relu", name=name)(y)
        ends.append(y)
    return layers.Concatenate(axis=-1, name=f"{prefix}_concat")(ends)
