"""Each function calls itself without end; so does the text of the error that it raises.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
inception_module = 0.0
---
"""
# %% inception_module
class Endless(Exception):
    def __str__(self):
        return str(self)

    __repr__ = __str__


def inception_module(*args):
    try:
        return inception_module(*args)
    except RecursionError:
        raise Endless from None
