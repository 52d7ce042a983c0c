"""One file of 600 MiB and twenty thousand small ones; the functions are right only if all could be written.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os

os.makedirs("heap", exist_ok=True)
for number in range(20_000):
    open(f"heap/{number}", "w").close()
with open("heap/large", "wb") as stream:
    for _ in range(600):
        stream.write(bytes(2**20))


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
