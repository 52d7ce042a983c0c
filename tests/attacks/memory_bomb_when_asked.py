"""The cell is peaceful; each function takes all the memory that there is when a grader calls it.
---
assignment = "residual_networks"
category = "exhausting"
incident_should_mention = "memory"
allowed_status = ["graded", "out_of_memory", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(*args):
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * 2**26))


conv_params = separable_conv_params = output_size
