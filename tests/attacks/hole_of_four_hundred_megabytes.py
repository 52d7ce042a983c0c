"""A file of 400 MB that takes no space until somebody copies it.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "large|MiB|MB|size"
hint_should_mention = "large|MiB|MB"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    with (folder / "weights.h5").open("wb") as stream:
        stream.truncate(400 * 2**20)
