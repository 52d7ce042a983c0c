"""The notebook is the list of its cells.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "found a list"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_text(json.dumps(json.loads(nbformat.writes(notebook))["cells"]))
