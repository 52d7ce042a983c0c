"""The notebook is a sentence.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not JSON: line 1"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_text("I have done all tasks, see my e-mail.\n")
