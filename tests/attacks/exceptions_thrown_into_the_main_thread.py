"""A thread throws exceptions into the main thread, a new one each third of a second, whatever it is doing.
---
assignment = "residual_networks"
category = "surviving"
allowed_status = ["graded", "needs_review", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import ctypes
import threading
import time

main = threading.get_ident()


def throw():
    time.sleep(1)
    while True:
        time.sleep(0.3)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(ValueError))


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out


threading.Thread(target=throw, daemon=True).start()
