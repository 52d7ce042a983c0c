"""No cell says what kind it is.
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
        del cell["cell_type"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
