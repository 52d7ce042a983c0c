"""The second half of the notebook is zeros, as after a full disk.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not JSON: line \\d+"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    text = nbformat.writes(notebook).encode()
    half = len(text) // 2
    (folder / f"{name}.ipynb").write_bytes(text[:half] + bytes(len(text) - half))
