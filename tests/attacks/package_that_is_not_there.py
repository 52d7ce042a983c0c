"""One task imports a package that this course does not have.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "No module named 'torch'|torch"
[score]
inception_module = 0.0
---
"""
# %% inception_module
import torch


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    return torch.nn.Conv2d(f1, 1)(x)
