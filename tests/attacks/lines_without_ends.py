"""The source is a list of lines that have lost their ends, as one converter writes it.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|syntax|line"
[score]
inception_module = [0.0, 1.0]
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    for cell in data["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "inception_module":
            cell["source"] = "".join(cell["source"]).split("\n")
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
