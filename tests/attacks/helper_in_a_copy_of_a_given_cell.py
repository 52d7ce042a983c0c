"""A given cell was copied, and the copy, which keeps its marks, holds a helper that the answer calls; the given cell is as it was.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import copy

import nbformat


def hand_in(folder, name, notebook):
    for number, cell in enumerate(list(notebook.cells)):
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        if task == "inception_module_drawing":
            mine = copy.deepcopy(cell)
            mine.id = "a-copy"
            mine.source = "def conv_of_mine(tensor, filters, kernel):\n    return layers.Conv2D(filters, kernel, padding='same', activation='relu')(tensor)"
            notebook.cells.insert(number + 1, mine)
        if task == "inception_module":
            cell.source = cell.source.replace("return layers.Conv2D(filters, kernel, padding=\"same\", activation=\"relu\")(tensor)", "return conv_of_mine(tensor, filters, kernel)")
    nbformat.write(notebook, folder / f"{name}.ipynb")
