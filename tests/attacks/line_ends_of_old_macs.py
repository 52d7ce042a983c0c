"""Carriage returns alone end the lines of the cells.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r")
    nbformat.write(notebook, folder / f"{name}.ipynb")
