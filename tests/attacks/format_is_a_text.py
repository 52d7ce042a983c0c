"""The number of the format is a text, and the minor one a fraction.
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
    data.update(nbformat="4", nbformat_minor=4.5)
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
