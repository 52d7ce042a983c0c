"""The end of the notebook is missing, as after a broken upload.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "line \\d+"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    text = nbformat.writes(notebook)
    (folder / f"{name}.ipynb").write_text(text[: len(text) // 2], encoding="utf-8")
