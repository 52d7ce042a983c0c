"""A cell at the top moves to another folder, sets another backend and takes all colours and warnings seriously.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
import os
import sys
import warnings

os.chdir("/")
os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
sys.path[:0] = ["/content/drive/MyDrive", ".."]
sys.setrecursionlimit(200)
warnings.simplefilter("error")
