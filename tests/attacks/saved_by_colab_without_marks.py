"""As Colab saves it when the cells were copied into a new notebook: nothing of nbgrader's is left, text cells are merged.
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
    cells = []
    for number, cell in enumerate(data["cells"]):
        cell.pop("id")
        cell["metadata"] = {"id": f"aBcD{number:08}"}
        if cells and cell["cell_type"] == cells[-1]["cell_type"] == "markdown":
            cells[-1]["source"] += ["\n", "\n", *cell["source"]]
        else:
            cells.append(cell)
    data.update(cells=cells, metadata={"colab": {"name": "Untitled7.ipynb"}}, nbformat_minor=0)
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
