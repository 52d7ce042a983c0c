"""Arrays that take no memory until somebody copies them, with a trillion elements, four hundred dimensions' worth, or none.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "out_of_memory", "crashed", "timeout"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import numpy as np
from numpy.lib.stride_tricks import as_strided


def output_size(size, *args):
    return np.broadcast_to(np.int64(-1), (10**12,))


def conv_params(*args):
    return as_strided(np.ones(1, dtype="float64"), shape=(2,) * 32, strides=(0,) * 32)


def separable_conv_params(*args):
    return np.zeros((0, 2**62), dtype="int8"), np.zeros((10**6, 0)), np.empty((2**40, 0, 2**20))
