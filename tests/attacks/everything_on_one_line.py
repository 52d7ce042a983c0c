"""The file is one line of nine hundred kilobytes, with every character that is not plain written as a number.
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
    data["metadata"]["history"] = ["\u00fc" * 60] * 2_500
    (folder / f"{name}.ipynb").write_text(json.dumps(data, ensure_ascii=True, separators=(",", ":")), encoding="ascii")
