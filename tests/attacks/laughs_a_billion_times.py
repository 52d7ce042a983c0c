"""Lists of ten times the same list, forty levels deep: small to keep, never ended by whoever writes them down.
---
assignment = "residual_networks"
category = "exhausting"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def doubled(levels, thing="ha"):
    for _ in range(levels):
        thing = [thing] * 10
    return thing


def output_size(*args):
    return doubled(18)


def conv_params(*args):
    return {number: doubled(4) for number in range(1_000)}


def separable_conv_params(*args):
    return tuple(map(tuple, [doubled(12)] * 1_000))
