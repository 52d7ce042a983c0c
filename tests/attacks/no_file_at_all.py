"""Nothing was handed in but the folder.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["missing", "unreadable"]
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / "readme.txt").write_text("I could not find the notebook.\n")
