"""Fifty children take a hundred megabytes each, so that none of them is large.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "out_of_memory", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os
import time

children = []
for _ in range(50):
    if (child := os.fork()) == 0:
        taken = bytearray(b"x" * (100 * 2**20))
        time.sleep(3000)
        os._exit(0)
    children.append(child)
time.sleep(8)
alive = all(os.waitpid(child, os.WNOHANG) == (0, 0) for child in children)


def output_size(size, kernel, stride, padding):
    right = -(-size // stride) if padding == "same" else (size - kernel) // stride + 1
    return right if alive else -1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out if alive else -1


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out if alive else -1
