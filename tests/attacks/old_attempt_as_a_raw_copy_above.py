"""The first, wrong attempt was put out of action: its cell was copied, and the copy above made a raw one; the answer below is right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "inception_module":
            old = nbformat.v4.new_raw_cell("def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):\n    return layers.Conv2D(f1, 1)(x)")
            old.metadata = copy.deepcopy(cell.metadata)
            notebook.cells.insert(number, old)
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
