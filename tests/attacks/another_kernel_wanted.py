"""The notebook asks for a kernel of its own, in another language, and brings a specification that would start it.
---
assignment = "residual_networks"
category = "forging"
marker = "kernel_was_here"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "Evil", "language": "bash", "path": "../../../evil"}
    notebook.metadata["language_info"] = {"name": "bash", "codemirror_mode": "shell", "mimetype": "text/x-sh", "file_extension": ".sh"}
    argv = ["sh", "-c", "touch ../../../kernel_was_here kernel_was_here"]
    for place in ("kernels/evil", "share/jupyter/kernels/python3", ".local/share/jupyter/kernels/python3"):
        (folder / place).mkdir(parents=True)
        spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
        (folder / place / "kernel.json").write_text(json.dumps(spec))
    nbformat.write(notebook, folder / f"{name}.ipynb")
