"""A text in three quotes begins and does not end.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|unterminated"
[score]
separable_block = 0.0
mini_xception = [0.0, 0.99]
---
"""
# %% separable_block
def separable_residual_block(x, filters):
    '''Two separable convolutions.
    return x
