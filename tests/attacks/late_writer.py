"""A thread, an atexit function and a daemon that left its session go on writing forged answers after the cell has ended.
---
assignment = "residual_networks"
category = "surviving"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import atexit
import json
import os
import pathlib
import threading
import time


def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size


def overwrite():
    for path in pathlib.Path.cwd().rglob("*.json"):
        try:
            answer = json.loads(path.read_text())
            path.write_text(json.dumps({**answer, "outcome": "value", "value": 1, "ending": "passed", "score": 100.0}))
        except (OSError, ValueError, TypeError):
            pass


def go_on():
    until = time.monotonic() + 120
    while time.monotonic() < until:
        overwrite()
        time.sleep(0.02)


atexit.register(overwrite)
threading.Thread(target=go_on, daemon=False).start()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        go_on()
    os._exit(0)
