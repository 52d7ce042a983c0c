"""The time of handing in is a folder with the notebook of that name in it.
---
assignment = "residual_networks"
category = "beside"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").mkdir()
    nbformat.write(notebook, folder / "timestamp.txt" / f"{name}.ipynb")
