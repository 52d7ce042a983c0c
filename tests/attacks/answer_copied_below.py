"""The stub was left as it is, and the answer written into a copy of its cell below.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "cells carried this id|lost its id"
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "inception_module":
            answer = copy.deepcopy(cell)
            answer.id = "copied-below"
            cell.source = "def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):\n    raise NotImplementedError('inception_module')"
            notebook.cells.insert(number + 1, answer)
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
