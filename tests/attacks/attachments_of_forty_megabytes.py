"""Photographs pasted into the text: forty megabytes of attachments.
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
    words = [cell for cell in data["cells"] if cell["cell_type"] == "markdown"]
    for number, cell in enumerate(words[:8]):
        cell["attachments"] = {f"photo{number}.jpg": {"image/jpeg": "/9j/4AAQSkZJRg" * 380_000}}
    (folder / f"{name}.ipynb").write_text(json.dumps(data), encoding="utf-8")
