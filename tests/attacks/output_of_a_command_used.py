"""What a shell command printed is used, as Colab's own cell about the GPU does it; the answers below are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
gpu_info = !nvidia-smi
gpu_info = "\n".join(gpu_info)
print("no GPU" if gpu_info.find("failed") >= 0 else gpu_info)
files = !ls -la
for line in files[1:]:
    print(line)


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
