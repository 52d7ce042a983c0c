"""Nobody may read the notebook, not even its owner.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / f"{name}.ipynb").chmod(0)
