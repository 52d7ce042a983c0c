"""Thirty thousand variables, and two thousand functions that each use all the ones before, in an honest solution.
---
assignment = "residual_networks"
category = "exhausting"
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
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv_arithmetic":
            cell.source += "\n" + "\n".join(f"a{n} = {n}" for n in range(30_000))
            cell.source += "\n" + "\n".join(f"def f{n}(): return f{n - 1}() + a{n} + f{n // 2}()" for n in range(1, 2_001))
    nbformat.write(notebook, folder / f"{name}.ipynb")
