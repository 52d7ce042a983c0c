"""A callback that was put into the kernel's own event loop sleeps, some seconds later, while another task is worked on.
---
assignment = "residual_networks"
category = "surviving"
allowed_status = ["graded", "timeout", "needs_review", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import asyncio
import time

asyncio.get_event_loop().call_later(1.5, time.sleep, 3600)


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
