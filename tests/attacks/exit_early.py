"""SystemExit in the first task: what never runs can't fail.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import sys

print("all tests passed")
exit(0)
sys.exit(0)
