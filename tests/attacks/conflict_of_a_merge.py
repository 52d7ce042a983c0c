"""Git could not merge two versions and left its marks in the middle of the file.
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
    lines = nbformat.writes(notebook).splitlines()
    half = len(lines) // 2
    lines[half:half] = ["<<<<<<< HEAD", *lines[half : half + 3], "=======", *lines[half : half + 3], ">>>>>>> mine"]
    (folder / f"{name}.ipynb").write_text("\n".join(lines), encoding="utf-8")
