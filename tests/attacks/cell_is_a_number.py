"""One of the cells is a number, another is nothing.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "cell \\d+ is"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    data["cells"][3:3] = [7, None]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
