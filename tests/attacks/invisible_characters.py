"""A byte order mark at the start of a cell and blanks of no width between its words.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|non-printable|invalid"
[score]
inception_module = [0.0, 1.0]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        if task == "conv_arithmetic":
            cell.source = "\ufeff" + cell.source
        if task == "inception_module":
            cell.source = cell.source.replace("return ", "return \u200b")
    nbformat.write(notebook, folder / f"{name}.ipynb")
