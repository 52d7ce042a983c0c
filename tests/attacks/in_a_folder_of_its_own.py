"""The notebook lies one folder too deep, as a zip unpacks it.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["missing", "unreadable", "graded"]
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    (folder / name).mkdir()
    (folder / "__MACOSX").mkdir()
    nbformat.write(notebook, folder / name / f"{name}.ipynb")
    (folder / "__MACOSX" / f"._{name}.ipynb").write_bytes(b"\x00\x05\x16\x07")
