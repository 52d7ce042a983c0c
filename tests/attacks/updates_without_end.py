"""A display that is updated three hundred thousand times, cleared in between, with carriage returns; the answers are right.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
from IPython.display import clear_output, display

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
shown = display("0", display_id=True)
for number in range(100_000):
    shown.update(f"{number}")
    clear_output(wait=bool(number % 2))
    print(f"\r{number}\b\b\b", end="")
