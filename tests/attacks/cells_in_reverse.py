"""All cells stand in the reverse of their order.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells.reverse()
    nbformat.write(notebook, folder / f"{name}.ipynb")
