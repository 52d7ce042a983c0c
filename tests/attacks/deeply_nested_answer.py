"""The answers are lists in lists, a hundred thousand deep, and a list that contains itself.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    nest = []
    for _ in range(100_000):
        nest = [nest]
    return nest


def conv_params(kernel, c_in, c_out, bias=True):
    loop = []
    loop.append(loop)
    return loop


def separable_conv_params(kernel, c_in, c_out, bias=True):
    knot = {}
    knot["size"] = knot
    return knot
