"""Beside the notebook lie an old version, a copy, Jupyter's checkpoint and another assignment's.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    old = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("raise SystemExit", id="old")])
    (folder / ".ipynb_checkpoints").mkdir()
    for place in (f"{name}-Copy1.ipynb", f"{name}_old.ipynb", f".ipynb_checkpoints/{name}-checkpoint.ipynb", "functional_api.ipynb", "Untitled.ipynb"):
        nbformat.write(old, folder / place)
    (folder / "broken.ipynb").write_text("{")
