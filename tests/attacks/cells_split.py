"""Each solution cell was split in the middle of a line end; both halves keep the id of the whole.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "cells carried this id"
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv_arithmetic":
            first, mark, rest = cell.source.partition("def conv_params")
            cell.source = first
            half = copy.deepcopy(cell)
            half.source, half.id = mark + rest, "second-half"
            cells.append(half)
    notebook.cells = cells
    nbformat.write(notebook, folder / f"{name}.ipynb")
