"""Named pipes beside the notebook and in a folder there: whoever reads one waits for ever.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "pipe|special|file"
---
"""
# %% (hand in)
import os

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "data").mkdir()
    for place in ("data.csv", "timestamp.txt", "data/numbers.npy", "helper.py"):
        os.mkfifo(folder / place)
