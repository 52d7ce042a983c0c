"""A first attempt, which is wrong, was kept; the second stands in a copy of its cell below, as it was run last.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "cells carried this id"
[score]
inception_module = [0.0, 1.0]
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "inception_module":
            second = copy.deepcopy(cell)
            second.id = "second-attempt"
            cell.source = "def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):\n    return layers.Conv2D(f1, 1)(x)"
            notebook.cells.insert(number + 1, second)
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
