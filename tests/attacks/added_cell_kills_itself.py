"""A cell at the top sends itself SIGKILL; all the rest is right.
---
assignment = "residual_networks"
category = "exhausting"
hint_should_mention = "added|of your own|your own"
---
"""
# %% (added)
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
