"""A tool has removed metadata and ids, so that nothing says which cell is which but what stands in it.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "lost its id"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    for cell in data["cells"]:
        cell.pop("metadata"), cell.pop("id", None)
    data["nbformat_minor"] = 2
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
