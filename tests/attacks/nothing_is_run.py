"""The cell is switched off by a magic that runs it in a program that does nothing, so that nothing in it can fail.
---
assignment = "residual_networks"
category = "forging"
hint_should_mention = "does not run here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
%%script --no-raise-error false
def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
