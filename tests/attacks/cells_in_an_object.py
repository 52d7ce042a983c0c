"""The cells are an object, by number.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "list of «cells», found an object"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    data["cells"] = {str(number): cell for number, cell in enumerate(data["cells"])}
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
