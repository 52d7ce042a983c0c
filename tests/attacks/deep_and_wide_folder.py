"""Thirty thousand files and a folder two thousand deep in the room's own place; the answers are right.
---
assignment = "residual_networks"
category = "exhausting"
incident_should_mention = "file|folder|disk"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import os

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
here = os.open(".", os.O_RDONLY)
for _ in range(2_000):
    os.mkdir("deep", dir_fd=here)
    there = os.open("deep", os.O_RDONLY, dir_fd=here)
    os.close(here)
    here = there
os.close(here)
os.makedirs("wide")
for number in range(30_000):
    os.close(os.open(f"wide/{number}", os.O_CREAT | os.O_WRONLY))
