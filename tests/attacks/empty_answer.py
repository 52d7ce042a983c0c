"""One solution cell is empty.
---
assignment = "residual_networks"
category = "malformed"
[score]
inception_module = 0.0
---
"""
# %% inception_module

# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
