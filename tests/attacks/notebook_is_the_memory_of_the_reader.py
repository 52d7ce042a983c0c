"""The notebook is a link to the reader's own memory, its input or its environment.
---
assignment = "residual_networks"
category = "beside"
allowed_status = ["unreadable"]
hint_should_mention = "link"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").symlink_to("/proc/self/fd/0")
    (folder / "memory.db").symlink_to("/proc/self/mem")
