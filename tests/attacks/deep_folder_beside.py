"""A folder in a folder beside the notebook, nine hundred deep, with a long name each, so that no path reaches its end.
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
    here = os.open(folder, os.O_RDONLY)
    for _ in range(900):
        os.mkdir("a_rather_long_name", dir_fd=here)
        there = os.open("a_rather_long_name", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(os.open("end.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
