"""The notebook is of format 3, with worksheets, inputs and heading cells.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import warnings

import nbformat


def hand_in(folder, name, notebook):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = nbformat.convert(notebook, 3)
    (folder / f"{name}.ipynb").write_text(nbformat.v3.writes_json(old), encoding="utf-8")
