"""An execution count of a million digits.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "digits"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    text = nbformat.writes(notebook).replace('"execution_count": null', '"execution_count": ' + "9" * 1_000_000, 1)
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
