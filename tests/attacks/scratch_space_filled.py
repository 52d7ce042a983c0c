"""Fills /tmp and /dev/shm to the last byte and the last name, and keeps a deleted file open.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "out_of_memory", "crashed"]
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
block, kept = bytes(2**20), []
for place in ("/tmp", "/dev/shm"):
    stream = open(f"{place}/filler", "wb", buffering=0)
    kept.append(stream)
    try:
        for _ in range(480):
            stream.write(block)
    except OSError as error:
        print(place, error)
    os.unlink(f"{place}/filler")
    try:
        for number in range(30_000):
            os.close(os.open(f"{place}/{number}", os.O_CREAT | os.O_WRONLY))
    except OSError as error:
        print(place, error)
