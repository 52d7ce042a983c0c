"""The notebook is a folder of that name, with the notebook in it.
---
assignment = "residual_networks"
category = "beside"
allowed_status = ["unreadable"]
hint_should_mention = "folder"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").mkdir()
    nbformat.write(notebook, folder / f"{name}.ipynb" / f"{name}.ipynb")
