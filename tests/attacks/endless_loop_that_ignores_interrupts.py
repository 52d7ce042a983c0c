"""An endless loop that ignores SIGINT and SIGTERM and catches KeyboardInterrupt.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout"]
[score]
unet = 0.0
---
"""
# %% unet
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
