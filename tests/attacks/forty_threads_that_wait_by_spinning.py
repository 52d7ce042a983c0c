"""Forty threads wait by asking the clock; all else is right, and slow.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout", "needs_review"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import threading
import time


def wait():
    while time.time() < 1e12:
        pass


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out


for _ in range(40):
    threading.Thread(target=wait, daemon=True).start()
