"""Standard output and error are closed, replaced by nothing or by a file that is closed; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
import logging
import sys

logging.basicConfig(filename="log.txt", level=0, force=True)
sys.stdout = sys.stderr = None
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
