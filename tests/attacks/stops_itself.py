"""Sends itself SIGSTOP: the process is there, and does nothing, and uses no time.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout", "crashed"]
[score]
unet = 0.0
---
"""
# %% unet
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
