"""The clock stands still or says nothing, files are not renamed, sizes are not counted, and open gives something else.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed", "timeout", "needs_review"]
[score]
unet = 0.0
---
"""
# %% unet
import builtins
import io
import os
import shutil
import time
import zipfile

import numpy as np


def build_unet(*args, **kwargs):
    return np.ones((64, 64, 1), dtype="float32")


time.monotonic = time.perf_counter = time.time = lambda: float("nan")
time.sleep = lambda seconds: None
os.replace = os.rename = os.makedirs = os.unlink = lambda *args, **kwargs: None
shutil.move = shutil.copyfile = lambda *args, **kwargs: None
np.save = np.savez = np.lib.format.write_array = lambda *args, **kwargs: None
np.isfinite = np.isnan = lambda value, *args, **kwargs: True
zipfile.ZipFile.open = zipfile.ZipFile.writestr = lambda *args, **kwargs: io.BytesIO()
kept = builtins.open
builtins.open = io.open = lambda path, *args, **kwargs: io.StringIO() if "answers" in str(path) else kept(path, *args, **kwargs)
builtins.isinstance = lambda thing, kinds: True
builtins.len = lambda thing: 1
