"""Metadata are a list, a text or nothing, and those of nbgrader a number, a list or of the wrong types.
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
    strange = [[], "metadata", None, 0, {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 7}}, {"nbgrader": {"grade_id": ["unet"]}}]
    for number, cell in enumerate(data["cells"]):
        cell["metadata"] = strange[number % len(strange)]
    data["metadata"] = "none"
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
