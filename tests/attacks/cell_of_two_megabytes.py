"""One added cell holds a picture as text, two megabytes of it.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "characters"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells.append(nbformat.v4.new_code_cell("picture = '" + "A" * (2 * 2**20) + "'", id="picture"))
    nbformat.write(notebook, folder / f"{name}.ipynb")
