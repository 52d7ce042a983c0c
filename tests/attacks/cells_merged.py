"""Two solution cells and what lies between them were merged into one.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "separable_block: your cell was missing; what it is to define stands in another"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    first, last = names.index("residual_network"), names.index("separable_block")
    group = notebook.cells[first : last + 1]
    group[0].source = "\n\n".join(cell.source for cell in group if cell.cell_type == "code")
    notebook.cells[first : last + 1] = group[:1]
    nbformat.write(notebook, folder / f"{name}.ipynb")
