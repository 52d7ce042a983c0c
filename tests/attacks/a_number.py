"""The notebook is the number 42.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "found a number"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_text("42\n")
