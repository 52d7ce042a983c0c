"""The notebook is a link to the one that somebody else has handed in.
---
assignment = "residual_networks"
category = "beside"
allowed_status = ["unreadable"]
hint_should_mention = "link"
incident_should_mention = "link"
---
"""
# %% (hand in)
import os


def hand_in(folder, name, notebook):
    others = sorted(path for path in folder.parent.parent.glob(f"*/{name}/{name}.ipynb") if path.parent != folder)
    target = others[0] if others else folder.parent.parent.parent / "source" / name / f"{name}.ipynb"
    (folder / f"{name}.ipynb").symlink_to(os.path.relpath(target, folder))
