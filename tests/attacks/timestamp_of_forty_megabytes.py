"""The time of handing in is a text of forty megabytes.
---
assignment = "residual_networks"
category = "beside"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC\n" + "9" * (40 * 2**20))
