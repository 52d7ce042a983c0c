"""Right answers; at the end every destructor, exit function, thread and signal handler sleeps for an hour.
---
assignment = "residual_networks"
category = "surviving"
---
"""
# %% conv_arithmetic
import atexit
import gc
import signal
import sys
import threading
import time
import weakref


def sleep(*args):
    until = time.monotonic() + 3600
    while time.monotonic() < until:
        try:
            time.sleep(3600)
        except BaseException:
            pass


class Sleeper:
    def __del__(self):
        sleep()


sleeper = Sleeper()
sleeper.itself = sleeper
weakref.finalize(sys.modules["json"], sleep)
atexit.register(sleep)
sys.unraisablehook = threading.excepthook = sleep
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
    signal.signal(number, sleep)
for _ in range(20):
    threading.Thread(target=sleep, daemon=False).start()


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
