"""Two thousand small files beside the notebook, most of them in folders.
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
    for group in ("", "images/", "images/more/"):
        (folder / group).mkdir(exist_ok=True)
        for number in range(700):
            os.close(os.open(folder / f"{group}{number}.png", os.O_CREAT | os.O_WRONLY))
