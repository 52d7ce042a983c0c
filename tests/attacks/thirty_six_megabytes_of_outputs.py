"""Thirty-six megabytes of pictures and printed lines in the outputs, as a long training leaves them.
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
    line = "Epoch 1/4 \u2501\u2501\u2501 loss: 0.123\b\b\b\r" * 2_000
    for cell in [cell for cell in data["cells"] if cell["cell_type"] == "code"][:18]:
        cell["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": [line] * 10},
            {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 110_000, "text/plain": "<Figure>"}},
        ]
    (folder / f"{name}.ipynb").write_text(json.dumps(data), encoding="utf-8")
