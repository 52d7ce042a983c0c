"""Opens files until no more can be opened, keeps them all, and lowers the limit for good.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import resource

def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
hoard = []
try:
    while True:
        hoard.append(open("/dev/null"))
except OSError as error:
    print(len(hoard), error)
resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
