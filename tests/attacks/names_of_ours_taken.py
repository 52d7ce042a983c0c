"""The student's variables are called like built-ins and like names that graders use, which no answer needs.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
list, str, dict, print, sum, min, max, id, type, open, input, isinstance = range(12)
x = y = answer = given = notebook = fit = question = scope = inputs = model = None
