"""One solution sends its output to a text of its own, which it closes; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["graded"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import io
import sys

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
sys.stdout = sys.stderr = io.StringIO()
sys.stdout.close()
