"""The notebook does not say which format it is of.
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
    del data["nbformat"], data["nbformat_minor"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
