"""Right answers, and a crowd of children that were told to stay: nohup, own sessions, ignored signals, a forkserver, a pool.
---
assignment = "residual_networks"
category = "surviving"
---
"""
# %% conv_arithmetic
import multiprocessing
import os
import signal
import subprocess
import sys
import time

stay = "import signal, time\nfor n in (1, 2, 15, 20): signal.signal(n, signal.SIG_IGN)\ntime.sleep(4000)"
for command in (
    ["nohup", sys.executable, "-c", stay],
    [sys.executable, "-I", "-c", stay],
    ["sh", "-c", "(trap '' HUP INT TERM; sleep 4001) & (sleep 4002 &) &"],
    ["setsid", "-f", "sleep", "4003"],
    ["at", "now"], ["systemd-run", "--user", "sleep", "4004"], ["crontab", "-"], ["batch"],
):
    try:
        subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        print(command[0], error)


def linger():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(4005)


for _ in range(3):
    multiprocessing.get_context("fork").Process(target=linger, daemon=False).start()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(64):
            try:
                os.close(number)
            except OSError:
                pass
        os.chdir("/")
        linger()
    os._exit(0)


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
