"""Four thousand small files beside the notebook, half of them in folders.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "files"
hint_should_mention = "files"
---
"""
# %% (hand in)
import os

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for group in ("", "images/", "images/more/", ".hidden/"):
        (folder / group).mkdir(exist_ok=True)
        for number in range(1_000):
            os.close(os.open(folder / f"{group}{number}.png", os.O_CREAT | os.O_WRONLY))
