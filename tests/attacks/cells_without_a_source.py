"""Cells whose source is nothing or is not there, among the others.
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
    data["cells"][1:1] = [{"cell_type": "code", "source": None, "metadata": {}, "outputs": []}, {"cell_type": "markdown"}, {}]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
