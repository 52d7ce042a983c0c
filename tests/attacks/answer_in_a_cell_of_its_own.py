"""The solution cell holds nothing; the answer stands in a new cell below the check.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    own = notebook.cells[names.index("inception_module")]
    notebook.cells.insert(names.index("inception_module_check") + 1, nbformat.v4.new_code_cell(own.source, id="of-my-own"))
    own.source = ""
    nbformat.write(notebook, folder / f"{name}.ipynb")
