"""The notebook is a named pipe that nobody writes to.
---
assignment = "residual_networks"
category = "beside"
allowed_status = ["unreadable"]
hint_should_mention = "not a file|pipe"
---
"""
# %% (hand in)
import os


def hand_in(folder, name, notebook):
    os.mkfifo(folder / f"{name}.ipynb")
