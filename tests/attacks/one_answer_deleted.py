"""One solution cell was deleted by accident.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "inception_module: your cell was missing"
[score]
inception_module = 0.0
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "inception_module"]
    nbformat.write(notebook, folder / f"{name}.ipynb")
