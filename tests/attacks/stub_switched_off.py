"""The untouched stub was made a raw cell, so that it does not run; the answer stands in a new cell above it.
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
            answer = nbformat.v4.new_code_cell(cell.source)
            stub = nbformat.v4.new_raw_cell(stubs["inception_module"], metadata=copy.deepcopy(cell.metadata), id=cell.id)
            notebook.cells[number : number + 1] = [answer, stub]
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
