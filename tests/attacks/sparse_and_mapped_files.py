"""Files that claim terabytes: holes, reserved space, mappings, and one that grows through a signal it ignores.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import mmap
import os
import signal

def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
for number, size in enumerate((1 << 43, 1 << 40, 1 << 34, 1 << 28)):
    for place in (".", "/tmp"):
        try:
            with open(f"{place}/hole{number}", "wb") as stream:
                stream.truncate(size)
                os.posix_fallocate(stream.fileno(), 0, size)
        except OSError as error:
            print(place, size, error)
maps = []
for size in (1 << 45, 1 << 40, 1 << 35):
    try:
        maps.append(mmap.mmap(-1, size))
    except (OSError, OverflowError, ValueError) as error:
        print(size, error)
