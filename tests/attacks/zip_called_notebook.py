"""A zip with the notebook in it was called a notebook.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "UTF-8|zip"
---
"""
# %% (hand in)
import zipfile

import nbformat


def hand_in(folder, name, notebook):
    with zipfile.ZipFile(folder / f"{name}.ipynb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.ipynb", nbformat.writes(notebook))
