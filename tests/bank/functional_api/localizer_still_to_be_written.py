"""The localizer is still to be written where it is to be trained: blocked, not None.
---
assignment = "functional_api"
hint_should_mention = 'waits for «localizer»'
[score]
train_localizer = 0.0
localizer = 0.0
---
"""
# %% train_localizer
trained_localizer = None
trained_localizer = build_localizer((64, 64, 3), 6)
# %% localizer
def build_localizer(image_shape, num_classes):
    raise NotImplementedError("localizer")

def compile_localizer(model):
    raise NotImplementedError("localizer")
