"""Sends SIGSTOP and SIGKILL to whoever started it, and then to its whole process group.
---
assignment = "residual_networks"
category = "escaping"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os
import signal

for target in (os.getppid(), 0):
    for number in (signal.SIGSTOP, signal.SIGKILL) if target > 1 else (signal.SIGKILL,):
        try:
            os.kill(target, number)
        except OSError as error:
            print(target, error)
