"""A Python script with marks for cells was called a notebook.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not JSON: line 1"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (folder / f"{name}.ipynb").write_text("\n\n#%%\n".join(cells), encoding="utf-8")
