"""All cells have the same id, as after a script that copied them.
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
        cell["id"] = data["cells"][7]["id"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
