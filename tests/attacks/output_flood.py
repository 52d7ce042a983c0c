"""Output without measure: 300 MB of text on both streams, then 20,000 displays; the answers below are right.
---
assignment = "residual_networks"
category = "exhausting"
incident_should_mention = "printed"
allowed_status = ["graded", "timeout", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import math
import sys

from IPython.display import HTML, display

for _ in range(150):
    print("x" * 1_000_000)
    sys.stderr.write("y" * 1_000_000)
for number in range(20_000):
    display(HTML(f"<b>{number}</b>"))


def output_size(size, kernel, stride, padding):
    return math.ceil(size / stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
