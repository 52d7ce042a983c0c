"""The notebook says that it is of format 5.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "nbformat 5"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    data.update(nbformat=5, nbformat_minor=0)
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
