"""Waiting without a function around it, as notebooks allow; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
import asyncio

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out


await asyncio.sleep(0.01)
async with asyncio.timeout(5):
    await asyncio.sleep(0)
