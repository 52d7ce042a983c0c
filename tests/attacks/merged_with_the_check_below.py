"""The solution cell was deleted after its text had been pasted into the check cell, above the check; all else is right.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "stood in the given cell conv_arithmetic_check"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    at, check = names.index("conv_arithmetic"), names.index("conv_arithmetic_check")
    notebook.cells[check].source = notebook.cells[at].source + "\n\n" + notebook.cells[check].source
    del notebook.cells[at]
    nbformat.write(notebook, folder / f"{name}.ipynb")
