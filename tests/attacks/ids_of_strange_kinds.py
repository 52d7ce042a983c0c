"""The ids of the cells are numbers, lists, nothing, very long, empty, or full of blanks and slashes.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    strange = [7, [], None, "x" * 10_000, "", "a b/../c", "<b>", {"id": 1}, True, "\u00e9\n"]
    for number, cell in enumerate(data["cells"]):
        cell["id"] = strange[number % len(strange)]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
