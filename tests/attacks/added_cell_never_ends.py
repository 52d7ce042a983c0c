"""A cell at the top waits for ever, as those do that keep a session alive; all the rest is right.
---
assignment = "residual_networks"
category = "exhausting"
hint_should_mention = "added|of your own|your own"
---
"""
# %% (added)
import time

while True:
    time.sleep(60)
