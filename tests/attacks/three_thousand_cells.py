"""Three thousand cells, nearly all of them one line that was tried out.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "cells"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells += [nbformat.v4.new_code_cell(f"x = {number}", id=f"try-{number}") for number in range(3_000)]
    nbformat.write(notebook, folder / f"{name}.ipynb")
