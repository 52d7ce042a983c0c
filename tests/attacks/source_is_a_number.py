"""The source of one cell is a number.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "source of cell \\d+"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    data["cells"][2]["source"] = 3.5
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
