"""The student has changed the imports, the seeds and the checks, to see what happens.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "your change to it was undone"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("locked") and cell.cell_type == "code":
            cell.source = "# " + cell.source.replace("\n", "\n# ") + "\nprint('was here')"
    nbformat.write(notebook, folder / f"{name}.ipynb")
