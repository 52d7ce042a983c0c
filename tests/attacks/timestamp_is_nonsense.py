"""The time of handing in is no text at all, with a script in it.
---
assignment = "residual_networks"
category = "beside"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_bytes(b"\xff\xfe<script>alert(1)</script>\x00yesterday, half past 25\n\x1b[2J")
