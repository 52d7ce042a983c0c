"""The headings and explanations became code cells, so that each of them is a syntax error.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader"):
            cell.cell_type, cell["outputs"], cell["execution_count"] = "code", [], None
    nbformat.write(notebook, folder / f"{name}.ipynb")
