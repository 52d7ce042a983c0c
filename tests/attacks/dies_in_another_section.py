"""A timer ends the process some seconds later, when another task is being worked on.
---
assignment = "residual_networks"
category = "surviving"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os
import threading

threading.Timer(4, os._exit, (0,)).start()


def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
