"""The error's text, class name and arguments are code that runs when somebody looks at them.
---
assignment = "residual_networks"
category = "escaping"
allowed_status = ["graded", "crashed"]
[score]
inception_module = 0.0
---
"""
# %% inception_module
import os


class Hostile(type):
    @property
    def __name__(cls):
        os._exit(3)


class Trap(BaseException, metaclass=Hostile):
    def __str__(self):
        os._exit(4)

    __repr__ = __str__

    def __getattribute__(self, name):
        os._exit(5)


def inception_module(*args):
    raise Trap
