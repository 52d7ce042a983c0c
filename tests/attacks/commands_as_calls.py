"""Packages are installed by calls of Python's and of IPython's, as notebooks saved as Python have them; the answers below are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
import subprocess
import sys

subprocess.run([sys.executable, "-m", "pip", "install", "-q", "keras-tuner"])
# %% conv_arithmetic
import os
import subprocess
import sys

os.system("pip install -q numpy")
get_ipython().system("pip install -q matplotlib")
get_ipython().system_raw("nohup tensorboard --logdir logs &")
get_ipython().run_line_magic("pip", "install -q torch")
gpu_info = "\n".join(get_ipython().getoutput("nvidia-smi"))
print("no GPU" if gpu_info.find("failed") >= 0 else gpu_info)
subprocess.call([sys.executable, "-m", "pip", "install", "-q", "numpy"])


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
