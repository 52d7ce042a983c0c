"""A hundred thousand lists in one another in the metadata.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable", "graded"]
hint_should_mention = "nested"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.metadata["deep"] = "HERE"
    text = nbformat.writes(notebook).replace('"HERE"', "[" * 100_000 + "]" * 100_000)
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
