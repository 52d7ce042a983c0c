"""Two imports were added to the given imports at the top, where everybody adds them, and the answers use them.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "setup: this cell is given.*the imports that you added run behind it"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        if task == "setup":
            cell.source = "from functools import partial\nimport tensorflow as tf\n" + cell.source
        if task == "inception_module":
            cell.source = cell.source.replace("layers.Conv2D(filters, kernel, padding=\"same\", activation=\"relu\")(tensor)", "partial(layers.Conv2D, padding=\"same\", activation=\"relu\")(filters, kernel)(tensor)")
            assert "partial" in cell.source
    nbformat.write(notebook, folder / f"{name}.ipynb")
