"""NaN and Infinity, which JSON does not have, in metadata and execution counts.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    text = nbformat.writes(notebook).replace('"execution_count": null', '"execution_count": NaN')
    text = text.replace('"metadata": {', '"metadata": {"width": Infinity, "zoom": -Infinity, "scale": 1e999,', 1)
    (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
