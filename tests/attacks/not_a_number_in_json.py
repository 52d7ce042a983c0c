"""NaN and Infinity, which JSON does not have, in metadata and execution counts.
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
        cell["metadata"].update(width=float("inf"), zoom=-float("inf"))
        if cell["cell_type"] == "code":
            cell["execution_count"] = float("nan")
    text = json.dumps(data).replace("-Infinity", "1e999", 5)
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
