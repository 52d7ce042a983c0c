"""Notebook and folder may be read and not be written.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "data").mkdir()
    (folder / "data" / "notes.txt").write_text("x")
    for path in (folder / f"{name}.ipynb", folder / "data" / "notes.txt"):
        path.chmod(0o444)
    (folder / "data").chmod(0o555)
