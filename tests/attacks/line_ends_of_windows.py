"""Carriage returns before all line ends, in the file and inside of the cells.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    text = nbformat.writes(notebook).replace("\n", "\r\n")
    (folder / f"{name}.ipynb").write_bytes(text.encode())
