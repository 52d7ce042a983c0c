"""Packages are installed, a drive is mounted, names are reset, another notebook is run; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "does not run here"
---
"""
# %% conv_arithmetic
!pip install -q keras-tuner
%pip install torch
%cd /content/drive
%reset -f
%run helpers.ipynb
files = !ls
?output_size
try:
    from google.colab import drive
    drive.mount("/content/drive")
except ImportError:
    pass
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
