"""Blanks copied from a web page are no blanks, so that Python does not know the line.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "U\\+00A0|non-printable|SyntaxError"
[score]
inception_module = 0.0
---
"""
# %% inception_module
def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    return layers.Conv2D(f1,\u00a01)(x)
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\\u00a0", "\u00a0")
    nbformat.write(notebook, folder / f"{name}.ipynb")
