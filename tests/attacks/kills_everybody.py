"""Sends SIGKILL to all processes that there are, to process 1 and to every group, by every call that can.
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

if os.fork() == 0:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGSTOP, signal.SIGKILL):
        for target in (1, *(int(name) for name in os.listdir("/proc") if name.isdigit())):
            if target not in (os.getpid(), os.getppid()):
                try:
                    os.kill(target, number)
                except OSError:
                    pass
                try:
                    signal.pidfd_send_signal(os.pidfd_open(target), number)
                except OSError:
                    pass
    try:
        os.kill(-1, signal.SIGKILL)
    finally:
        os._exit(0)
os.wait()
os.kill(-1, signal.SIGKILL)
