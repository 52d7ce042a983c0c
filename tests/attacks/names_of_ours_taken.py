"""The student's variables are called like modules and built-ins: list, len, keras, layers, np, print, x.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
list, len, str, dict, range, print, sum, min, max, id, type, open, input = 1, 2, "3", {}, (), None, 7, 8, 9, 10, 11, 12, 13
x = y = answer = given = notebook = fit = question = None
