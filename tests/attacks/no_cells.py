"""An object of JSON that has all that a notebook has but the cells.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "list of «cells»"
---
"""
# %% (hand in)
import json


def hand_in(folder, name, notebook):
    data = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
