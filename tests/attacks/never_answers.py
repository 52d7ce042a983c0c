"""The function never returns, and sleeps instead of working, so no CPU limit ever strikes.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout"]
[score]
inception_module = 0.0
---
"""
# %% inception_module
import time


def inception_module(*args):
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
