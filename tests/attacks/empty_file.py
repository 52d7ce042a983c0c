"""The notebook has no bytes at all.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "empty"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").touch()
