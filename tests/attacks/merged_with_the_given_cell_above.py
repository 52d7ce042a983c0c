"""The solution cell was merged with the given cell above it, whose marks it got; all else is right.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "stood in the given cell inception_module_drawing"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    at = names.index("inception_module")
    above = names.index("inception_module_drawing")
    notebook.cells[above].source += "\n\n" + notebook.cells[at].source
    del notebook.cells[above + 1 : at + 1]
    nbformat.write(notebook, folder / f"{name}.ipynb")
