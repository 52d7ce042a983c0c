"""The notebook was saved as Latin 1, with letters in a comment that are no ASCII.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not UTF-8: line \\d+, column \\d+"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    notebook.cells[-1].source = "# gr\u00f6\u00dfer als n\u00f6tig"
    text = nbformat.writes(notebook).encode("latin-1", "replace")
    (folder / f"{name}.ipynb").write_bytes(text)
