"""Takes six gigabytes and touches each page; the functions are right only if it gets them.
---
assignment = "residual_networks"
category = "exhausting"
incident_should_mention = "memory"
allowed_status = ["graded", "out_of_memory", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
hoard = []
for _ in range(24):
    piece = bytearray(256 * 2**20)
    piece[::4096] = b"x" * (len(piece) // 4096)
    hoard.append(piece)
del hoard


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
