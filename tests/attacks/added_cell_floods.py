"""A cell at the top prints without end; all the rest is right.
---
assignment = "residual_networks"
category = "exhausting"
hint_should_mention = "added|of your own|your own|output"
---
"""
# %% (added)
while True:
    print("still here" * 1000)
