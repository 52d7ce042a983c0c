"""A solution cell was turned into text, another into a raw cell, by a slip on the keys y, m and r.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "had become a (markdown|raw) cell"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        kind = {"inception_module": "markdown", "conv_arithmetic": "raw"}.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if kind:
            cell.cell_type = kind
            del cell["outputs"], cell["execution_count"]
    nbformat.write(notebook, folder / f"{name}.ipynb")
