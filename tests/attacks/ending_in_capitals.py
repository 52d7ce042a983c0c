"""The name of the notebook ends in capitals.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["missing", "unreadable", "graded"]
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.IPYNB")
