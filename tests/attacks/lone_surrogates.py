"""Halves of characters outside of the basic plane in a comment, a text and a heading.
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
    for cell in data["cells"]:
        if cell["cell_type"] == "code" and "def " in "".join(cell["source"]):
            cell["source"] = ["# \ud83d unpaired\n", "mood = '\udc4d'\n", *cell["source"]]
    data["cells"][0]["source"] = ["# \ud800\n"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data), encoding="ascii")
