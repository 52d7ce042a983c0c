"""Both short answers stand in one cell, that of the first; the cell of the second was deleted.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "stands in another cell of yours"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    first, second = names.index("separable_block"), names.index("inception_module")
    notebook.cells[first].source += "\n\n\n" + notebook.cells[second].source
    del notebook.cells[second]
    nbformat.write(notebook, folder / f"{name}.ipynb")
