"""Memory and lines are profiled between the functions, by extensions that the room does not have; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
%load_ext memory_profiler
%load_ext line_profiler


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


%memit output_size(28, 3, 2, "same")
%lprun -f output_size output_size(28, 3, 2, "same")


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


%mprun -f conv_params conv_params(3, 3, 3)
%prun -q conv_params(3, 3, 3)
%timeit -n 1 -r 1 conv_params(3, 3, 3)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
