"""Outputs are a text, a number, an object, missing, or lists of what is no output; execution counts are texts.
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
    strange = ["", 7, {}, None, [None], [[]], [{}], [{"output_type": "nothing"}], [{"output_type": "stream", "text": 5}], [{"output_type": "display_data", "data": []}]]
    for number, cell in enumerate(data["cells"]):
        if cell["cell_type"] == "code":
            cell["outputs"] = strange[number % len(strange)]
            cell["execution_count"] = ["In [7]", -1, 2.5, True, [], {}][number % 6]
            if number % 7 == 0:
                del cell["outputs"], cell["execution_count"]
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
