"""A hundred and twenty megabytes of outputs, most of them in one cell, before and behind its source.
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
    code = [cell for cell in data["cells"] if cell["cell_type"] == "code"]
    code[5]["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "WARNING: retracing \\\" { [ \n" * 3_000_000}]
    code[1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"text/html": "<div>" * 6_000_000}}]
    data["cells"][data["cells"].index(code[5])] = dict(sorted(code[5].items()))
    (folder / f"{name}.ipynb").write_text(json.dumps(data), encoding="utf-8")
