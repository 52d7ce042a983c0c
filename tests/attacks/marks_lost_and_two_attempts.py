"""As Colab saves copied cells, without marks; a first attempt, which is wrong, stands above the second, which is right.
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
    cells = []
    for number, cell in enumerate(data["cells"]):
        first = cell["metadata"].get("nbgrader", {}).get("grade_id") == "inception_module"
        if first:
            cells.append({"cell_type": "code", "metadata": {"id": "first"}, "outputs": [], "execution_count": 3,
                          "source": "def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):\n    return layers.Conv2D(f1, 1)(x)"})
        cell.pop("id")
        cell["metadata"] = {"id": f"aBcD{number:08}"}
        cells.append(cell)
    data.update(cells=cells, metadata={"colab": {"name": "Untitled7.ipynb"}}, nbformat_minor=0)
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
