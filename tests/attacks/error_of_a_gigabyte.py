"""An error whose text has half a gigabyte, with a cause whose cause is itself, raised a thousand calls deep.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed", "out_of_memory", "timeout"]
[score]
inception_module = 0.0
---
"""
# %% inception_module
def inception_module(*args, depth=0):
    if depth < 900:
        return inception_module(*args, depth=depth + 1)
    error = ValueError("x" * (500 * 2**20))
    cause = KeyError("y" * 2**20)
    cause.__cause__ = cause.__context__ = error
    raise error from cause


inception_module()
