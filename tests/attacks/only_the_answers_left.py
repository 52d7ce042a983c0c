"""All text and all given cells were deleted; the solutions alone are there.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "put back"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    nbformat.write(notebook, folder / f"{name}.ipynb")
