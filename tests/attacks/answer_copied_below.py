"""The stub was left as it is, and the answer written into a copy of its cell below.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    release = nbformat.read(folder.parents[2] / "release" / name / f"{name}.ipynb", as_version=4)
    stubs = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in release.cells}
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "inception_module":
            answer = copy.deepcopy(cell)
            answer.id = "copied-below"
            cell.source = stubs["inception_module"]
            notebook.cells.insert(number + 1, answer)
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
