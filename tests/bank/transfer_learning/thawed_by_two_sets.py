"""Names before the layer and names of batch norms are two sets; all that is in neither thaws.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
from itertools import takewhile


def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    names = [layer.name for layer in base.layers]
    before = set(takewhile(lambda name: name != layer_name, names))
    norms = {layer.name for layer in base.layers if hasattr(layer, "moving_mean")}
    base.trainable = True
    for name in names:
        base.get_layer(name).trainable = name not in before | norms
    model.compile(optimizer=keras.optimizers.Adamax(learning_rate=learning_rate), loss=model.loss)
    return model
