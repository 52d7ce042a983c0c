"""A cell at the top takes memory until there is none; all the rest is right.
---
assignment = "residual_networks"
category = "exhausting"
incident_should_mention = "memory"
hint_should_mention = "added|of your own|your own"
---
"""
# %% (added)
hoard = []
while True:
    hoard.append(bytearray(b"x" * 2**26))
