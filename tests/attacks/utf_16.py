"""The notebook was saved as UTF-16, as an editor on Windows offers.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "UTF-16"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-16")
