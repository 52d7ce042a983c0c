"""The kinds of the cells are written otherwise: in capitals, in another language, as a number.
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
    for number, cell in enumerate(data["cells"]):
        kind = cell["cell_type"]
        cell["cell_type"] = [kind.upper(), {"code": "python", "markdown": "Text"}.get(kind, kind), number, None][number % 4]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
