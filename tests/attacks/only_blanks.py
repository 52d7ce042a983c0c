"""The notebook is some spaces and line ends.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "empty"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_bytes(b" \t\r\n" * 1000)
