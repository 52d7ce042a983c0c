"""Puts modules of its own into sys.modules in place of json, zipfile, h5py, Keras and the questioner's own.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed", "needs_review"]
[score]
unet = 0.0
---
"""
# %% unet
import importlib.abc
import sys
import types


def build_unet(*args, **kwargs):
    return None


class Anything(types.ModuleType):
    def __getattr__(self, name):
        return lambda *args, **kwargs: {"outcome": "value", "value": 1, "score": 100.0}


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        sys.modules[name] = Anything(name)
        return None


for name in list(sys.modules):
    if name.partition(".")[0] in ("json", "zipfile", "h5py", "labkit", "pickle") or "autograder" in name:
        sys.modules[name] = Anything(name)
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: Finder())
sys.path_importer_cache.clear()
