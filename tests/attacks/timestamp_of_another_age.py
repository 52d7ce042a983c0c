"""The time of handing in lies in the year 1, without a time zone, and in the file's own times in the far future.
---
assignment = "residual_networks"
category = "beside"
---
"""
# %% (hand in)
import os

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text("0001-01-01 00:00:00\n")
    os.utime(folder / f"{name}.ipynb", (4e9, 4e9))
