"""The solution cell was copied to write notes: the copy above is a text cell with a sketch of the function in it; the answer is right.
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
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv_arithmetic":
            old = nbformat.v4.new_markdown_cell("My plan:\n\n```python\ndef output_size(size, kernel, stride, padding):\n    ...  # same: round up\n```\n\nand the same for `conv_params`.")
            old.metadata = copy.deepcopy(cell.metadata)
            notebook.cells.insert(number, old)
            break
    nbformat.write(notebook, folder / f"{name}.ipynb")
