"""A tool has removed the metadata of the notebook and of all cells; their ids are left.
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
        del cell["metadata"]
    del data["metadata"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
