"""Three bytes before the first bracket, as some editors write them.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8-sig")
