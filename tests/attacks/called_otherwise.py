"""The browser gave the notebook another name.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["graded"]
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name} (1).ipynb")
