"""Compiled again with the rate from before.
---
assignment = "transfer_learning"
hint_should_mention = 'learning_rate'
[score]
unfreeze_top = [0.9, 0.93]
[misconception]
unfreeze_top = "rate_as_before"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(5e-3), loss=model.loss, metrics=["accuracy"])
    return model
